"""Spreadsheets as people have them."""

import zipfile
from datetime import date, datetime
from io import BytesIO
from itertools import pairwise

import openpyxl
import pytest

from ipms.importing import reading
from ipms.importing.notation import COMMA, MONTH_FIRST, Notation
from ipms.sheets import UnreadableFile

_NAMESPACE = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'


@pytest.fixture
def read(tmp_path):
    """Read the rows of a file with this content."""

    def rows(content, name="file.csv"):
        path = tmp_path / "file"
        path.write_bytes(content)
        return list(reading.rows(path, reading.detect(path, name)))

    return rows


def workbook(*rows, formats=None):
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    for cell, code in (formats or {}).items():
        book.active[cell].number_format = code
    file = BytesIO()
    book.save(file)
    return file.getvalue()


def altered(content, part, text):
    """Return a workbook with one of its parts replaced."""
    target = BytesIO()
    with zipfile.ZipFile(BytesIO(content)) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, text if name == part else old.read(name))
    return target.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        pytest.param("sku;name\r\nA;Käse\r\n".encode(), id="semicolons"),
        pytest.param("sku\tname\nA\tKäse\n".encode(), id="tabs"),
        pytest.param("\ufeffsku,name\nA,Käse\n".encode(), id="with a mark"),
        pytest.param("sku,name\nA,Käse\n".encode("cp1252"), id="the old Western code page"),
        pytest.param("sku\tname\nA\tKäse\n".encode("utf-16"), id="text in two bytes"),
        pytest.param("sku,name\rA,Käse\r".encode(), id="lines that end as on old machines"),
        pytest.param("sku,name,,\nA,Käse,,\n".encode(), id="empty cells at the end"),
        pytest.param('"sku";"name"\n"A";"Käse"'.encode(), id="quoted"),
    ],
)
def test_csv_files_are_read_as_people_have_them(read, content):
    assert read(content) == [(1, ["sku", "name"]), (2, ["A", "Käse"])]


def test_rows_keep_the_number_they_have_in_the_file(read):
    assert read(b"\n\nsku\n\nA\n") == [(3, ["sku"]), (5, ["A"])]
    assert read(workbook([], ["sku"], [], [1001]), "file.xlsx") == [(2, ["sku"]), (4, [1001])]


def test_a_workbook_gives_numbers_days_texts_and_yes_or_no(read):
    content = workbook(
        [1.5, "00123", date(2031, 7, 15), datetime.fromisoformat("2031-07-15T08:30"), True, None, "end"]
    )

    ((_number, cells),) = read(content, "file.xlsx")

    assert cells == [
        1.5,
        "00123",
        date(2031, 7, 15),
        datetime.fromisoformat("2031-07-15T08:30"),
        True,
        None,
        "end",
    ]


def test_zeros_that_a_workbook_shows_before_a_number_are_kept(read):
    content = workbook([123, 123], formats={"A1": "0000000000000"})

    assert read(content, "file.xlsx") == [(1, ["0000000000123", 123])]


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        pytest.param("f.xlsx", b"not a workbook", "not an XLSX", id="no workbook"),
        pytest.param("f.xlsx", b"PK\x03\x04 broken", "not an XLSX", id="half a workbook"),
        pytest.param("f.xls", b"\xd0\xcf\x11\xe0....", "old kind", id="an old workbook"),
        pytest.param("f.csv", b'sku,name\n"never closed,x', "not a CSV", id="a quote that never ends"),
        pytest.param("f.csv", b"", "empty", id="nothing"),
        pytest.param("f.csv", b"a," * 300, "columns", id="too many columns"),
    ],
)
def test_a_file_that_is_none_is_refused_in_words(read, name, content, said):
    with pytest.raises(UnreadableFile, match=said):
        read(content, name)


def test_a_file_with_too_many_rows_is_refused_in_words(read, settings):
    settings.IMPORT_MAX_ROWS = 3

    with pytest.raises(UnreadableFile, match="more than 3 rows"):
        read(b"sku\n" + b"A\n" * 5)


