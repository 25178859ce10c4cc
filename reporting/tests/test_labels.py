"""Labels as a scanner reads them, and where on a sheet they stand."""

from datetime import date
from io import BytesIO

import pytest
from django.conf import settings
from django.urls import reverse
from hypothesis import HealthCheck, example, given
from hypothesis import settings as effort
from hypothesis import strategies as st
from pypdf import PdfReader
from reportlab.lib.units import mm

from accounts.tests.factories import UserFactory
from inventory.models import Location, LocationKind
from inventory.tests.factories import ItemFactory, LocationFactory, stock
from ipms.errors import InvalidInput
from ipms.testing.back_office import count_queries, enter, form
from procurement import receiving
from procurement.tests.factories import approved_order, line
from reporting.files.as_pdf import symbols
from reporting.files.as_pdf.paper import Pages
from reporting.papers import label_drawing, labels
from reporting.papers.label_sheets import SHEETS
from reporting.tests.paper_reader import pictures_of, symbols_of, text_of

GTIN = "4006381333931"
#: As the decoder names what carries GS1 data.
_IS_GS1 = ("]C1", "]Q3")
database = pytest.mark.django_db


@pytest.fixture
def clerk(staff):
    return enter(staff)


def printed(found, sheet="a4-3x8", **how):
    file = BytesIO()
    label_drawing.write(found, SHEETS[sheet], file, **how)
    return file.getvalue()


def read(content, kind, **how):
    """Return (what a symbol of this kind says, whether that is GS1 data); there is one."""
    (found,) = [symbol for symbol in symbols_of(content, **how) if symbol.format.name == kind]
    return found.bytes.decode(), found.symbology_identifier in _IS_GS1


def flour(lot="L-7", expires_on=date(2031, 6, 30), **fields):
    """An item with a GTIN, and its lot in stock."""
    item = ItemFactory(**{"sku": "FLOUR", "barcode": GTIN, "tracking": "lot", **fields})
    stock(item, LocationFactory(), 5, lot=lot, expires_on=expires_on)
    return item


@database
@pytest.mark.parametrize("sheet", list(SHEETS))
class TestEverySize:
    def test_sku_is_read_from_the_bars_and_the_record_from_the_qr_code(self, sheet):
        item = ItemFactory(sku="BOLT-M8-X40", name="Bolt M8 × 40, zinc plated, with a long description")

        content = printed(labels.of_items([item.pk]), sheet)

        address = reverse("admin:inventory_item_change", args=[item.pk])
        assert read(content, "Code128") == ("BOLT-M8-X40", False)
        assert read(content, "QRCode") == (f"{settings.SITE_URL}{address}", False)

    def test_gtin_expiry_and_lot_are_gs1_data(self, sheet):
        item = flour()

        content = printed(labels.of_items([item.pk], lots=labels.STOCKED), sheet, qr="data")

        whole = f"010{GTIN}1731063010L-7"
        assert read(content, "QRCode") == (whole, True)
        bars, is_gs1 = read(content, "Code128")
        assert is_gs1
        assert bars in (whole, f"010{GTIN}")

    def test_all_is_read_at_the_dots_of_a_label_printer(self, sheet):
        item = flour()

        content = printed(labels.of_items([item.pk]), sheet)

        assert read(content, "Code128", dpi=203) == (f"010{GTIN}", True)

    def test_code_of_a_place_is_read_from_the_bars(self, sheet):
        place = LocationFactory(code="A-01-02-03", kind=LocationKind.BIN)

        content = printed(labels.of_locations([place.pk]), sheet)

        address = reverse("admin:inventory_location_change", args=[place.pk])
        assert read(content, "Code128") == ("A-01-02-03", False)
        assert read(content, "QRCode") == (f"{settings.SITE_URL}{address}", False)


