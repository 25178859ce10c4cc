from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from procurement.order_import import codes
from procurement.order_import.reading import Row
from procurement.order_import.rows import Parser
from procurement.tests.sheets import mapping, rows


def parse(cells, *changes):
    parser = Parser(mapping(*changes), today=date(2024, 6, 1))
    return parser.parse(Row(number=7, cells=rows(cells)[0]))


def line(cells, *changes):
    parsed = parse(cells, *changes)
    assert not parsed.problems, parsed.problems
    return parsed.line


def problem(cells, *changes):
    (found,) = parse(cells, *changes).problems
    return found


def test_a_row_becomes_a_line():
    found = line({"Tax": "18", "Project": "Hall 3", "Transport": "n/a"})

    assert (found.row, found.key, found.order, found.currency) == (7, "1", "A-1", "USD")
    assert (found.ordered_on, found.expected_on) == (date(2024, 1, 2), None)
    assert (found.quantity, found.unit_price, found.value) == (10, Decimal("2.5"), 25)
    assert found.total == Decimal("29.50")
    assert (found.item.code, found.item.path) == ("BOLT-M8-ZINC", ("Fasteners",))
    assert found.notes == (("Project", "Hall 3"),)
    assert (found.delivered.on, found.delivered.quantity) == (date(2024, 1, 15), 10)
    assert found.delivered.reference == "DN-7"


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1234.5", "1234.5"),
        ("1,234.50", "1234.5"),
        ("1 234 567.5", "1234567.5"),
        ("1\u202f234\u00a0567", "1234567"),
        ("1'234.5", "1234.5"),
        (".5", "0.5"),
        (" 12 ", "12"),
        (780.34, "780.34"),
        (0.1 + 0.2, "0.3"),
        (100000000.0, "100000000"),
        (7, "7"),
    ],
)
def test_numbers_are_read_as_people_write_them(text, number):
    found = line({"Quantity": "1", "Price": text}, ('value = "Value"', 'unit_price = "Price"'))

    assert found.unit_price == Decimal(number)


def test_the_decimal_mark_may_be_a_comma():
    found = line({"Value": "1.234,50"}, ("[values]", "[values]\ndecimal_mark = ','"))

    assert found.value == Decimal("1234.50")


@pytest.mark.parametrize(
    "text", ["Invoiced Separately", "12,34", "1.2.3", "$ 12", "1E+05", "(5)", "—", "٣٤x", "12 lots", True]
)
def test_text_in_an_amount_is_refused(text):
    found = problem({"Value": text})

    assert (found.row, found.key, found.column, found.value) == (7, "1", "Value", str(text))
    assert found.sentence == "This is not a number."


@pytest.mark.parametrize(
    ("cell", "day"),
    [
        ("15/01/2024", date(2024, 1, 15)),
        ("2-Jun-06", date(2006, 6, 2)),
        (date(2024, 1, 15), date(2024, 1, 15)),
        (datetime(2024, 1, 15, 10, 30, tzinfo=ZoneInfo("UTC")), date(2024, 1, 15)),
    ],
)
def test_dates_have_several_forms(cell, day):
    assert line({"Delivered": cell}).delivered.on == day


@pytest.mark.parametrize("cell", ["2024-01-15", "31/02/2024", "soon", 45306.0, "15/01/24"])
def test_another_form_of_a_date_is_refused(cell):
    found = problem({"Delivered": cell})

    assert found.column == "Delivered"
    assert found.sentence == "This is not a date of the form %d/%m/%Y or %d-%b-%y."


def test_a_column_may_have_a_form_of_its_own():
    own = ('on = "Delivered"', 'on = { column = "Delivered", formats = ["%m/%d/%Y"] }')

    assert line({"Delivered": "01/15/2024"}, own).delivered.on == date(2024, 1, 15)


@pytest.mark.parametrize("nothing", ["", "  ", "n/a", "N/A", "See ASN-93 (ID#:1281)", None, "\u200b"])
def test_what_the_mapping_calls_empty_is_empty(nothing):
    assert line({"Delivered": nothing, "Promised": nothing}).delivered is None


def test_a_day_comes_from_the_first_source_that_has_one():
    sources = ('"Ordered"', '["Ordered", "Promised", { earliest = ["Delivered", "Recorded"] }]')
    nothing = {"Ordered": "n/a", "Promised": "n/a", "Recorded": "n/a"}

    assert line({**nothing, "Promised": "03/01/2024"}, sources).ordered_on == date(2024, 1, 3)
    assert line(nothing, sources).ordered_on == date(2024, 1, 15)
    assert line({**nothing, "Recorded": "14/01/2024"}, sources).ordered_on == date(2024, 1, 14)


def test_a_source_that_cannot_be_read_is_not_passed_over():
    sources = ('"Ordered"', '["Ordered", "Delivered"]')

    assert problem({"Ordered": "soon"}, sources).column == "Ordered"


@pytest.mark.parametrize("column", ["Order", "Ordered", "Supplier", "Article", "Quantity", "Store"])
def test_what_is_required_must_be_there(column):
    found = problem({column: "n/a"})

    assert (found.column, found.sentence) == (column, "This is missing.")


