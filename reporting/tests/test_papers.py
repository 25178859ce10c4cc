"""Papers: what stands on them, who may print them, and the QR code that opens their record."""

from datetime import date
from decimal import Decimal
from io import BytesIO

import pytest
from django.conf import settings
from django.urls import reverse
from pypdf import PdfReader

from accounts.tests.factories import UserFactory
from inventory import ledger
from inventory import stock as stores
from inventory.ledger import Posting
from inventory.models import LocationKind, MovementKind, StockMovement
from inventory.tests.factories import ItemFactory, LocationFactory, stock
from ipms import site
from ipms.testing.back_office import count_queries, enter, messages
from procurement import receiving
from procurement.receiving import Arrival
from procurement.tests.factories import approved_order, line, order
from reporting.papers import orders
from reporting.tests.paper_reader import symbols_of, text_of
from suppliers import letters
from suppliers.tests.factories import SupplierFactory

pytestmark = pytest.mark.django_db

VOUCHER, ORDER, RECEIPT = "admin:paper-voucher", "admin:paper-order", "admin:paper-receipt"


@pytest.fixture
def clerk(staff):
    return enter(staff)


@pytest.fixture
def shelf():
    return LocationFactory(code="SHELF-1", name="Shelf")


def issued(*items, shelf, by=None, reference="JOB-7"):
    """Issue two of each item in one posting."""
    for item in items:
        stock(item, shelf, 10, unit_cost=Decimal("2.50"))
    return ledger.post(
        [
            Posting(
                kind=MovementKind.ISSUE,
                item=item,
                quantity=Decimal(2),
                from_location=shelf,
                to_location=stores.virtual_location(LocationKind.CONSUMPTION),
                reference=reference,
            )
            for item in items
        ],
        by=by or UserFactory(),
    )


def paper(client, name, record):
    response = client.get(reverse(name, args=[record.pk]))
    assert response.status_code == 200
    return response.content


def qr_of(content):
    (symbol,) = symbols_of(content)
    assert symbol.format.name == "QRCode"
    return symbol.text


class TestOrder:
    def test_says_what_is_ordered_of_whom_at_what_price(self, clerk):
        steel = SupplierFactory(
            name="Kigali Steel", address="KN 3 Rd", city="Kigali", country="RW", currency="RWF"
        )
        bolt = ItemFactory(sku="BOLT-8", name="Bolt M8")
        made = approved_order(
            line(bolt, "12.5", "1200", tax_rate="18"), supplier=steel, currency="RWF", exchange_rate="0.0007"
        )

        text = text_of(paper(clerk, ORDER, made))

        for words in (
            *[f"Purchase order {made.po_number}", "Kigali Steel", "KN 3 Rd", "Rwanda", "BOLT-8", "Bolt M8"],
            *["12.5", "1,200.00", "15,000", "Tax 18 %", "2,700", "Total, RWF", "17,700", "Page 1 of"],
            *[str(made.created_by), str(made.approved_by), "Confirmed by the supplier"],
        ):
            assert words in text
        assert "not a valid order" not in text

    def test_has_the_letterhead_of_the_site(self, clerk):
        settings = site.current()
        settings.organisation, settings.address, settings.country = "Rwanda Mills", "KG 7 Ave\nKigali", "RW"
        settings.save()

        text = text_of(paper(clerk, ORDER, approved_order()))

        assert "Rwanda Mills" in text
        assert "KG 7 Ave" in text
        assert "Rwanda\n" in text

    @pytest.mark.parametrize(
        ("language", "words"),
        [
            ("fr", ["Bon de commande", "Fournisseur", "Prix unitaire", "500,00", "15 000,00", "Page 1 sur"]),
            ("pt", ["Ordem de compra", "Fornecedor", "Preço unitário", "Página 1 de"]),
            ("sw", ["Agizo la ununuzi", "Msambazaji", "Bei ya kimoja", "Ukurasa 1 kati ya"]),
        ],
    )
    def test_is_in_the_language_of_its_supplier(self, clerk, language, words):
        seller = SupplierFactory(language=language)

        content = paper(clerk, ORDER, approved_order(line(unit_price=1500), supplier=seller))
        text = text_of(content).replace("\xa0", " ")

        assert [word for word in words if word not in text] == []

    @pytest.mark.parametrize("language", [code for code, _name in letters.LANGUAGES if code != "en"])
    def test_has_no_english_word_in_another_language(self, language):
        def words(language):
            seller = SupplierFactory(language=language, tax_id="1", country="RW")
            made = order(line(tax_rate=18), supplier=seller, reference="7", expected_date=date(2031, 2, 3))
            form = orders.form(made.pk)
            return {
                *[form.title, form.addressee, form.notice, form.address[-1]],
                *[label for label, _text in (*form.facts, *form.sums)],
                *[column.label for column in form.lines.columns],
                *[signature.label for signature in form.signatures],
            }

        assert words(language) & words("en") == set()

    def test_says_that_it_is_not_approved(self, clerk):
        assert "Not approved yet: this is not a valid order." in text_of(paper(clerk, ORDER, order()))

    def test_keeps_room_for_its_lines_below_an_address_without_end(self, clerk):
        talker = SupplierFactory(address="\n".join(f"Road {number}" for number in range(200)))

        (page,) = PdfReader(BytesIO(paper(clerk, ORDER, approved_order(supplier=talker)))).pages

        text = page.extract_text()
        assert "Road 5" in text
        assert "Road 20" not in text
        assert "Total, USD" in text

    def test_qr_code_opens_the_order(self, clerk):
        made = approved_order()

        address = reverse("admin:procurement_purchaseorder_change", args=[made.pk])
        assert qr_of(paper(clerk, ORDER, made)) == f"{settings.SITE_URL}{address}"

    def test_of_fifty_five_lines_costs_as_many_queries_as_one_of_two(self, clerk):
        short = approved_order(*(line() for _number in range(2)))
        long = approved_order(*(line() for _number in range(55)))
        addresses = [reverse(ORDER, args=[made.pk]) for made in (short, long)]
        clerk.get(addresses[0])

        few, many = (count_queries(lambda to=to: clerk.get(to)) for to in addresses)

        assert few == many <= 8
        pages = PdfReader(BytesIO(paper(clerk, ORDER, long))).pages
        assert len(pages) >= 2
        assert f"Page {len(pages)} of" in pages[-1].extract_text()

    def test_is_shown_in_the_browser_or_kept_under_a_name(self, clerk):
        made = approved_order()
        address = reverse(ORDER, args=[made.pk])

        shown, kept = clerk.get(address), clerk.get(address, {"download": ""})

        name = f'filename="purchase-order-{made.po_number}.pdf"'
        assert shown["Content-Disposition"] == f"inline; {name}"
        assert kept["Content-Disposition"] == f"attachment; {name}"
        assert shown["Content-Type"] == "application/pdf"
        assert "no-store" in shown["Cache-Control"]
        assert "Content-Security-Policy" not in shown

    def test_button_leads_to_it(self, clerk):
        made = order()

        page = clerk.get(reverse("admin:procurement_purchaseorder_change", args=[made.pk]))

        assert f'href="{reverse(ORDER, args=[made.pk])}" target="_blank"' in page.content.decode()

    def test_that_is_not_there_is_not_found(self, clerk):
        assert clerk.get(reverse(ORDER, args=[0])).status_code == 404