@database
class TestWhatALabelSays:
    def test_lot_and_expiry_in_words(self):
        text = text_of(printed(labels.of_items([flour().pk], lots=labels.STOCKED)))

        for words in ("FLOUR", "Lot L-7", "Expires 30 Jun 2031", f"(01)0{GTIN}(17)310630(10)L-7"):
            assert words in text

    def test_lot_that_has_no_room_in_the_bars_is_in_the_qr_code(self):
        item = flour(lot="LOT-2031-0000-7-AB")

        content = printed(labels.of_items([item.pk], lots=labels.STOCKED), "roll-50x30")

        assert read(content, "Code128") == (f"010{GTIN}", True)
        assert read(content, "QRCode") == (f"010{GTIN}1731063010LOT-2031-0000-7-AB", True)

    def test_serial_number_of_a_piece_is_marked_as_such(self):
        pump = ItemFactory(barcode=GTIN, tracking="serial")
        stock(pump, LocationFactory(), 1, lot="SN-9")

        content = printed(labels.of_items([pump.pk], lots=labels.STOCKED))

        assert read(content, "Code128") == (f"010{GTIN}21SN-9", True)
        assert "Serial number SN-9" in text_of(content)

    def test_letters_that_bars_do_not_have_are_left_to_the_qr_code(self):
        item = ItemFactory(sku="ÉCROU-Ø8")

        content = printed(labels.of_items([item.pk]), qr="data")

        (only,) = symbols_of(content)
        assert only.text == "ÉCROU-Ø8"
        assert "ÉCROU-Ø8" in text_of(content)

    def test_without_lots_in_stock_an_item_has_its_own_label(self):
        bolt = ItemFactory(sku="BOLT")
        two = flour()
        stock(two, LocationFactory(), 5, lot="L-8")

        found = labels.of_items([bolt.pk, two.pk], lots=labels.STOCKED)

        assert sorted((label.heading, label.details[0]) for label in found) == [
            ("BOLT", "Unit EA"),
            ("FLOUR", "Lot L-7"),
            ("FLOUR", "Lot L-8"),
        ]

    def test_places_outside_the_gate_have_none(self):
        outside = Location.objects.virtual(LocationKind.CONSUMPTION)

        assert labels.of_locations([outside.pk]) == []

    def test_receipt_has_one_for_what_each_line_brought(self):
        made = approved_order(line(ItemFactory(sku="BOLT")), line(ItemFactory(sku="NUT")))
        receipt = receiving.receive(made, by=UserFactory())

        assert [label.heading for label in labels.of_receipts([receipt.pk])] == ["BOLT", "NUT"]

    def test_costs_a_query_however_many_there_are(self):
        keys = [ItemFactory().pk for _number in range(12)]

        assert count_queries(lambda: labels.of_items(keys)) == 1


@database
class TestWhereTheyStand:
    @pytest.mark.parametrize("sheet", [sheet for sheet in SHEETS.values() if not sheet.is_roll])
    def test_a_full_sheet_is_one_page_and_every_label_is_read(self, sheet):
        item = ItemFactory(sku="BOLT")

        content = printed(labels.of_items([item.pk]), sheet.name, copies=sheet.per_page)

        assert len(PdfReader(BytesIO(content)).pages) == 1
        found = [symbol.text for symbol in symbols_of(content, dpi=200)]
        assert found.count("BOLT") == sheet.per_page

    def test_one_more_than_a_sheet_begins_another(self):
        content = printed(labels.of_items([ItemFactory().pk]), copies=25)

        assert len(PdfReader(BytesIO(content)).pages) == 2

    def test_a_begun_sheet_goes_on_where_it_ended(self):
        content = printed(labels.of_items([ItemFactory(sku="BOLT").pk]), start=5)

        (bars,) = [symbol for symbol in symbols_of(content) if symbol.format.name == "Code128"]
        picture = pictures_of(content)[0]
        # The fifth label of a sheet of three columns stands in the middle of the second line.
        assert (
            picture.width / 3 < bars.position.top_left.x < bars.position.top_right.x < picture.width * 2 / 3
        )
        assert picture.height / 8 < bars.position.top_left.y < picture.height * 2 / 8

    @pytest.mark.parametrize("name", ["roll-50x30", "roll-100x50"])
    def test_on_a_roll_a_page_is_one_label(self, name):
        content = printed(labels.of_items([ItemFactory().pk]), name, copies=3)

        pages = PdfReader(BytesIO(content)).pages
        width, height = SHEETS[name].page
        assert len(pages) == 3
        assert (float(pages[2].mediabox.width), float(pages[2].mediabox.height)) == pytest.approx(
            (width * mm, height * mm), abs=0.01
        )

    @pytest.mark.parametrize("sheet", SHEETS.values())
    def test_all_labels_of_a_sheet_lie_on_the_page(self, sheet):
        left, top = sheet.place(sheet.per_page - 1)

        assert left + sheet.size[0] <= sheet.page[0] + 0.01
        assert top + sheet.size[1] <= sheet.page[1] + 0.01

    def test_a_sheet_has_no_label_beyond_its_last(self):
        with pytest.raises(InvalidInput):
            printed(labels.of_items([ItemFactory().pk]), start=25)

    def test_more_than_a_file_holds_are_refused(self):
        with pytest.raises(InvalidInput):
            printed(labels.of_items([ItemFactory().pk]), copies=label_drawing.MOST_LABELS + 1)


