import io
from datetime import date

import pytest
import xlsxwriter

from procurement.order_import import FileRefused
from procurement.order_import.reading import read
from procurement.tests.sheets import as_csv, mapping, rows, sheet


def refusal(file, *changes):
    with pytest.raises(FileRefused) as caught:
        read(file, mapping(*changes))
    return " ".join(caught.value.sentences)


def articles(file, *changes):
    return [row.cells["Article"] for row in read(file, mapping(*changes))]


def workbook(records, *, title_rows=0, sheet="Orders"):
    file = io.BytesIO()
    book = xlsxwriter.Workbook(file, {"in_memory": True, "default_date_format": "dd/mm/yyyy"})
    page = book.add_worksheet(sheet)
    page.write_row(title_rows, 0, list(records[0]))
    for number, record in enumerate(records, start=title_rows + 1):
        for column, value in enumerate(record.values()):
            page.write(number, column, value)
    book.close()
    return io.BytesIO(file.getvalue())


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"], ids=["LF", "CRLF", "CR"])
def test_every_line_end_is_understood(end):
    file = as_csv(rows({}, {"Article": "Nut M8, plain"}), lineterminator=end)

    assert articles(file) == ["Bolt M8, zinc", "Nut M8, plain"]


@pytest.mark.parametrize("delimiter", list("\t,;|"), ids=["tab", "comma", "semicolon", "pipe"])
def test_the_delimiter_is_told_from_the_header(delimiter):
    assert articles(as_csv(rows({}), delimiter=delimiter)) == ["Bolt M8, zinc"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_unicode_is_told_by_its_mark(encoding):
    assert articles(as_csv(rows({"Article": "Vis à tôle"}), encoding=encoding)) == ["Vis à tôle"]


def test_another_encoding_is_named_in_the_mapping():
    file = as_csv(rows({"Article": "Vis à tôle"}), encoding="cp1252")

    assert articles(file, ("[values]", "[file]\nencoding = 'cp1252'\n[values]")) == ["Vis à tôle"]


def test_a_wrong_encoding_is_told_with_its_line():
    file = as_csv(rows({}, {"Article": "Vis à tôle"}), encoding="cp1252")

    assert "is not utf-8 (line 3 has the byte 0xE0)" in refusal(file)


def test_rows_are_numbered_as_a_spreadsheet_program_does():
    file = as_csv(rows({"Project": "two\nlines"}, dict.fromkeys(rows({})[0], ""), {}))

    assert [row.number for row in read(file, mapping())] == [2, 4]


def test_a_short_row_ends_in_empty_cells():
    file = io.BytesIO(sheet({}).getvalue().replace(b",15/01/2024,DN-7", b""))

    (row,) = read(file, mapping())

    assert row.cells["Delivered"] == ""


def test_what_stands_beyond_the_header_is_kept_to_be_told():
    file = io.BytesIO(sheet({}).getvalue().rstrip() + b",what?,,\n")

    (row,) = read(file, mapping())

    assert row.surplus == "what?"


def test_column_names_differ_in_case_and_blanks():
    file = io.BytesIO(sheet({}).getvalue().replace(b"Article", b" ARTICLE ").replace(b"Note", b"note"))

    assert articles(file) == ["Bolt M8, zinc"]


def test_columns_that_are_missing_are_told_at_once():
    file = io.BytesIO(sheet({}).getvalue().replace(b"Article", b"Articles").replace(b"Quantity", b"Pieces"))

    told = refusal(file)

    assert "no column “Article”; did you mean “Articles”?" in told
    assert "no column “Quantity”" in told
    assert "The file has the columns: No, Order" in told


def test_a_column_that_stands_twice_is_refused():
    file = io.BytesIO(sheet({}).getvalue().replace(b"Project", b"Article"))

    assert "several columns “Article”" in refusal(file)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        pytest.param(b"", "The file is empty", id="nothing"),
        pytest.param(b" \r\n ", "The file is empty", id="blanks"),
        pytest.param(sheet({}).getvalue().splitlines()[0], "no row below its header", id="a header alone"),
        pytest.param(b"\n1,2", "where the header should be, is empty", id="an empty header"),
        pytest.param(b"PK\x03\x04 no workbook", "The workbook cannot be read", id="a broken workbook"),
        pytest.param(
            sheet({}).getvalue() + b'2,"never closed\n3,\n', "quotes = false", id="an open quotation mark"
        ),
    ],
)
def test_a_file_without_rows_is_refused(content, sentence):
    assert sentence in refusal(io.BytesIO(content))


def test_quotation_marks_can_be_part_of_the_text():
    file = io.BytesIO(sheet({"Article": "x"}).getvalue().replace(b",x,", b',"Pipe 2",'))

    assert articles(file, ("[values]", "[file]\nquotes = false\n[values]")) == ['"Pipe 2"']


def test_a_file_that_is_not_there_is_told(tmp_path):
    assert "No such file" in refusal(tmp_path / "orders.csv")


def test_a_workbook_keeps_its_numbers_and_dates():
    record = {**rows({})[0], "Value": 780.34, "Delivered": date(2024, 1, 15)}

    (row,) = read(workbook([record]), mapping())

    assert row.number == 2
    assert row.cells["Value"] == pytest.approx(780.34)
    assert row.cells["Delivered"] == date(2024, 1, 15)


def test_a_header_may_stand_below_titles():
    file = workbook(rows({}), title_rows=3)

    (row,) = read(file, mapping(("[values]", "[file]\nheader_row = 4\n[values]")))

    assert row.number == 5


def test_a_sheet_is_chosen_by_its_name():
    file = workbook(rows({}), sheet="Orders")

    assert articles(file, ("[values]", "[file]\nsheet = 'Orders'\n[values]")) == ["Bolt M8, zinc"]
    file.seek(0)
    assert "no sheet “Lines”; it has: Orders" in refusal(
        file, ("[values]", "[file]\nsheet = 'Lines'\n[values]")
    )