@pytest.mark.parametrize("name", [ORDER, RECEIPT, VOUCHER])
class TestWhoMayNotSeeTheRecord:
    def test_prints_no_paper_of_it(self, name):
        nobody = UserFactory()
        nobody.groups.clear()

        assert enter(nobody).get(reverse(name, args=[1])).status_code == 403

    def test_without_a_login_is_asked_for_it(self, client, name):
        assert client.get(reverse(name, args=[1])).status_code == 302


class TestReceipt:
    def received(self, shelf):
        flour = ItemFactory(sku="FLOUR", name="Flour", tracking="lot")
        made = approved_order(line(flour, 10), deliver_to=shelf)
        (ordered,) = made.lines.all()
        arrival = Arrival(line_id=ordered.pk, quantity=Decimal(4), lot="L-2031-7")
        return receiving.receive(made, by=UserFactory(), arrivals=[arrival], reference="DN-55")

    def test_says_what_came_of_which_lot_and_where_it_is(self, clerk, shelf):
        receipt = self.received(shelf)

        text = text_of(paper(clerk, RECEIPT, receipt))

        for words in (
            *[f"Goods receipt note {receipt.number}", receipt.order.po_number, "DN-55", "FLOUR"],
            *["L-2031-7", "SHELF-1", str(receipt.received_by), receipt.order.supplier.name],
        ):
            assert words in text

    def test_qr_code_opens_the_receipt(self, clerk, shelf):
        receipt = self.received(shelf)

        address = reverse("admin:procurement_goodsreceipt_change", args=[receipt.pk])
        assert qr_of(paper(clerk, RECEIPT, receipt)) == f"{settings.SITE_URL}{address}"

    def test_marks_a_line_that_was_reversed(self, clerk, shelf, manager):
        receipt = self.received(shelf)
        (came,) = receipt.lines.all()
        ledger.reverse(came.movement, by=manager, reason="wrong lot")

        assert "reversed" in text_of(paper(clerk, RECEIPT, receipt))

    def test_button_leads_to_it(self, clerk, shelf):
        receipt = self.received(shelf)

        page = clerk.get(reverse("admin:procurement_goodsreceipt_change", args=[receipt.pk]))

        assert f'href="{reverse(RECEIPT, args=[receipt.pk])}"' in page.content.decode()

    def test_costs_a_fixed_number_of_queries(self, clerk, shelf):
        def delivered(lines):
            made = approved_order(*(line() for _number in range(lines)), deliver_to=shelf)
            return reverse(RECEIPT, args=[receiving.receive(made, by=UserFactory()).pk])

        addresses = [delivered(2), delivered(20)]
        clerk.get(addresses[0])

        few, many = (count_queries(lambda to=to: clerk.get(to)) for to in addresses)

        assert few == many


