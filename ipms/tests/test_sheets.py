from datetime import UTC, date, datetime
from decimal import Decimal
from io import BytesIO

import openpyxl
import pytest
import tablib

from ipms.sheets import Csv, UnreadableFile, Xlsx, neutral, restored


def written_by_a_spreadsheet(*rows):
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    file = BytesIO()
    book.save(file)
    return file.getvalue()


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


@pytest.mark.parametrize(
    "content",
    [
        pytest.param("sku;name\r\nA;Käse\r\n".encode(), id="semicolons"),
        pytest.param("sku\tname\nA\tKäse\n".encode(), id="tabs"),
        pytest.param("\ufeffsku,name\nA,Käse\n".encode(), id="with a mark"),
        pytest.param("sku,name\nA,Käse\n".encode("cp1252"), id="the old Western code page"),
        pytest.param("\n\nsku,name\nA,Käse\n".encode(), id="empty lines above"),
    ],
)
def test_csv_files_are_read_as_people_have_them(content):
    sheet = Csv().create_dataset(content)

    assert sheet.headers == ["sku", "name"]
    assert list(sheet) == [("A", "Käse")]


def test_rows_keep_the_number_they_have_in_the_file():
    sheet = Xlsx().create_dataset(written_by_a_spreadsheet([], ["sku"], [], [1001]))

    assert sheet.header_row == 2
    assert list(sheet) == [(None,), (1001,)]


@pytest.mark.parametrize(
    ("file", "content"),
    [
        pytest.param(Xlsx(), b"not a workbook", id="no workbook"),
        pytest.param(Xlsx(), b"PK\x03\x04 broken", id="half a workbook"),
        pytest.param(Csv(), b'sku,name\n"never closed,x', id="a quote that never ends"),
        pytest.param(Csv(), b"sku\na,b\n", id="more cells than names"),
    ],
)
def test_a_file_that_is_none_is_refused_in_words(file, content):
    with pytest.raises(UnreadableFile):
        file.create_dataset(content)