@database
class TestPage:
    def items_page(self, *items):
        return reverse("admin:labels-items", query={"id": [item.pk for item in items]})

    def send(self, client, address, **values):
        return client.post(reverse("admin:labels-items"), {**form(client.get(address)), **values})

    def test_answers_with_the_labels(self, clerk):
        answer = self.send(clerk, self.items_page(ItemFactory(sku="BOLT")), copies=2, sheet="roll-50x30")

        assert answer["Content-Type"] == "application/pdf"
        assert answer["Content-Disposition"] == 'inline; filename="labels-items.pdf"'
        assert len(PdfReader(BytesIO(answer.content)).pages) == 2

    def test_offers_what_was_chosen_last(self, clerk):
        item = ItemFactory()
        self.send(clerk, self.items_page(item), sheet="roll-100x50", qr="data")

        offered = form(clerk.get(self.items_page(item)))

        assert (offered["sheet"], offered["qr"], offered["copies"]) == ("roll-100x50", "data", "1")

    def test_prints_one_lot_of_an_item(self, clerk):
        item = flour()
        (lot,) = item.lots.all()

        answer = self.send(clerk, self.items_page(item), lots=lot.pk)

        assert "Lot L-7" in text_of(answer.content)

    def test_asks_for_no_lot_where_none_is_kept(self, clerk):
        assert "lots" not in form(clerk.get(self.items_page(ItemFactory())))

    def test_refuses_a_label_that_the_sheet_does_not_have(self, clerk):
        answer = self.send(clerk, self.items_page(ItemFactory()), start=25)

        assert answer.status_code == 200
        assert "The sheet has labels 1 to 24." in answer.content.decode()

    @pytest.mark.parametrize("name", ["items", "lots", "locations", "receipts"])
    def test_is_closed_to_those_who_may_not_see_the_records(self, name):
        nobody = UserFactory()
        nobody.groups.clear()

        assert enter(nobody).get(reverse(f"admin:labels-{name}"), {"id": 1}).status_code == 403

    def test_without_a_record_leads_to_the_list(self, clerk):
        answer = clerk.get(reverse("admin:labels-locations"), {"id": "x"})

        assert answer.url == reverse("admin:inventory_location_changelist")

    def test_is_reached_from_a_selection(self, clerk):
        bolt, nut = LocationFactory(code="BIN-1"), LocationFactory(code="BIN-2")
        answer = clerk.post(
            reverse("admin:inventory_location_changelist"),
            {"action": "print_labels", "_selected_action": [bolt.pk, nut.pk]},
        )

        sent = clerk.post(reverse("admin:labels-locations"), form(answer))

        text = text_of(sent.content)
        assert "BIN-1" in text
        assert "BIN-2" in text

    def test_button_leads_to_it(self, clerk):
        item = ItemFactory()

        page = clerk.get(reverse("admin:inventory_item_change", args=[item.pk])).content.decode()

        assert f'href="{self.items_page(item)}"' in page

    def test_is_not_offered_on_a_place_outside_the_gate(self, clerk):
        outside = Location.objects.virtual(LocationKind.CONSUMPTION)

        page = clerk.get(reverse("admin:inventory_location_change", args=[outside.pk])).content.decode()

        assert "labels/locations" not in page


class TestBars:
    @given(st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=24))
    @example("12")
    @example("A12")
    @example("123A4567B8")
    @example("0012345678901")
    @effort(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    def test_any_code_is_read_as_it_was_written(self, code):
        file = BytesIO()
        pages = Pages(file, title="", subject="", author="")
        pages.turn((400, 60))
        symbols.draw_bars(pages, symbols.bars(code), 0, 5, module=1, height=50)
        pages.canvas.showPage()
        pages.close()

        assert [symbol.text for symbol in symbols_of(file.getvalue(), dpi=144)] == [code]

    def test_are_not_drawn_of_letters_that_they_do_not_have(self):
        assert symbols.bars("écrou") is None
        assert symbols.bars("") is None
