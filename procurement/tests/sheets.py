"""Small spreadsheets of order lines, and the mapping that reads them."""

import csv
import io

from accounts.models import User
from accounts.tests.factories import UserFactory
from procurement import order_import

MAPPING = """
source = "test"
key = "No"

[values]
empty = ["n/a", "see *"]
date_formats = ["%d/%m/%Y", "%d-%b-%y"]

[order]
number = "Order"
ordered_on = "Ordered"
expected_on = "Promised"
currency = "Currency"
notes = ["Project", "Transport"]

[supplier]
name = "Supplier"

[item]
name = "Article"
category = ["Group"]

[line]
quantity = "Quantity"
value = "Value"
tax_rate = "Tax"

[location]
name = "Store"

[delivery]
on = "Delivered"
reference = "Note"
"""
_ROW = {
    "No": "1",
    "Order": "A-1",
    "Ordered": "02/01/2024",
    "Promised": "",
    "Currency": "USD",
    "Project": "",
    "Transport": "",
    "Supplier": "Kigali Steel Ltd",
    "Article": "Bolt M8, zinc",
    "Group": "Fasteners",
    "Quantity": "10",
    "Value": "25.00",
    "Tax": "",
    "Store": "Main store",
    "Delivered": "15/01/2024",
    "Note": "DN-7",
}


def rows(*changes):
    """Return rows with a key each that differ from the usual one as told."""
    return [{**_ROW, "No": str(number), **change} for number, change in enumerate(changes, start=1)]


def sheet(*changes):
    """Return such rows as a CSV file."""
    return as_csv(rows(*changes))


def as_csv(records, *, encoding="utf-8", **how):
    text = io.StringIO()
    writer = csv.DictWriter(text, fieldnames=list(records[0]), **how)
    writer.writeheader()
    writer.writerows(records)
    return io.BytesIO(text.getvalue().encode(encoding))


def mapping(*changes):
    """Return the usual mapping, each of `changes` (old text, new text) made in it."""
    text = MAPPING
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return order_import.load(text)


def run(file, *changes, by=None, **how):
    """Import a file as an administrator would."""
    by = by or User.objects.filter(role="admin").first() or UserFactory(admin=True)
    return order_import.run(file, mapping(*changes), by=by, **how)


def sentences(report):
    """Return what was refused: row, column and sentence of each problem."""
    return [(problem.row, problem.column, problem.sentence) for problem in report.problems]
