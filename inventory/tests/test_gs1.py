"""GS1 numbers and what a label says of them."""

from datetime import date

import pytest

from inventory import gs1


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
