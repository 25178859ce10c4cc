"""The SCMS delivery history: a real, dirty file that does not come with the project."""

import csv
import os
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from django.conf import settings

_FOLDER = os.environ.get("IPMS_TEST_DATA", "")
FILE = Path(_FOLDER) / "scms_delivery_history.tsv"
MAPPING = Path(settings.BASE_DIR) / "docs/examples/scms.toml"

needs_scms = pytest.mark.skipif(
    not (_FOLDER and FILE.is_file()),
    reason="IPMS_TEST_DATA does not name a folder with scms_delivery_history.tsv",
)


@dataclass(frozen=True)
class Delivery:
    """A row of the file, as far as the tests compare it."""

    order: str
    supplier: str
    item: str
    country: str
    paper: str
    ordered_on: date
    expected_on: date
    delivered_on: date
    quantity: Decimal
    value: Decimal


def deliveries() -> list[Delivery]:
    """Read the file by other means than the import does."""
    with FILE.open(encoding="utf-8", newline="") as file:
        return [_delivery(row) for row in csv.DictReader(file, delimiter="\t")]


def _delivery(row: dict[str, str]) -> Delivery:
    expected, delivered, recorded = (
        _known(row[f"{what} Date"])
        for what in ("Scheduled Delivery", "Delivered to Client", "Delivery Recorded")
    )
    sent = _day(row["PO Sent to Vendor Date"]) or _day(row["PQ First Sent to Client Date"])
    return Delivery(
        order=row["PO / SO #"],
        supplier=row["Vendor"],
        item=row["Item Description"],
        country=row["Country"],
        paper=row["ASN/DN #"],
        ordered_on=sent or min(expected, delivered, recorded),
        expected_on=expected,
        delivered_on=delivered,
        quantity=Decimal(row["Line Item Quantity"]),
        value=Decimal(row["Line Item Value"]),
    )


def _known(text: str) -> date:
    day = _day(text)
    assert day is not None, text
    return day


def _day(text: str) -> date | None:
    """Return a day as the file writes it: 2-Jun-06, 11/13/06, or words where nothing is known."""
    for how in ("%d-%b-%y", "%m/%d/%y"):
        try:
            return datetime.strptime(text, how).date()  # noqa: DTZ007 - a day has no time zone
        except ValueError:
            continue
    return None