@pytest.mark.parametrize(
    ("cells", "column", "sentence"),
    [
        ({"Quantity": "0"}, "Quantity", "Enter a quantity above zero."),
        ({"Quantity": "-3"}, "Quantity", "This is below zero, or more than can be kept."),
        ({"Quantity": "1" + "0" * 14}, "Quantity", "This is below zero, or more than can be kept."),
        ({"Value": "-1"}, "Value", "This is below zero, or more than can be kept."),
        ({"Value": "n/a"}, "Value", "There is no price."),
        ({"Value": "25.001"}, "Value", "USD has 2 decimals."),
        ({"Currency": "RWF", "Value": "25.50"}, "Value", "RWF has 0 decimals."),
        ({"Currency": "Dollars"}, "Currency", "This is not an ISO 4217 currency code."),
        ({"Currency": ""}, "Currency", "This is not an ISO 4217 currency code."),
        ({"Ordered": "02/06/2024"}, "Ordered", "This is in the future."),
        ({"Delivered": "02/06/2024"}, "Delivered", "This is in the future."),
        ({"Order": "x" * 101}, "Order", "At most 100 characters, please."),
        ({"No": ""}, "No", "This identifies the row and is empty."),
        ({"No": "x" * 121}, "No", "This is too long to identify a row."),
        ({"Project": "a\x00b"}, "Project", "There is a control character in this text."),
        ({"Supplier": "a\x07b"}, "Supplier", "There is a control character in this text."),
    ],
)
def test_what_cannot_be_is_told_at_its_column(cells, column, sentence):
    found = problem(cells)

    assert (found.column, found.sentence) == (column, sentence)


def test_all_that_is_wrong_with_a_row_is_told():
    found = parse({"Quantity": "many", "Value": "much", "Ordered": "once", "Supplier": ""}).problems

    assert {one.column for one in found} == {"Quantity", "Value", "Ordered", "Supplier"}


@pytest.mark.parametrize(
    ("quantity", "value"),
    [("3", "1.00"), ("7", "0.01"), ("619999", "5951990.40"), ("147", "11076.45"), ("0.0003", "1.00")],
)
def test_the_unit_price_gives_the_value_again_to_the_cent(quantity, value):
    found = line({"Quantity": quantity, "Value": value})

    assert round(found.quantity * found.unit_price, 2) == Decimal(value)


def test_a_value_that_no_unit_price_gives_is_refused():
    found = problem({"Quantity": "9000001", "Value": "1000000.02"})

    assert found.column == "Value"
    assert found.sentence.startswith("No unit price with 8 decimals gives this: 9000001 x 0.11111110 is ")


def test_a_price_without_a_value_makes_the_value():
    both = ('value = "Value"', 'value = "Value"\nunit_price = "Price"')

    assert line({"Value": "", "Price": "0.333", "Quantity": "3"}, both).value == Decimal("1.00")
    assert line({"Price": "", "Quantity": "10"}, both).value == 25


def test_something_given_for_nothing_is_taken():
    assert line({"Value": "0"}).unit_price == 0


def test_a_part_may_have_come():
    part = ('reference = "Note"', 'quantity = "Came"')

    assert line({"Came": "4"}, part).delivered.quantity == 4
    assert line({"Came": "0"}, part).delivered is None
    assert line({"Came": ""}, part).delivered.quantity == 10
    assert problem({"Came": "11"}, part).sentence == "More came than was ordered (10)."
    assert problem({"Came": "4", "Delivered": ""}, part).sentence == "Something came, but no day is given."


def test_cells_beyond_the_header_are_refused():
    parser = Parser(mapping(), today=date(2024, 6, 1))

    (found,) = parser.parse(Row(number=2, cells=rows({})[0], surplus="zinc")).problems

    assert found.value == "zinc"
    assert "beyond the last column" in found.sentence


def test_blanks_and_marks_from_the_web_do_not_make_another_name():
    found = line({"Article": "Bolt\u00a0M8,\u200b  zinc ", "Store": "Co\u0302te"})

    assert found.item.name == "Bolt M8, zinc"
    assert found.location.name == "Côte"


def test_a_key_may_be_made_of_several_columns():
    assert line({}, ('key = "No"', 'key = ["Order", "No"]')).key == "A-1 | 1"


def test_the_fingerprint_follows_what_the_row_says():
    before = line({}).fingerprint

    assert line({"Value": "25.0", "Ordered": "2-Jan-24"}).fingerprint == before
    assert line({"Value": "25.01"}).fingerprint != before
    assert line({"Project": "Hall 3"}).fingerprint != before


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("Efavirenz 600mg, tablets, 30 Tabs", "EFAVIRENZ-600MG-TABLETS-30-TABS"),
        ("  vis à  tôle (inox) ", "VIS-A-TOLE-INOX"),
        ("Chase Buffer 2.5 ml", "CHASE-BUFFER-2.5-ML"),
        ("مسمار", "مسمار"),
    ],
)
def test_a_code_tells_the_name(name, code):
    assert codes.make(name, limit=50) == code


@pytest.mark.parametrize("name", ["Kit 1+2", "Size < 5", "Hexagon socket head cap screw " * 5, "+++"])
def test_a_code_that_cannot_tell_the_whole_name_ends_with_its_hash(name):
    code = codes.make(name, limit=40)

    assert len(code) <= 40
    assert code == codes.make(f" {name.upper()}", limit=40)
    assert code != codes.make(f"{name} 2", limit=40)
