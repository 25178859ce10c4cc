"""Exports in the background over HTTP: one's own, and nobody else's."""

import json

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import AuditEntry
from accounts.tests.factories import UserFactory
from inventory.tests.factories import ItemFactory
from ipms.testing import back_office
from reporting import exporting
from reporting.models import Export, ExportStatus

pytestmark = pytest.mark.django_db

EXPORTS = "/api/exports"


@pytest.fixture(autouse=True)
def root(settings, tmp_path):
    settings.EXPORTS_ROOT = tmp_path / "exports"


def ready(owner, **filters):
    ItemFactory()
    return exporting.make(exporting.request("inventory", format="json", filters=filters, by=owner).pk)


def content(response):
    assert response.status_code == 200, response.content
    return b"".join(response.streaming_content)


def link(api, owner, export):
    return api(owner).get(f"{EXPORTS}/{export.pk}").json()["data"]["download_url"]


def test_export_is_asked_for_and_waits(api, manager):
    body = {"what": "inventory", "format": "csv", "filters": {"is_active": True, "status": "low-stock"}}

    response = api(manager).post(EXPORTS, body)

    assert response.status_code == 201
    data = response.json()["data"]
    assert (data["status"], data["title"], data["download_url"]) == ("queued", "Items", None)
    assert data["filters"] == {"is_active": "true", "status": "low-stock"}
    assert Export.objects.get(pk=data["id"]).owner == manager


def test_same_key_asks_once(api, manager):
    client = api(manager, **{"Idempotency-Key": "k1"})

    first, second = (client.post(EXPORTS, {"what": "suppliers", "format": "csv"}).json() for _ in range(2))

    assert first == second
    assert Export.objects.count() == 1


@pytest.mark.parametrize(
    ("body", "where"),
    [
        ({"what": "inventory"}, "format"),
        ({"what": "inventory", "format": "docx"}, "format"),
        ({"format": "csv"}, "what"),
        ({"what": "inventory", "format": "csv", "colour": 1}, "colour"),
        ({"what": "inventory", "format": "csv", "filters": {"status": "broken"}}, "filters"),
        ({"what": "inventory", "format": "csv", "filters": {"colour": "red"}}, "filters"),
        ({"what": "inventory", "format": "csv", "filters": {"status": ["a"]}}, "filters"),
        ({"what": "inventory", "format": "csv", "filters": "all"}, "filters"),
        ({"what": "report:purchase-orders", "format": "csv", "filters": {"date_from": "soon"}}, "filters"),
    ],
)
def test_what_cannot_be_meant_is_refused(api, manager, body, where):
    response = api(manager).post(EXPORTS, body)

    assert response.status_code == 400
    assert where in response.json()["details"]


def test_unknown_list_is_not_found(api, manager):
    assert api(manager).post(EXPORTS, {"what": "secrets", "format": "csv"}).status_code == 404


def test_one_sees_ones_own_exports_alone(api, manager):
    other = UserFactory(manager=True)
    mine, theirs = ready(manager), ready(other)

    client = api(manager)

    assert [row["id"] for row in client.get(EXPORTS).json()["data"]] == [mine.pk]
    assert client.get(f"{EXPORTS}/{theirs.pk}").status_code == 404
    assert client.delete(f"{EXPORTS}/{theirs.pk}").status_code == 404
    assert client.get(f"{EXPORTS}/{theirs.pk}/download").status_code == 404


def test_export_of_what_is_exported_no_more_is_still_listed(api, manager):
    export = ready(manager)
    Export.objects.filter(pk=export.pk).update(what="report:forgotten")
    client = api(manager)

    assert client.get(EXPORTS).json()["data"][0]["title"] == "report:forgotten"
    assert client.get(f"{EXPORTS}/{export.pk}/download").status_code == 404


def test_roles_that_may_not_export_are_refused(api, staff, admin):
    assert api().get(EXPORTS).status_code == 401
    assert api(staff).get(EXPORTS).status_code == 403
    assert api(staff).post(EXPORTS, {"what": "inventory", "format": "csv"}).status_code == 403
    assert api(admin).post(EXPORTS, {"what": "inventory", "format": "csv"}).status_code == 201


