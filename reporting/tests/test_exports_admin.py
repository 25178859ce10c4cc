"""Exports in the back office."""

import pytest
from django.urls import reverse

from accounts.tests.factories import UserFactory
from inventory.tests.factories import CategoryFactory, ItemFactory
from ipms.testing import back_office
from reporting import exporting
from reporting.models import Export

pytestmark = pytest.mark.django_db

LIST = "/admin/reporting/export/"
NEW = "/admin/reporting/export/add/"


@pytest.fixture(autouse=True)
def root(settings, tmp_path):
    settings.EXPORTS_ROOT = tmp_path / "exports"


def ready(owner, what="inventory"):
    return exporting.make(exporting.request(what, format="csv", filters={}, by=owner).pk)


def test_form_asks_for_an_export_with_the_filters_of_the_list(manager):
    browser = back_office.enter(manager)
    raw = CategoryFactory(slug="raw")

    page = back_office.send(
        browser, f"{NEW}?what=inventory&category={raw.pk}", format="pdf", status="low-stock"
    )

    export = Export.objects.get()
    assert (export.owner, export.format) == (manager, "pdf")
    assert export.filters == {"category": str(raw.pk), "status": "low-stock"}
    assert page.request["PATH_INFO"] == f"{LIST}{export.pk}/change/"
    assert "handed to a worker" in back_office.messages(page)[0]


def test_form_that_comes_twice_asks_once(manager):
    browser = back_office.enter(manager)
    address = f"{NEW}?what=suppliers"
    filled = back_office.form(browser.get(address))

    for _time in range(2):
        browser.post(address, filled)

    assert Export.objects.count() == 1


def test_refusal_stands_beside_its_field(manager):
    page = back_office.send(back_office.enter(manager), f"{NEW}?what=inventory", category="nowhere")

    assert "nowhere" in str(page.context["form"].errors["category"])
    assert not Export.objects.exists()


def test_dates_of_a_report_are_asked_for(manager):
    back_office.send(
        back_office.enter(manager),
        f"{NEW}?what=report:purchase-orders",
        date_from="2031-01-01",
        format="xlsx",
    )

    assert Export.objects.get().filters == {"date_from": "2031-01-01"}


def test_one_sees_ones_own_exports_and_an_administrator_all(manager, admin):
    mine, theirs = ready(manager), ready(UserFactory(manager=True))

    seen = back_office.enter(manager).get(LIST).context["cl"].queryset
    of_all = back_office.enter(admin).get(LIST).context["cl"].queryset

    assert list(seen) == [mine]
    assert set(of_all) == {mine, theirs}


def test_nobody_downloads_the_file_of_another(manager, admin):
    export = ready(manager)
    address = f"{LIST}{export.pk}/download/"

    owned = back_office.enter(manager).get(address)
    refused = back_office.enter(admin).get(address, follow=True)

    assert b"".join(owned.streaming_content).startswith(b"\xef\xbb\xbf")
    assert back_office.messages(refused) == ["This export belongs to somebody else."]
    assert address not in refused.content.decode()


def test_nobody_deletes_the_export_of_another(manager, admin):
    export = ready(manager)

    assert back_office.enter(admin).post(f"{LIST}{export.pk}/delete/", {"post": "yes"}).status_code == 403
    back_office.enter(manager).post(f"{LIST}{export.pk}/delete/", {"post": "yes"})

    assert not Export.objects.exists()


def test_storekeeper_finds_no_exports(staff):
    browser = back_office.enter(staff)

    assert browser.get(LIST).status_code == 403
    assert browser.get(NEW).status_code == 403


def test_what_one_may_not_read_one_may_not_export(manager):
    group = manager.groups.get()
    group.permissions.remove(*group.permissions.filter(codename="view_supplier"))
    browser = back_office.enter(manager)

    assert "what=suppliers" not in browser.get(NEW).content.decode()
    assert browser.get(f"{NEW}?what=suppliers").status_code == 403


def test_more_exports_cost_no_more_queries(admin):
    browser = back_office.enter(admin)
    ready(admin)
    few = back_office.count_queries(lambda: browser.get(LIST))
    for _number in range(4):
        ready(UserFactory(manager=True))

    assert back_office.count_queries(lambda: browser.get(LIST)) == few


@pytest.mark.parametrize(
    ("page", "address"),
    [
        ("admin:inventory_item_export", "?what=inventory&amp;q=bolt&amp;status=low-stock"),
        ("admin:procurement_purchaseorder_export", "?what=purchase-orders&amp;q=bolt"),
        ("admin:suppliers_supplier_export", "?what=suppliers&amp;q=bolt&amp;status=low-stock"),
    ],
)
def test_lists_lead_to_the_export_in_the_background_with_their_filters(manager, page, address):
    shown = back_office.enter(manager).get(reverse(page), {"q": "bolt", "status": "low-stock", "p": "2"})

    assert f"{NEW}{address}" in shown.content.decode()


def test_list_that_is_too_long_offers_the_background(manager, monkeypatch):
    monkeypatch.setattr("ipms.admin.spreadsheets.EXPORT_ROWS", 1)
    ItemFactory(), ItemFactory()

    page = back_office.send(back_office.enter(manager), reverse("admin:inventory_item_export"))

    assert "export them in the background" in back_office.messages(page)[0]
