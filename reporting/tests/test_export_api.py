"""Lists as downloads: the rows of the list, whatever the format."""

import csv
import json
from collections import Counter
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO, StringIO

import openpyxl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pypdf import PdfReader
from python_calamine import CalamineWorkbook

from accounts.models import AuditEntry
from inventory.tests.factories import CategoryFactory, ItemFactory, LocationFactory, stock
from procurement.tests.factories import approved_order, line, order
from suppliers.tests.factories import SupplierFactory

pytestmark = pytest.mark.django_db

LISTS = {
    "inventory": "/api/inventory/items",
    "suppliers": "/api/suppliers",
    "purchase-orders": "/api/purchase-orders",
}
everywhere = pytest.mark.parametrize("what", LISTS)


@pytest.fixture
def books():
    shelf, raw = LocationFactory(code="A1"), CategoryFactory(slug="raw")
    bolt = ItemFactory(sku="BOLT", name="=Bolt", category=raw, location=shelf, reorder_level=5)
    nut = ItemFactory(sku="NUT", name="Nut, brass", description="Two\nlines", unit_price="0.12345678")
    stock(bolt, shelf, "2.5")
    acme = SupplierFactory(code="ACME", name="Acme Łódź", currency="TND", notes="+250 788")
    order(line(bolt, 3, "1.125"), line(nut, "0.5", 4), supplier=acme, currency="TND", submit=False)
    approved_order(line(bolt, 2, 5, tax_rate="18"), supplier=acme, currency="RWF", exchange_rate="0.00078")


def download(client, what, query=""):
    response = client.get(f"/api/export/{what}{query}")
    assert response.status_code == 200, response.content
    return b"".join(response.streaming_content)


def rows_of_csv(content):
    return list(csv.DictReader(StringIO(content.decode("utf-8-sig"), newline=""), strict=True))


def rows_of_list(client, what, query=""):
    return client.get(f"{LISTS[what]}{query or '?'}&per_page=200").json()["data"]


def flat(value, name):
    """What one cell says of a field of the list."""
    if isinstance(value, dict):
        key = next(key for key in ("slug", "code", "sku", "email") if key in value)
        return value[key]
    return {None: "", True: "true", False: "false"}.get(value, value) if not isinstance(value, str) else value


@everywhere
def test_json_has_the_very_rows_of_the_list(api, manager, books, what):
    client = api(manager)

    exported = json.loads(download(client, what))

    assert exported["data"] == rows_of_list(client, what)
    assert exported["count"] == len(exported["data"]) == {"suppliers": 1}.get(what, 2)
    assert exported["exported_at"].endswith("Z")


@everywhere
def test_csv_has_the_rows_of_the_list_in_its_order_and_words(api, manager, books, what):
    client = api(manager)

    content = download(client, what, "?format=csv")

    assert content.startswith(b"\xef\xbb\xbf")
    exported, listed = rows_of_csv(content), rows_of_list(client, what)
    assert len(exported) == len(listed)
    for row, shown in zip(exported, listed, strict=True):
        for name in (names := set(row) & set(shown)):
            wanted = str(flat(shown[name], name))
            assert row[name] in {wanted, f"'{wanted}"}, name
        assert set(shown) - names <= {"lines", "history"}


@everywhere
def test_xlsx_has_the_rows_of_the_list_with_their_types(api, manager, books, what):
    client = api(manager)

    workbook = CalamineWorkbook.from_filelike(BytesIO(download(client, what, "?format=xlsx")))

    header, *rows = workbook.get_sheet_by_index(0).to_python(skip_empty_area=False)
    listed = rows_of_list(client, what)
    assert len(rows) == len(listed)
    for cells, shown in zip(rows, listed, strict=True):
        for name, cell in zip(header, cells, strict=True):
            if name not in shown:
                continue
            wanted = flat(shown[name], name)
            match cell:
                case bool():
                    assert cell is shown[name], name
                case float() | int():
                    if name == "tax_rate":
                        wanted = Decimal(wanted) / 100
                    assert Decimal(repr(cell)) == Decimal(wanted), name
                case datetime():
                    assert wanted.startswith(f"{cell:%Y-%m-%dT%H:%M}"), name
                case date():
                    assert cell.isoformat() == wanted, name
                case _:
                    assert cell == wanted, name


