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
    delivered_on: date
    quantity: Decimal
    value: Decimal


def deliveries() -> list[Delivery]:
    """Read the file by other means than the import does."""
    with FILE.open(encoding="utf-8", newline="") as file:
        return [
            Delivery(
                order=row["PO / SO #"],
                supplier=row["Vendor"],
                item=row["Item Description"],
                country=row["Country"],
                paper=row["ASN/DN #"],
                delivered_on=datetime.strptime(row["Delivered to Client Date"], "%d-%b-%y").date(),  # noqa: DTZ007
                quantity=Decimal(row["Line Item Quantity"]),
                value=Decimal(row["Line Item Value"]),
            )
            for row in csv.DictReader(file, delimiter="\t")
        ]