def test_a_workbook_that_unpacks_to_very_much_is_refused(read, settings):
    settings.MAX_IMPORT_BYTES = 100_000
    bomb = f"<worksheet {_NAMESPACE}><sheetData>" + "<row/>" * 1_000_000

    with pytest.raises(UnreadableFile, match="unpacks to more"):
        read(altered(workbook(["sku"]), "xl/worksheets/sheet1.xml", bomb), "file.xlsx")


def sheet_of(rows):
    return f"<worksheet {_NAMESPACE}><sheetData>{rows}</sheetData></worksheet>"


def test_a_cell_in_the_last_corner_takes_no_memory(read):
    far = sheet_of('<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>')

    assert read(altered(workbook(["sku"]), "xl/worksheets/sheet1.xml", far), "file.xlsx") == []


def test_a_heading_too_many_is_refused_in_words(read):
    with pytest.raises(UnreadableFile, match="columns"):
        read(workbook(["name"] * (reading.MAX_COLUMNS + 1)), "file.xlsx")


_ENTITIES = "".join(
    '<!ENTITY {} "{}">'.format(outer, f"&{inner};" * 20) for inner, outer in pairwise("abcdefgh")
)


@pytest.mark.parametrize(
    "sheet",
    [
        pytest.param(sheet_of('<row r="1"><c r="ZZZZZZ1"><v>1</v></c></row>'), id="a cell beyond all"),
        pytest.param(sheet_of('<row r="999999999999"/>'), id="a row beyond all"),
        pytest.param(sheet_of('<row><c t="s"><v>77</v></c></row>'), id="a text that is not there"),
        pytest.param(
            f'<!DOCTYPE x [<!ENTITY a "{"a" * 20}">{_ENTITIES}]>'
            + sheet_of('<row><c t="str"><v>&h;</v></c></row>'),
            id="entities within entities",
        ),
    ],
)
def test_a_workbook_that_nobody_wrote_with_a_spreadsheet_is_refused(read, sheet):
    with pytest.raises(UnreadableFile, match="not an XLSX"):
        read(altered(workbook(["sku"]), "xl/worksheets/sheet1.xml", sheet), "file.xlsx")


@pytest.mark.parametrize(
    ("text", "notation", "number"),
    [
        ("1,234.50", Notation(), "1234.50"),
        ("1.234,50", Notation(COMMA), "1234.50"),
        ("1 234,50", Notation(COMMA), "1234.50"),
        ("1\u202f234.5", Notation(), "1234.5"),
        ("1'234.5", Notation(), "1234.5"),
        ("-5", Notation(), "-5"),
        ("1.234,50", Notation(), None),
        ("1,25", Notation(), None),
        ("12.5", Notation(COMMA), None),
        ("1,2345", Notation(), None),
        ("5 pcs", Notation(), None),
        ("NaN", Notation(), None),
    ],
)
def test_a_number_is_read_as_the_file_writes_them_or_not_at_all(text, notation, number):
    found = notation.number(text)

    assert (found if found is None else str(found)) == number


@pytest.mark.parametrize(
    ("text", "notation", "day"),
    [
        ("2031-07-15", Notation(), date(2031, 7, 15)),
        ("15/07/2031", Notation(), date(2031, 7, 15)),
        ("15.7.31", Notation(), date(2031, 7, 15)),
        ("07/15/2031", Notation(days=MONTH_FIRST), date(2031, 7, 15)),
        ("2-Jun-06", Notation(), date(2006, 6, 2)),
        ("15 juillet 2031", Notation(), date(2031, 7, 15)),
        ("July 15, 2031", Notation(), date(2031, 7, 15)),
        ("07/15/2031", Notation(), None),
        ("31/02/2031", Notation(), None),
        ("soon", Notation(), None),
    ],
)
def test_a_day_is_read_as_the_file_writes_them_or_not_at_all(text, notation, day):
    assert notation.day(text) == day
