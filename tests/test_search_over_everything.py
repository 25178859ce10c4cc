"""One field for items, suppliers, orders, lots, receipts and counts: what it finds, and for whom."""

from datetime import date

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.tests.factories import UserFactory
from inventory import counting
from inventory.count_scope import Scope
from inventory.models import Lot, Tracking
from inventory.tests.factories import ItemFactory, LocationFactory, stock
from ipms.testing.back_office import enter
from procurement import receiving
from procurement.models import GoodsReceipt
from procurement.tests.factories import approved_order, line, order
from suppliers.tests.factories import SupplierFactory

pytestmark = pytest.mark.django_db

SEARCH, SUGGESTIONS = "/admin/search/", "/admin/search/suggestions/"


def page_of(record):
    meta = record._meta
    return reverse(f"admin:{meta.app_label}_{meta.model_name}_change", args=[record.pk])


def found(client, text, address=SUGGESTIONS):
    """What is found, by kind: the numbers as they are shown."""
    kinds = client.get(address, {"q": text, "all": 1}).context["found"]
    return {kind.name: [hit.code for hit in kind.hits] for kind in kinds}


@pytest.fixture
def keeper():
    return enter(UserFactory())


@pytest.fixture
def receipt(staff):
    """What came of an order of Rift Valley."""
    rift = SupplierFactory(code="RIFT", name="Rift Valley Packaging")
    bought = approved_order(line(ItemFactory(sku="BOX-1", name="Carton")), supplier=rift)
    receiving.receive(bought, by=staff, reference="DN-4711")
    return GoodsReceipt.objects.get(order=bought)


class TestTheOneThatWasTypedOrScanned:
    def opens(self, client, text):
        return client.get(SEARCH, {"q": text}).headers.get("Location")

    def test_of_an_item(self, keeper):
        bolt = ItemFactory(sku="BOLT-8", barcode="4006381333931")
        ItemFactory(sku="BOLT-80", name="Longer than BOLT-8")

        for typed in ("bolt-8", " BOLT-8 ", "4006381333931", "0104006381333931"):
            assert self.opens(keeper, typed) == page_of(bolt)

    def test_of_a_supplier_an_order_a_receipt(self, keeper, receipt):
        for typed, record in [
            ("rift", receipt.order.supplier),
            (receipt.order.po_number.lower(), receipt.order),
            (receipt.number.lower(), receipt),
        ]:
            assert self.opens(keeper, typed) == page_of(record)

    def test_of_a_lot_by_its_number_or_by_its_label(self, keeper):
        milk = ItemFactory(tracking=Tracking.LOT, barcode="4006381333931")
        lot = Lot.objects.create(item=milk, number="L-7", expires_on=date(2031, 6, 30))
        Lot.objects.create(item=ItemFactory(tracking=Tracking.LOT), number="L-8")

        assert self.opens(keeper, "l-7") == page_of(lot)
        assert self.opens(keeper, "01040063813339311731063010L-7") == page_of(lot)

    def test_of_a_piece_by_the_label_with_its_serial_number(self, keeper):
        pump = ItemFactory(tracking=Tracking.SERIAL, barcode="4006381333931")
        piece = Lot.objects.create(item=pump, number="SN-9")

        assert self.opens(keeper, "010400638133393121SN-9") == page_of(piece)

    def test_is_not_guessed_where_two_bear_it(self, keeper):
        for _which in range(2):
            Lot.objects.create(item=ItemFactory(tracking=Tracking.LOT), number="L-7")

        response = keeper.get(SEARCH, {"q": "L-7"})

        assert response.status_code == 200
        assert found(keeper, "L-7") == {"inventory-lot": ["L-7", "L-7"]}

    def test_comes_first_where_all_are_wanted(self, keeper):
        ItemFactory(sku="AAA", name="Aligned beside L-7")
        lot = Lot.objects.create(item=ItemFactory(tracking=Tracking.LOT), number="L-7")
        Lot.objects.create(item=lot.item, number="L-7-A")

        response = keeper.get(SEARCH, {"q": "L-7", "all": 1})

        assert [kind.name for kind in response.context["found"]] == ["inventory-lot", "inventory-item"]
        assert [hit.code for hit in response.context["found"][0].hits] == ["L-7", "L-7-A"]

    def test_is_not_opened_by_a_part_of_its_number(self, keeper):
        ItemFactory(sku="BOLT-8")

        assert keeper.get(SEARCH, {"q": "BOLT"}).status_code == 200