class TestVoucher:
    def test_has_all_that_was_posted_at_once_and_its_value(self, clerk, shelf):
        bolt, nut = ItemFactory(sku="BOLT"), ItemFactory(sku="NUT")
        first, second = issued(bolt, nut, shelf=shelf)

        text = text_of(paper(clerk, VOUCHER, second))

        for words in (
            *[f"Issue voucher {first.pk}", "BOLT", "NUT", "SHELF-1", "Consumption", "JOB-7"],
            *["10.00", str(first.actor), "Received by"],
        ):
            assert words in text

    def test_leaves_out_what_the_same_person_issued_at_another_time(self, clerk, shelf, staff):
        bolt, nut = ItemFactory(sku="BOLT"), ItemFactory(sku="NUT")
        (of_bolt,) = issued(bolt, shelf=shelf, by=staff)
        issued(nut, shelf=shelf, by=staff)

        assert "NUT" not in text_of(paper(clerk, VOUCHER, of_bolt))

    def test_of_a_transfer_names_both_places_and_no_value(self, clerk, shelf):
        bolt, other = ItemFactory(sku="BOLT"), LocationFactory(code="SHELF-2")
        stock(bolt, shelf, 10, unit_cost=Decimal(3))
        (moved,) = stores.transfer(
            bolt, quantity=Decimal(4), from_location=shelf, to_location=other, by=UserFactory()
        )

        text = text_of(paper(clerk, VOUCHER, moved))

        assert f"Transfer note {moved.pk}" in text
        assert "SHELF-1" in text
        assert "SHELF-2" in text
        assert "12.00" not in text

    def test_qr_code_opens_the_first_of_its_movements(self, clerk, shelf):
        first, second = issued(ItemFactory(), ItemFactory(), shelf=shelf)

        address = reverse("admin:inventory_stockmovement_change", args=[first.pk])
        assert qr_of(paper(clerk, VOUCHER, second)) == f"{settings.SITE_URL}{address}"

    def test_is_offered_where_there_is_one(self, clerk, shelf, manager):
        (movement,) = issued(ItemFactory(), shelf=shelf)
        reversal = ledger.reverse(movement, by=manager, reason="never left")

        offered, without = (
            clerk.get(reverse("admin:inventory_stockmovement_change", args=[one.pk])).content.decode()
            for one in (movement, reversal)
        )

        assert reverse(VOUCHER, args=[movement.pk]) in offered
        assert "papers/movements" not in without
        assert clerk.get(reverse(VOUCHER, args=[reversal.pk])).status_code == 404

    def test_of_selected_movements_is_one_paper(self, clerk, shelf):
        (of_bolt,) = issued(ItemFactory(sku="BOLT"), shelf=shelf)
        (of_nut,) = issued(ItemFactory(sku="NUT"), shelf=shelf)

        answer = self.selected(clerk, of_bolt, of_nut)

        text = text_of(answer.content)
        assert "BOLT" in text
        assert "NUT" in text
        assert answer["Content-Type"] == "application/pdf"

    def test_of_movements_of_two_kinds_is_refused_in_words(self, clerk, shelf):
        (of_bolt,) = issued(ItemFactory(), shelf=shelf)
        came = StockMovement.objects.get(kind=MovementKind.RECEIPT)

        answer = self.selected(clerk, of_bolt, came)

        assert messages(answer) == [
            "One paper is about movements of one kind: only issues, or only transfers."
        ]

    def selected(self, client, *movements):
        address = reverse("admin:inventory_stockmovement_changelist")
        keys = [movement.pk for movement in movements]
        return client.post(address, {"action": "print_voucher", "_selected_action": keys}, follow=True)


class TestApi:
    def test_answers_with_the_order_as_a_file(self, api, staff):
        made = approved_order()

        answer = api(staff).get(f"/api/purchase-orders/{made.pk}/pdf", headers={"Accept": "application/pdf"})

        assert answer.status_code == 200
        assert answer["Content-Type"] == "application/pdf"
        assert answer["Content-Disposition"] == f'attachment; filename="purchase-order-{made.po_number}.pdf"'
        assert made.po_number in text_of(answer.content)

    def test_answers_with_the_receipt_as_a_file(self, api, staff):
        receipt = receiving.receive(approved_order(), by=UserFactory())

        answer = api(staff).get(f"/api/goods-receipts/{receipt.pk}/pdf")

        assert receipt.number in text_of(answer.content)

    @pytest.mark.parametrize("path", ["purchase-orders", "goods-receipts"])
    def test_refuses_as_it_does_for_the_record(self, api, path):
        nobody = UserFactory()
        nobody.groups.clear()

        assert api().get(f"/api/{path}/1/pdf").status_code == 401
        assert api(nobody).get(f"/api/{path}/1/pdf").status_code == 403

    @pytest.mark.parametrize("path", ["purchase-orders", "goods-receipts"])
    def test_that_is_not_there_is_not_found(self, api, staff, path):
        answer = api(staff).get(f"/api/{path}/0/pdf", headers={"Accept": "application/pdf"})

        assert answer.status_code == 404
        assert answer.json()["code"] == "NOT_FOUND"
