"""What a page may load and do is written in its headers, whatever kind of answer it is."""

import pytest
from django.test import Client

from ipms.testing.back_office import enter

ANSWERS = {
    "login": "/admin/login/",
    "first page": "/admin/",
    "list": "/admin/inventory/item/",
    "form": "/admin/inventory/item/add/",
    "nothing at this address": "/admin/inventory/nothing/here/",
    "not allowed": "/admin/ipms/sitesettings/",
    "page of the API": "/api/docs/",
    "document of the API": "/api/schema/",
    "error of the API": "/api/nothing/",
}
#: All that a source may be: nothing at all, this site, a picture inside the page.
_ALLOWED = {"'none'", "'self'", "data:"}


def policy_of(response):
    parts = [part.split() for part in response.headers["Content-Security-Policy"].split(";")]
    return {name: set(sources) for name, *sources in parts}


def assert_strict(response):
    policy = policy_of(response)
    assert set().union(*policy.values()) <= _ALLOWED
    assert policy["default-src"] == policy["frame-ancestors"] == {"'none'"}
    assert policy["script-src"] == policy["style-src"] == policy["form-action"] == {"'self'"}
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["X-Frame-Options"] == "DENY"
    assert response.headers["Referrer-Policy"] == "same-origin"


@pytest.mark.parametrize("path", ANSWERS.values(), ids=ANSWERS.keys())
def test_an_answer_loads_from_this_site_alone(manager, path):
    assert_strict(enter(manager).get(path))


def test_a_form_that_cannot_prove_where_it_comes_from_is_refused_as_strictly(manager):
    client = Client(enforce_csrf_checks=True)

    refused = client.post("/admin/login/", {"username": manager.email})

    assert refused.status_code == 403
    assert_strict(refused)


def test_a_failure_of_ours_is_as_strict(manager, monkeypatch):
    client = enter(manager)
    client.raise_request_exception = False
    monkeypatch.setattr("ipms.admin.site.navigation.sections", None)

    failed = client.get("/admin/")

    assert failed.status_code == 500
    assert_strict(failed)
