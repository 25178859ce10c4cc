from datetime import UTC, date, datetime
from decimal import Decimal
from io import BytesIO

import openpyxl
import pytest
import tablib

from ipms.sheets import Csv, Xlsx, neutral, restored


@pytest.mark.parametrize("beginning", ["=", "+", "-", "@", "\t", "\r"])
def test_a_text_that_looks_like_a_formula_is_written_as_text_and_comes_back(beginning):
    text = f"{beginning}cmd|' /C calc'!A0"
    dataset = tablib.Dataset([text, Decimal("-5")], headers=["text", "number"])

    assert neutral(text) == f"'{text}"
    assert restored(neutral(text)) == text
    cells = list(openpyxl.load_workbook(BytesIO(Xlsx().export_data(dataset))).active.rows)[1]
    assert (cells[0].data_type, cells[0].value[0]) == ("s", "'")
    assert (cells[1].data_type, cells[1].value) == ("n", -5)


def test_a_csv_export_opens_rightly_in_a_spreadsheet():
    dataset = tablib.Dataset(
        [
            "Ünïcode",
            Decimal("5.5000"),
            date(2031, 7, 15),
            datetime(2031, 7, 15, 8, 30, tzinfo=UTC),
            True,
            None,
        ],
        headers=["a", "b", "c", "d", "e", "f"],
    )

    content = Csv().export_data(dataset)

    assert content.startswith(b"\xef\xbb\xbf")
    assert content.decode("utf-8-sig").splitlines()[1] == "Ünïcode,5.5,2031-07-15,2031-07-15 08:30,yes,"