def test_workbook_of_orders_has_their_lines_on_a_sheet_of_its_own(api, manager, books):
    workbook = openpyxl.load_workbook(BytesIO(download(api(manager), "purchase-orders", "?format=xlsx")))

    assert workbook.sheetnames == ["Purchase orders", "Lines", "About"]
    header, *lines = workbook["Lines"].iter_rows(values_only=True)
    shown = [dict(zip(header, cells, strict=True)) for cells in lines]
    assert [row["item"] for row in shown] == ["BOLT", "BOLT", "NUT"]  # the newest order comes first
    assert Counter(row["po_number"] for row in shown).most_common(1)[0][1] == 2
    assert shown[0]["tax_rate"] == 0.18
    assert shown[1]["line_total"] == 3.375  # dinars have three decimals
    assert shown[1]["currency"] == "TND"


@everywhere
def test_pdf_names_every_row(api, manager, books, what):
    client = api(manager)

    pages = PdfReader(BytesIO(download(client, what, "?format=pdf")), strict=True).pages

    text = " ".join(" ".join(page.extract_text().split()) for page in pages)
    key = {"inventory": "sku", "suppliers": "code", "purchase-orders": "po_number"}[what]
    assert all(row[key] in text for row in rows_of_list(client, what))


@pytest.mark.parametrize(
    ("what", "query"),
    [
        ("inventory", "?category=raw"),
        ("inventory", "?status=low-stock,out-of-stock&ordering=-sku"),
        ("inventory", "?q=nut"),
        ("inventory", "?location=A1&ordering=quantity"),
        ("suppliers", "?status=on-hold"),
        ("purchase-orders", "?status=draft"),
        ("purchase-orders", "?supplier=ACME&ordering=total_amount"),
    ],
)
def test_filters_search_and_order_are_those_of_the_list(api, manager, books, what, query):
    client = api(manager)

    assert json.loads(download(client, what, query))["data"] == rows_of_list(client, what, query)


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("?status=broken", "status"),
        ("?date_from=yesterday", "date_from"),
        ("?category=nowhere", "category"),
        ("?ordering=colour", "ordering"),
        ("?format=docx", "format"),
    ],
)
def test_what_cannot_be_meant_is_refused(api, manager, query, field):
    response = api(manager).get(f"/api/export/inventory{query}")

    assert response.status_code == 400
    assert response.json()["code"] == "VALIDATION_ERROR"
    assert field in response.json()["details"]


@pytest.mark.parametrize("format", ["json", "csv", "xlsx", "pdf"])
def test_download_has_a_dated_name(api, manager, format):
    response = api(manager).get(f"/api/export/suppliers?format={format}")

    today = f"{datetime.now():%Y-%m-%d}"  # noqa: DTZ005 - the site's zone is UTC
    assert response["Content-Disposition"] == f'attachment; filename="suppliers-{today}.{format}"'
    assert response["X-Request-ID"]
    assert response.streaming


@everywhere
def test_roles_that_may_not_export_are_refused(api, staff, manager, admin, what):
    assert api().get(f"/api/export/{what}").status_code == 401
    assert api(staff).get(f"/api/export/{what}").status_code == 403
    assert api(manager).get(f"/api/export/{what}").status_code == 200
    assert api(admin).get(f"/api/export/{what}").status_code == 200


def test_export_needs_the_right_to_read_the_list_too(api, manager):
    manager.groups.get().permissions.remove(
        *manager.groups.get().permissions.filter(codename="view_supplier")
    )

    assert api(manager).get("/api/export/suppliers").status_code == 403


def test_audit_trail_says_who_took_what_away(api, manager):
    download(api(manager), "suppliers", "?format=csv&country=RW")

    entry = AuditEntry.objects.get(event="exported")
    assert entry.actor == manager
    assert entry.changes == {"what": ["", "suppliers"], "format": ["", "csv"], "country": ["", "RW"]}


@pytest.mark.parametrize("accept", ["text/csv", "application/pdf", "*/*"])
def test_client_may_accept_nothing_but_the_file(api, manager, accept):
    assert api(manager, Accept=accept).get("/api/export/suppliers?format=csv").status_code == 200


@pytest.mark.parametrize("format", ["json", "csv", "xlsx", "pdf"])
def test_more_rows_cost_no_more_queries(api, manager, books, format):
    client = api(manager)

    def queries(what):
        with CaptureQueriesContext(connection) as seen:
            download(client, what, f"?format={format}")
        return len(seen)

    few = {what: queries(what) for what in LISTS}
    for _number in range(5):
        ItemFactory(), SupplierFactory(), order()

    assert {what: queries(what) for what in LISTS} == few


def test_a_text_is_compressed_for_who_wants_that_and_a_workbook_is_not_twice(api, manager, books):
    client = api(manager, **{"Accept-Encoding": "gzip"})

    assert client.get("/api/export/inventory?format=csv")["Content-Encoding"] == "gzip"
    assert "Content-Encoding" not in client.get("/api/export/inventory?format=xlsx")
