"""The search over everything: which kinds a person finds, and in which order."""

import pytest
from django.db.models import QuerySet

from ipms.admin import finder
from ipms.admin.finder import Hit, Source
from ipms.admin.site import IpmsAdminSite
from ipms.models import ExchangeRate, JobRun

pytestmark = pytest.mark.django_db


class Runs(Source):
    model = JobRun
    order = 20

    def named(self, text: str) -> QuerySet:
        return JobRun.objects.filter(name=text)

    def search(self, text: str) -> QuerySet:
        return JobRun.objects.filter(name__startswith=text).order_by("name")

    def hit(self, run):
        return Hit(code=run.name)


class Rates(Runs):
    model = ExchangeRate
    order = 10


@pytest.fixture
def request_of(rf):
    def ask(user, **headers):
        request = rf.get("/admin/search/", **headers)
        request.user = user
        return request

    return ask


def test_sources_stand_in_their_order():
    back_office = IpmsAdminSite()
    back_office.register_source(Runs)
    back_office.register_source(Rates)

    assert [source.model for source in back_office.sources] == [ExchangeRate, JobRun]


def test_a_source_is_asked_only_for_those_who_may_see_its_records(
    request_of, staff, admin, django_assert_num_queries
):
    staff.has_perm("ipms.view_jobrun")  # so that the rights are known

    with django_assert_num_queries(0):
        assert finder.find([Runs()], request_of(staff), "night", limit=8) == []
        assert finder.only_exact([Runs()], request_of(staff), "night") is None


@pytest.mark.parametrize(
    ("scanned", "opened"),
    [
        ("http://testserver/admin/inventory/item/7/change/", "/admin/inventory/item/7/change/"),
        ("http://localhost:5000/admin/inventory/lot/7/change/", "/admin/inventory/lot/7/change/"),
        ("http://testserver/api/items", None),
        ("http://testserver/admin/", None),
        ("http://elsewhere.example/admin/inventory/item/7/change/", None),
        ("http://testserver@elsewhere.example/admin/inventory/item/7/change/", None),
        ("http://testserver/admin/../../elsewhere", None),
        ("javascript:alert(1)", None),
        ("/admin/inventory/item/7/change/", None),
    ],
)
def test_scanned_address_of_a_page_is_opened_and_no_other(request_of, admin, settings, scanned, opened):
    settings.SITE_URL = "http://localhost:5000"

    assert finder.address_in(scanned, request_of(admin)) == opened
