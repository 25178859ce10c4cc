"""Pages without a model: who sees them, and where the sidebar has them."""

import pytest
from django.contrib.admin import site
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ImproperlyConfigured, PermissionDenied
from django.http import HttpResponse

from ipms.admin import navigation
from ipms.admin.pages import Page
from ipms.admin.site import IpmsAdminSite

pytestmark = pytest.mark.django_db


def boiler_room(**how):
    return Page(
        name="boiler",
        route="boiler/",
        label="Boiler room",
        permission="ipms.view_sitesettings",
        view=lambda request: HttpResponse("warm"),
        **how,
    )


def open_page(back_office, rf, user):
    (route,) = [route for route in back_office.get_urls() if route.name == "boiler"]
    request = rf.get("/admin/boiler/")
    request.user = user
    return route.callback(request)


def test_a_page_opens_for_those_who_have_its_permission(rf, admin, staff):
    back_office = IpmsAdminSite()
    back_office.register_page(boiler_room())

    assert open_page(back_office, rf, admin).content == b"warm"
    with pytest.raises(PermissionDenied):
        open_page(back_office, rf, staff)


def test_a_page_sends_strangers_to_the_login(rf):
    back_office = IpmsAdminSite()
    back_office.register_page(boiler_room())

    assert open_page(back_office, rf, AnonymousUser()).url.startswith("/admin/login/")


def test_a_page_stands_above_the_models_of_its_section(rf, admin):
    request = rf.get("/admin/")
    request.user = admin
    page = Page(name="index", route="", label="Boiler room", section="system", view=lambda request: None)

    told = navigation.sections(site.get_app_list(request), "/admin/", pages=[page])

    system = next(entry for entry in told if entry["section"].key == "system")
    assert system["models"][0]["name"] == "Boiler room"
    assert system["is_current"]


def test_a_page_names_a_section_that_is_there():
    with pytest.raises(ImproperlyConfigured, match="cellar"):
        IpmsAdminSite().register_page(boiler_room(section="cellar"))