class TestWhatIsLikeIt:
    def test_an_item_is_found_by_its_words(self, keeper):
        ItemFactory(sku="BOLT-8", name="Hexagon bolt, galvanised")

        assert found(keeper, "galvan hexag") == {"inventory-item": ["BOLT-8"]}

    def test_a_supplier_leads_to_its_orders(self, keeper, receipt):
        assert found(keeper, "valley") == {
            "suppliers-supplier": ["RIFT"],
            "procurement-purchaseorder": [receipt.order.po_number],
        }

    def test_a_receipt_is_found_by_its_reference_and_by_its_order(self, keeper, receipt):
        assert found(keeper, "dn-47")["procurement-goodsreceipt"] == [receipt.number]
        assert found(keeper, receipt.order.po_number)["procurement-goodsreceipt"] == [receipt.number]
        assert found(keeper, receipt.number[:-1])["procurement-goodsreceipt"] == [receipt.number]

    def test_a_count_is_found_by_the_beginning_of_its_number(self, keeper, manager):
        shelf = LocationFactory()
        stock(ItemFactory(), shelf, 3)
        count = counting.create(Scope(location=shelf), by=manager)

        assert found(keeper, count.number[:-2].lower()) == {"inventory-stockcount": [count.number]}

    @pytest.mark.parametrize("text", ["%", "_%", "''", "\\", "\x00", "a & b | !(", "<b>x</b>", "ß" * 300])
    def test_signs_are_only_text(self, keeper, text):
        ItemFactory(sku="BOLT-8")

        assert keeper.get(SEARCH, {"q": text}).status_code == 200
        assert found(keeper, text) == {}

    def test_one_letter_is_too_little_for_suggestions_but_not_for_the_page(self, keeper):
        ItemFactory(sku="X")
        ItemFactory(sku="XY-1")

        assert found(keeper, "X") == {}
        assert found(keeper, "X", SEARCH) == {"inventory-item": ["X", "XY-1"]}


class TestWhoFinds:
    def test_only_kinds_that_one_may_see(self, receipt):
        someone = UserFactory()
        someone.groups.clear()
        someone.user_permissions.add(Permission.objects.get(codename="view_supplier"))

        client = enter(someone)

        assert found(client, "rift") == {"suppliers-supplier": ["RIFT"]}
        assert client.get(SEARCH, {"q": receipt.number}).status_code == 200
        assert found(client, receipt.number) == {}

    @pytest.mark.parametrize("address", [SEARCH, SUGGESTIONS])
    def test_nobody_without_a_login(self, client, address):
        response = client.get(address, {"q": "BOLT"})

        assert response.headers["Location"].startswith("/admin/login/")

    @pytest.mark.parametrize("address", [SEARCH, SUGGESTIONS])
    def test_nothing_is_kept_by_the_browser_or_changed(self, keeper, address):
        assert "no-store" in keeper.get(address, {"q": "BOLT"}).headers["Cache-Control"]
        assert keeper.post(address, {"q": "BOLT"}).status_code == 405


class TestHowMuch:
    def many(self, number):
        rift = SupplierFactory(name=f"Bolt works {number}")
        for which in range(number):
            item = ItemFactory(name=f"Bolt {number} {which}")
            Lot.objects.create(item=item, number=f"BOLT-{number}-{which}")
            order(line(item), supplier=rift)

    @pytest.mark.parametrize("address", [SEARCH, SUGGESTIONS])
    def test_queries_do_not_grow_with_what_is_found(self, keeper, address):
        self.many(1)
        keeper.get(address, {"q": "bolt"})
        with CaptureQueriesContext(connection) as few:
            keeper.get(address, {"q": "bolt"})
        self.many(6)

        with CaptureQueriesContext(connection) as many:
            kinds = keeper.get(address, {"q": "bolt"}).context["found"]

        assert sum(len(kind.hits) for kind in kinds) == 7 + 2 + 7 + 7
        assert len(many) == len(few)

    def test_eight_of_a_kind_and_the_way_to_the_others(self, keeper):
        for which in range(9):
            Lot.objects.create(item=ItemFactory(), number=f"LT-{which}")

        (kind,) = keeper.get(SUGGESTIONS, {"q": "lt-"}).context["found"]

        assert len(kind.hits) == 8
        assert kind.more_url == "/admin/inventory/lot/?q=lt-"
        assert "LT-8" in keeper.get(kind.more_url).content.decode()


class TestThePage:
    def test_works_without_a_script(self, keeper):
        ItemFactory(sku="BOLT-8", name="Bolt <M8>")

        html = keeper.get("/admin/").content.decode()
        answer = keeper.get(SEARCH, {"q": "bolt"}).content.decode()

        assert 'action="/admin/search/"' in html
        assert "Bolt &lt;M8&gt;" in answer
        assert 'value="bolt"' in answer

    def test_says_that_nothing_is_found(self, keeper):
        assert "Nothing is found for “<bdi>zzz</bdi>”." in keeper.get(SEARCH, {"q": "zzz"}).content.decode()

    def test_suggestions_are_options_of_a_list_in_groups(self, keeper):
        ItemFactory(sku="BOLT-8", name="Bolt")

        html = keeper.get(SUGGESTIONS, {"q": "bo<lt"}).content.decode()
        listed = keeper.get(SUGGESTIONS, {"q": "bolt"}).content.decode()

        assert "<lt" not in html
        assert listed.count('role="option"') == 2
        assert 'role="group" aria-labelledby="finder-inventory-item"' in listed
