from pathlib import Path

import pytest
from django.conf import settings

from procurement import order_import
from procurement.order_import import MappingRefused
from procurement.tests.sheets import MAPPING, mapping


def refusals(*changes):
    with pytest.raises(MappingRefused) as caught:
        mapping(*changes)
    return caught.value.sentences


def test_the_example_in_the_documentation_is_in_order():
    text = (Path(settings.BASE_DIR) / "docs/examples/scms.toml").read_text(encoding="utf-8")

    example = order_import.load(text)

    assert example.source == "scms"
    assert "Item Description" in example.all_columns()


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        pytest.param(
            'number = "Order"', "number = ", "The mapping is not valid TOML", id="no TOML, with its line"
        ),
        pytest.param('source = "test"', "", "Name the spreadsheet: source", id="no source"),
        pytest.param('key = "No"', "", "identify a row: key", id="no key"),
        pytest.param(
            'key = "No"', "key = 5", "key is a text or a list of texts", id="a key that is a number"
        ),
        pytest.param('number = "Order"', "", "order.number is missing", id="a required field is missing"),
        pytest.param('value = "Value"', "", "line.value or line.unit_price", id="no price"),
        pytest.param(
            'name = "Article"',
            'name = "Article"\ncolour = "Red"',
            "There is no “item.colour” in a mapping; there is: name, sku",
            id="an unknown field",
        ),
        pytest.param(
            "[supplier]",
            "[suplier]",
            "“suplier” in a mapping; did you mean “supplier”",
            id="a slip of the pen",
        ),
        pytest.param('quantity = "Quantity"', "quantity = 5", "line.quantity is a column", id="no column"),
        pytest.param('quantity = "Quantity"', "quantity = []", "names no column", id="an empty list"),
        pytest.param(
            'currency = "Currency"',
            'currency = { constant = "USD", column = "Currency" }',
            "order.currency takes one of: column, earliest, constant",
            id="two sources in one",
        ),
        pytest.param(
            'currency = "Currency"', "currency = { constant = true }", "the constant is a text", id="true"
        ),
        pytest.param(
            'quantity = "Quantity"',
            'quantity = { earliest = ["Quantity"] }',
            "line.quantity is not a date",
            id="the earliest of what is no date",
        ),
        pytest.param('"%d-%b-%y"', '"%d-%b"', "“%d-%b” is not a date format", id="a date without a year"),
        pytest.param("[values]", "[values]\ndecimal_mark = ';'", "“.” or “,”", id="a strange decimal mark"),
        pytest.param(
            "[values]", "[file]\nencoding = 'utf-9'\n[values]", "“utf-9” is not an encoding", id="encoding"
        ),
        pytest.param(
            "[values]", "[file]\nencoding = 'rot13'\n[values]", "“rot13” is not an encoding", id="no text"
        ),
        pytest.param("[values]", "[file]\ndelimiter = 'x'\n[values]", "tab, comma", id="delimiter"),
        pytest.param(
            "[values]", "[file]\nheader_row = '2'\n[values]", "is a whole number", id="a number as a text"
        ),
        pytest.param("[values]", "[file]\nheader_row = 0\n[values]", "counts from 1", id="row zero"),
        pytest.param('name = "Store"', "", "location.name", id="deliveries to nowhere"),
        pytest.param('on = "Delivered"', "", "A delivery needs its day", id="a delivery without a day"),
        pytest.param(
            'name = "Store"', 'name = "Store"\nsite = "Here"', "location.site is a table", id="half a site"
        ),
        pytest.param('source = "test"', 'source = "test"\nfile = 3', "“file” is a section", id="no section"),
    ],
)
def test_a_mistake_is_told_in_one_sentence(old, new, sentence):
    assert [told for told in refusals((old, new)) if sentence in told]


def test_all_mistakes_are_told_at_once():
    told = refusals(('number = "Order"', ""), ('"%d-%b-%y"', '"%d-%b"'), ("[values]", "[values]\ncolour = 1"))

    assert len(told) == 3


def test_an_empty_mapping_is_refused():
    with pytest.raises(MappingRefused):
        order_import.load("")


def test_a_field_is_looked_for_in_its_first_column():
    read = order_import.load(
        MAPPING.replace('"Ordered"', '[{ constant = 2024-01-02 }, "Ordered", { earliest = ["Promised"] }]')
    )

    assert read.column_of("order.ordered_on") == "Ordered"
    assert read.column_of("item.sku") == ""
