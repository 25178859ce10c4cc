"""The pages of reports: who sees them, what they show, where they lead."""

from html.parser import HTMLParser

import pytest
from django.contrib.admin import site
from django.urls import reverse

from inventory.tests.factories import ItemFactory
from ipms.testing.back_office import count_queries, enter
from reporting.admin import drawing, inputs
from reporting.tests.orders import bought
from suppliers.tests.factories import SupplierFactory

pytestmark = pytest.mark.django_db

REPORTS = sorted(page.name for page in site._pages if page.name.startswith("report-"))
STOCK = "admin:report-inventory"
ORDERS, SUPPLIERS = "admin:report-purchase-orders", "admin:report-suppliers"


class Offences(HTMLParser):
    """What a strict content security policy would refuse."""

    def __init__(self, response):
        super().__init__()
        self.found = []
        self.feed(response.content.decode())

    def handle_starttag(self, tag, attributes):
        names = dict(attributes)
        if tag == "style" or (tag == "script" and "src" not in names):
            self.found.append(tag)
        self.found += [name for name in names if name == "style" or name.startswith("on")]


@pytest.fixture
def office(manager):
    return enter(manager)


@pytest.fixture
def steel():
    return SupplierFactory(code="STEEL", name="Kigali Steel", country="RW")


def text(response):
    assert response.status_code == 200
    return response.content.decode()


@pytest.mark.parametrize("name", REPORTS)
class TestEveryReport:
    def test_opens_for_a_manager_and_obeys_the_policy(self, office, name):
        page = office.get(reverse(f"admin:{name}"))

        assert page.status_code == 200
        assert Offences(page).found == []

    def test_is_closed_to_staff(self, staff, name):
        assert enter(staff).get(reverse(f"admin:{name}")).status_code == 403

    def test_stands_in_the_sidebar_of_those_who_may_open_it(self, office, staff, name):
        address = f'href="{reverse(f"admin:{name}")}"'

        assert address in text(office.get(reverse("admin:index")))
        assert address not in text(enter(staff).get(reverse("admin:index")))

    @pytest.mark.parametrize(
        ("format", "content_type"),
        [("csv", "text/csv"), ("xlsx", "application/vnd.openxmlformats"), ("pdf", "application/pdf")],
    )
    def test_can_be_taken_away_as_a_file(self, office, name, format, content_type):
        file = office.get(reverse(f"admin:{name}"), {"format": format})

        assert file["Content-Type"].startswith(content_type)
        assert file["Content-Disposition"].startswith("attachment")


def test_figures_charts_and_tables_are_those_of_the_report(office, steel):
    order = bought(
        "2023-05-02", steel, ItemFactory(), quantity=1000, unit_price="7.25", expected="2023-05-20"
    )

    page = text(office.get(reverse(ORDERS)))

    assert "7,250.00" in page
    assert '<svg class="chart"' in page
    assert f'<a href="{reverse("admin:suppliers_supplier_change", args=[steel.pk])}">Kigali Steel</a>' in page
    link = reverse("admin:procurement_purchaseorder_change", args=[order.pk])
    assert f'<a href="{link}">{order.po_number}</a>' in page


def test_what_is_asked_stays_in_the_form_and_goes_into_the_files(office, steel):
    bought("2023-05-02", steel, ItemFactory(), unit_price=3)
    bought("2023-05-02", SupplierFactory(name="Nairobi Tools"), ItemFactory())

    page = text(office.get(reverse(ORDERS), {"supplier": "STEEL", "date_from": "2023-05-01"}))

    assert '<option value="STEEL" selected>' in page
    assert 'value="2023-05-01"' in page
    assert "?supplier=STEEL&amp;date_from=2023-05-01&amp;format=csv" in page
    assert ">Nairobi Tools</a>" not in page


def test_a_date_that_cannot_be_meant_is_said_beside_its_field(office):
    page = text(office.get(reverse(ORDERS), {"date_from": "31.05.2023"}))

    assert "A date is needed, such as 2031-05-31." in page
    assert 'value="31.05.2023"' in page
    assert "format=csv" not in page


def test_a_date_in_the_future_is_said_beside_its_field(office):
    page = text(office.get(reverse(STOCK), {"as_of": "2999-12-31"}))

    assert "This is in the future." in page
    assert "Stock value" not in page


def test_stock_leads_to_its_items(office):
    bolt = ItemFactory(sku="BOLT", reorder_level=5)

    page = text(office.get(reverse(STOCK)))

    assert f'href="{reverse("admin:inventory_item_change", args=[bolt.pk])}">BOLT</a>' in page


def test_a_name_is_never_markup(office):
    supplier = SupplierFactory(code="<B>", name="<script>alert(1)</script>")
    bought("2023-05-02", supplier, ItemFactory(), expected="2023-05-03")

    for name in (ORDERS, SUPPLIERS):
        assert "<script>alert" not in text(office.get(reverse(name)))


def test_countries_to_pick_are_those_of_suppliers(office, steel):
    page = text(office.get(reverse(SUPPLIERS)))

    assert '<option value="RW">Rwanda</option>' in page
    assert "Kenya" not in page


def test_many_suppliers_are_named_by_code_and_not_picked_from_a_list(office, steel, monkeypatch):
    monkeypatch.setattr(inputs, "_MOST_OPTIONS", 0)

    page = text(office.get(reverse(ORDERS), {"supplier": "steel"}))

    assert '<input type="text" name="supplier" id="ask-supplier" value="steel">' in page
    assert "Its code." in page


def test_a_long_table_is_cut_but_its_total_is_of_all(office, monkeypatch):
    monkeypatch.setattr(drawing, "MOST_ROWS", 2)
    for price in (1, 2, 4):
        bought("2023-05-02", SupplierFactory(), ItemFactory(), quantity=1, unit_price=price)

    page = text(office.get(reverse(SUPPLIERS)))

    assert "The first 2 of 3 rows; the files have all." in page
    assert '<td class="numeric">7.00</td>' in page


def test_queries_do_not_grow_with_the_report(office, steel):
    bought("2023-05-02", steel, ItemFactory(), expected="2023-05-03")
    office.get(reverse(ORDERS))
    one = count_queries(lambda: office.get(reverse(ORDERS), {"date_from": "2023-01-01"}))
    for _one in range(3):
        bought("2023-05-02", SupplierFactory(), ItemFactory(), expected="2023-05-03")

    assert count_queries(lambda: office.get(reverse(ORDERS), {"date_from": "2022-01-01"})) == one


@pytest.mark.parametrize(
    ("listed", "report"),
    [
        ("inventory_item", STOCK),
        ("procurement_purchaseorder", ORDERS),
        ("suppliers_supplier", SUPPLIERS),
    ],
)
def test_lists_lead_to_their_report(office, staff, listed, report):
    address = f'href="{reverse(report)}" class="button"'

    assert address in text(office.get(reverse(f"admin:{listed}_changelist")))
    assert address not in text(enter(staff).get(reverse(f"admin:{listed}_changelist")))
