"""GS1 numbers and what a label says of them."""

from datetime import date

import pytest
from django.conf import settings
from django.urls import reverse

from inventory import gs1
from inventory.models import Item
from inventory.tests.factories import ItemFactory
from ipms.testing.back_office import enter


@pytest.mark.parametrize(
    ("barcode", "number"),
    [
        pytest.param("96385074", "00000096385074", id="GTIN-8"),
        pytest.param("614141000036", "00614141000036", id="GTIN-12, a UPC"),
        pytest.param("4006381333931", "04006381333931", id="GTIN-13, an EAN"),
        pytest.param("09506000134352", "09506000134352", id="GTIN-14"),
        pytest.param(" 4006381333931 ", "04006381333931", id="with blanks around it"),
        pytest.param("4006381333932", "", id="wrong check digit"),
        pytest.param("40063813339", "", id="eleven digits"),
        pytest.param("00000000", "", id="nothing but noughts"),
        pytest.param("٤٠٠٦٣٨١٣٣٣٩٣١", "", id="digits of another script"),
        pytest.param("BOLT-8", "", id="no number"),
        pytest.param("", "", id="empty"),
    ],
)
def test_a_gtin_has_a_right_length_and_check_digit(barcode, number):
    assert gs1.gtin(barcode) == number


def test_expiry_stands_before_the_lot_that_has_no_fixed_length():
    found = gs1.elements("4006381333931", lot="L-7/a", expires_on=date(2031, 6, 30))

    assert gs1.scanned(found) == "01040063813339311731063010L-7/a"
    assert gs1.readable(found) == "(01)04006381333931(17)310630(10)L-7/a"


@pytest.mark.parametrize(
    "lot",
    [
        pytest.param("L" * 21, id="too long"),
        pytest.param("Lot 7", id="blank"),
        pytest.param("é", id="accent"),
    ],
)
def test_lot_that_gs1_does_not_allow_is_left_out(lot):
    assert gs1.scanned(gs1.elements("4006381333931", lot=lot)) == "0104006381333931"


def test_without_a_gtin_gs1_says_nothing():
    assert gs1.elements("BOLT-8", lot="L-7", expires_on=date(2031, 6, 30)) == []


@pytest.mark.parametrize(
    "typed",
    [
        pytest.param("01040063813339311731063010L-7", id="as keyboards type it"),
        pytest.param("]C101040063813339311731063010L-7", id="with the name of the symbology"),
        pytest.param("010400638133393110L-7\x1d17310630", id="the lot before the expiry"),
        pytest.param("(01)04006381333931(10)L-7(17)310630", id="as people read it"),
    ],
)
def test_what_a_label_says_is_read_again(typed):
    assert gs1.parse(typed) == {"01": "04006381333931", "17": "310630", "10": "L-7"}


@pytest.mark.parametrize(
    "typed",
    [
        pytest.param("0104006381333932", id="wrong check digit"),
        pytest.param("010400638133393", id="too short"),
        pytest.param("010400638133393199X", id="another identifier"),
        pytest.param("10L-7", id="without an item"),
        pytest.param("BOLT-8", id="a SKU"),
        pytest.param("", id="empty"),
    ],
)
def test_other_text_is_no_label(typed):
    assert gs1.parse(typed) == {}
    assert gs1.barcodes(typed) == []


def test_an_item_may_have_its_number_written_shorter():
    assert gs1.barcodes("0104006381333931") == ["4006381333931", "04006381333931"]
    assert gs1.barcodes("0100000096385074") == ["96385074", "000096385074", "0000096385074", "00000096385074"]


@pytest.mark.django_db
def test_a_scanned_label_finds_its_item():
    flour = ItemFactory(sku="FLOUR", barcode="4006381333931")
    ItemFactory(sku="BOLT", barcode="96385074")

    assert list(Item.objects.search("01040063813339311731063010L-7")) == [flour]
    assert list(Item.objects.named("0104006381333931")) == [flour]


@pytest.mark.django_db
class TestFinding:
    def find(self, client, text):
        return client.get(reverse("admin:inventory_item_find"), {"q": text}).url

    def test_a_scanned_label_leads_to_its_item(self, staff):
        flour = ItemFactory(barcode="4006381333931")

        address = self.find(enter(staff), "01040063813339311731063010L-7")

        assert address == reverse("admin:inventory_item_change", args=[flour.pk])

    def test_a_scanned_qr_code_opens_its_record(self, staff):
        record = reverse("admin:inventory_location_change", args=[7])

        assert self.find(enter(staff), f"{settings.SITE_URL}{record}") == record

    def test_an_address_elsewhere_is_only_searched_for(self, staff):
        address = self.find(enter(staff), "https://example.org/admin/")

        assert address.startswith(reverse("admin:inventory_item_changelist"))


def test_other_things_a_label_may_say_do_not_hide_the_lot():
    found = gs1.parse("0104006381333931113001013012\x1d10L-7\x1d21S-1")

    assert (found[gs1.LOT], found[gs1.SERIAL]) == ("L-7", "S-1")


@pytest.mark.parametrize(
    ("value", "day"),
    [
        pytest.param("310630", date(2031, 6, 30), id="year, month, day"),
        pytest.param("280200", date(2028, 2, 29), id="day 00 is the last of the month"),
        pytest.param("271301", None, id="no month"),
        pytest.param("270230", None, id="no day"),
        pytest.param("", None, id="empty"),
    ],
)
def test_an_expiry_is_a_day(value, day):
    assert gs1.expiry(value) == day