def test_owner_downloads_the_file(api, manager):
    export = ready(manager)

    response = api(manager).get(f"{EXPORTS}/{export.pk}/download")

    assert response["Content-Disposition"] == f'attachment; filename="{exporting.file_name(export)}"'
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Cache-Control"] == "private, no-store"
    assert response["Content-Type"] == "application/json"
    assert int(response["Content-Length"]) == export.size
    assert json.loads(content(response))["count"] == 1


def test_link_serves_its_owner_in_a_browser_that_is_logged_in(api, manager):
    export = ready(manager)

    assert content(back_office.enter(manager).get(link(api, manager, export)))


def test_link_serves_nobody_else(api, client, manager, admin):
    export = ready(manager)
    address = link(api, manager, export)

    assert client.get(address).status_code == 401
    assert back_office.enter(admin).get(address).status_code == 401
    assert api(admin).get(address).status_code == 404
    assert content(api(manager).get(address))


def test_audit_trail_says_who_asked_and_who_downloaded(api, manager):
    data = api(manager).post(EXPORTS, {"what": "suppliers", "format": "csv"}).json()["data"]
    exporting.make(data["id"])
    content(api(manager).get(f"{EXPORTS}/{data['id']}/download"))

    trail = AuditEntry.objects.get_for_model(Export).order_by("pk")
    assert [(entry.event, entry.get_action_display(), entry.actor) for entry in trail] == [
        ("", "create", manager),
        ("downloaded", "access", manager),
    ]
    assert trail[0].changes["what"] == ["None", "suppliers"]


@pytest.mark.parametrize("token", ["", "?token=", "?token=1:2:3", "?token=forged"])
def test_browser_without_the_link_gets_nothing(manager, token):
    export = ready(manager)

    assert back_office.enter(manager).get(f"{EXPORTS}/{export.pk}/download{token}").status_code == 401


def test_link_of_one_export_opens_no_other(api, manager):
    first, second = ready(manager), ready(manager)
    address = link(api, manager, first).replace(f"/{first.pk}/", f"/{second.pk}/")

    assert back_office.enter(manager).get(address).status_code == 401


def test_link_ends_after_a_while(api, manager, settings, monkeypatch):
    import time

    export = ready(manager)
    address = link(api, manager, export)
    now = time.time()
    monkeypatch.setattr(
        "django.core.signing.time.time", lambda: now + settings.EXPORT_LINK.total_seconds() + 1
    )

    assert back_office.enter(manager).get(address).status_code == 401


def test_file_that_is_not_ready_is_a_conflict_and_an_expired_one_is_gone(api, manager):
    waiting = exporting.request("suppliers", format="csv", filters={}, by=manager)
    old = ready(manager)
    Export.objects.filter(pk=old.pk).update(expires_at=timezone.now())
    client = api(manager)

    early, late = (client.get(f"{EXPORTS}/{export.pk}/download") for export in (waiting, old))

    assert (early.status_code, early.json()["code"]) == (409, "INVALID_STATE")
    assert early.json()["details"] == {"status": "queued"}
    assert (late.status_code, late.json()["code"]) == (404, "NOT_FOUND")


def test_who_lost_the_right_to_export_downloads_no_more(api, manager):
    export = ready(manager)
    client = api(manager)
    manager.groups.clear()

    assert client.get(f"{EXPORTS}/{export.pk}/download").status_code == 403


def test_owner_deletes_an_export(api, manager):
    export = ready(manager)

    assert api(manager).delete(f"{EXPORTS}/{export.pk}").status_code == 200
    assert not Export.objects.exists()


def test_more_exports_cost_no_more_queries(api, manager):
    client = api(manager)

    def queries():
        with CaptureQueriesContext(connection) as seen:
            assert client.get(EXPORTS).status_code == 200
        return len(seen)

    ready(manager)
    few = queries()
    for _number in range(5):
        ready(manager)

    assert queries() == few


def test_list_is_filtered_by_status(api, manager):
    ready(manager)
    failed = ready(manager)
    Export.objects.filter(pk=failed.pk).update(status=ExportStatus.FAILED)

    rows = api(manager).get(f"{EXPORTS}?status=failed").json()["data"]

    assert [row["id"] for row in rows] == [failed.pk]
    assert api(manager).get(f"{EXPORTS}?status=lost").status_code == 400
