"""Files of documents, opened again by other libraries than those that wrote them."""

import csv
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from io import BytesIO, StringIO

import openpyxl
import pytest
from django.core.files.base import ContentFile
from pypdf import PdfReader

from ipms import site
from reporting import files
from reporting.tables import Chart, Column, Document, Table

pytestmark = pytest.mark.django_db

AS_OF = datetime(2031, 5, 31, 8, tzinfo=UTC)
EARLY = datetime(2031, 1, 2, 9, 30, tzinfo=UTC)

COLUMNS = [
    Column("sku", "SKU", "code"),
    Column("name", "Name"),
    Column("quantity", "On hand", "quantity"),
    Column("price", "Price", "price"),
    Column("value", "Stock value", "amount", total=True),
    Column("total", "Order total", "amount", currency="currency"),
    Column("on_time", "On time", "percent"),
    Column("expected", "Expected on", "date"),
    Column("moved", "Moved", "moment"),
    Column("is_active", "Active", "flag"),
]
BOLT = {
    "sku": "BOLT-1",
    "name": "Bolt",
    "quantity": Decimal("2.5000"),
    "price": Decimal("0.12345678"),
    "value": Decimal("1250.5000"),
    "total": Decimal("1234567.0000"),
    "currency": "RWF",
    "on_time": Decimal("97.5"),
    "expected": date(2031, 2, 3),
    "moved": EARLY,
    "is_active": True,
}
NUT = {
    **BOLT,
    "sku": "NUT-1",
    "name": "Nut",
    "value": Decimal("0.50"),
    "total": Decimal("1.5"),
    "currency": "TND",
}
BARE = {"sku": "BARE", "name": ""}


def document(*rows, **more):
    return Document(
        "stock", "Stock", [Table("items", "Items", COLUMNS, rows or [BOLT, NUT], **more)], as_of=AS_OF
    )


def written(document, format):
    file = BytesIO()
    files.write(document, format, file)
    return file.getvalue()


def read_csv(content):
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(StringIO(content.decode("utf-8-sig"), newline=""), strict=True))


def sheet_of(content, name="Items"):
    return openpyxl.load_workbook(BytesIO(content))[name]


def text_of(content):
    return "\n".join(page.extract_text() for page in PdfReader(BytesIO(content), strict=True).pages)


def test_csv_has_exact_figures_and_a_line_of_totals():
    header, bolt, _nut, bare, totals = read_csv(written(document(BOLT, NUT, BARE), "csv"))

    assert header[:3] == ["SKU", "Name", "On hand"]
    assert bolt == [
        *["BOLT-1", "Bolt", "2.5", "0.12345678", "1250.50", "1234567", "97.5"],
        *["2031-02-03", "2031-01-02T09:30:00Z", "true"],
    ]
    assert bare == ["BARE"] + [""] * 9
    assert totals[0] == "Total"
    assert totals[4] == "1251.00"


def test_csv_for_programs_has_the_names_of_the_api_and_nothing_but_rows():
    header, *rows = read_csv(written(document(headings="keys"), "csv"))

    assert header[:5] == ["sku", "name", "quantity", "price", "value"]
    assert [row[0] for row in rows] == ["BOLT-1", "NUT-1"]


def test_tables_of_a_report_stand_below_each_other_in_csv():
    months = Table("months", "By month", [Column("month", "Month", "code")], [{"month": "2031-01"}])
    both = Document("stock", "Stock", [*document(BOLT).tables, months], as_of=AS_OF)

    rows = read_csv(written(both, "csv"))

    assert rows[0] == ["Items"]
    assert rows[-3:] == [["By month"], ["Month"], ["2031-01"]]


@pytest.mark.parametrize("text", ["=1+1", "+250 788", "-5 °C", "@SUM(A1)", "\tx", "\rx"])
def test_no_spreadsheet_runs_a_text(text):
    row = {**BOLT, "name": text}

    assert read_csv(written(document(row), "csv"))[1][1] == f"'{text}"
    cell = sheet_of(written(document(row), "xlsx"))["B2"]
    assert cell.data_type == "s"
    assert cell.value.strip() == text.strip()


def test_a_negative_figure_is_no_formula():
    assert read_csv(written(document({**BOLT, "quantity": Decimal(-5)}), "csv"))[1][2] == "-5"


def test_xlsx_has_typed_cells_with_the_format_of_their_kind():
    sheet = sheet_of(written(document(), "xlsx"))

    bolt = next(sheet.iter_rows(min_row=2, max_row=2))
    assert [cell.value for cell in bolt] == [
        *["BOLT-1", "Bolt", 2.5, 0.12345678, 1250.5, 1234567, 0.975],
        *[datetime(2031, 2, 3), datetime(2031, 1, 2, 9, 30), True],  # noqa: DTZ001 - a workbook has no zones
    ]
    assert [cell.number_format for cell in bolt[2:9]] == [
        *["#,##0.0", "#,##0.00000000", "#,##0.00", "#,##0", "0.0%", "yyyy-mm-dd", "yyyy-mm-dd hh:mm"]
    ]
    assert sheet["F3"].number_format == "#,##0.000"  # three decimals have the dinar's
    assert sheet.freeze_panes == "A2"
    assert sheet.auto_filter.ref == "A1:J3"
    assert (sheet["A4"].value, sheet["E4"].value) == ("Total", 1251)


def test_xlsx_for_programs_keeps_totals_apart_from_rows():
    content = written(document(headings="keys"), "xlsx")

    assert [row[0] for row in sheet_of(content).iter_rows(values_only=True)] == ["sku", "BOLT-1", "NUT-1"]
    about = dict(sheet_of(content, "About").iter_rows(values_only=True))
    assert about["Items: Stock value, USD"] == 1251
    assert about["Title"] == "Stock"


@pytest.mark.parametrize(
    "figure", [Decimal("12345678901234.5678"), Decimal("0.12345678901234567")], ids=["large", "fine"]
)
def test_xlsx_loses_no_digit_of_a_figure_that_a_spreadsheet_cannot_hold(figure):
    cell = sheet_of(written(document({**BOLT, "quantity": figure}), "xlsx"))["C2"]

    assert Decimal(cell.value) == figure


def test_a_table_goes_on_on_another_sheet_when_one_is_full(monkeypatch):
    monkeypatch.setattr("reporting.files.as_xlsx._ROWS_OF_A_SHEET", 4)

    workbook = openpyxl.load_workbook(BytesIO(written(document(BOLT, NUT, BARE), "xlsx")))

    assert workbook.sheetnames == ["Items", "Items 2", "About"]
    assert [row[0] for row in workbook["Items 2"].iter_rows(values_only=True)] == ["SKU", "BARE", "Total"]


def test_sheets_with_names_that_excel_refuses_get_others():
    names = ["Orders: open/late?", "Orders  open late ", "x" * 40, "X" * 40]
    tables = [Table(f"t{number}", name, COLUMNS[:1], []) for number, name in enumerate(names)]

    workbook = openpyxl.load_workbook(
        BytesIO(written(Document("stock", "Stock", tables, as_of=AS_OF), "xlsx"))
    )

    assert len({name.lower() for name in workbook.sheetnames}) == 5
    assert all(len(name) <= 31 for name in workbook.sheetnames)


def test_pdf_has_letterhead_parameters_figures_and_page_numbers():
    settings = site.current()
    settings.organisation, settings.address = "Kigali Works", "KN 5 Road\nKigali"
    settings.save()
    shown = Document("stock", "Stock", document(BOLT, NUT).tables, [("Category", "Bolts")], as_of=AS_OF)

    text = text_of(written(shown, "pdf"))

    for words in (
        "Kigali Works",
        "KN 5 Road",
        "As of 31 May 2031, 08:00 UTC",
        "Category: Bolts",
        "1,234,567 RWF",
        "1.500 TND",
        "1,250.50",
        "97.5 %",
        "3 Feb 2031",
        "Total",
        "1,251.00",
    ):
        assert words in text
    assert "Page 1 of 1" in " ".join(text.split())


def test_pdf_repeats_the_heading_on_each_of_its_numbered_pages():
    rows = ({**BOLT, "sku": f"B-{number:04}"} for number in range(150))

    pages = PdfReader(BytesIO(written(document(*rows), "pdf")), strict=True).pages

    texts = [" ".join(page.extract_text().split()) for page in pages]
    assert len(texts) > 3
    assert all("Stock value, USD" in text or "Stock value," in text for text in texts)
    assert all(f"Page {number} of {len(texts)}" in text for number, text in enumerate(texts, start=1))
    found = [word for text in texts for word in text.split() if word.startswith("B-")]
    assert found == [f"B-{number:04}" for number in range(150)]


def test_pdf_lies_on_its_side_where_the_table_is_wide():
    more = [Column("moved", f"Moved {number}", "moment") for number in range(5)]

    def box(*columns):
        shown = Document("stock", "Stock", [Table("items", "Items", columns, [BOLT])], as_of=AS_OF)
        return PdfReader(BytesIO(written(shown, "pdf"))).pages[0].mediabox

    narrow, wide = box(*COLUMNS[:3]), box(*COLUMNS, *more)
    assert narrow.width < narrow.height
    assert wide.width > wide.height


@pytest.mark.parametrize("name", ["Joint d’étanchéité", "Подшипник", "Αντλία", "Ñandú × 40 µm", "łódź"])
def test_pdf_writes_names_of_many_scripts(name):
    assert name in text_of(written(document({**BOLT, "name": name}), "pdf"))


def test_pdf_has_words_where_a_program_has_codes():
    state = Column("state", "State", "code", words={"low-stock": "Low on stock"})
    shown = Document("s", "S", [Table("t", "T", [state], [{"state": "low-stock"}])], as_of=AS_OF)

    assert "Low on stock" in text_of(written(shown, "pdf"))
    assert read_csv(written(shown, "csv"))[1] == ["low-stock"]


@pytest.mark.parametrize("rows", range(20, 50))
def test_line_of_totals_never_stands_alone_on_a_page(rows):
    columns = [Column("sku", "SKU", "code"), Column("value", "Value", "amount", total=True)]
    table = Table("t", "T", columns, ({"sku": f"B-{n}", "value": Decimal(n)} for n in range(rows)))

    pages = PdfReader(BytesIO(written(Document("s", "S", [table], as_of=AS_OF), "pdf"))).pages

    assert f"B-{rows - 1}" in pages[-1].extract_text()


def test_long_words_in_a_pdf_are_wrapped_and_none_is_lost():
    words = " ".join(f"word{number}" for number in range(60))

    text = text_of(written(document({**BOLT, "name": words}), "pdf"))

    assert all(f"word{number}" in text for number in range(60))


def test_pdf_draws_charts_as_vectors():
    charts = [
        Chart("Spend by month", "bars", [("2031-01", Decimal(5)), ("2031-02", Decimal(-2))], "USD"),
        Chart("Course", "line", [(f"W{number}", number) for number in range(60)]),
        Chart("Suppliers", "ranking", [("Acme", Decimal("3200.5")), ("Zeta", Decimal(0))], "USD"),
        Chart("Nothing", "bars", []),
    ]
    page = PdfReader(BytesIO(written(Document("s", "S", [], charts=charts, as_of=AS_OF), "pdf"))).pages[0]

    text = page.extract_text()
    assert "Spend by month, USD" in text
    assert "Acme" in text
    assert "Nothing" not in text
    assert not page.images


def test_pdf_has_the_logo_and_does_without_one_that_is_broken(settings, tmp_path):
    from PIL import Image

    settings.MEDIA_ROOT = tmp_path
    picture = BytesIO()
    Image.new("RGBA", (300, 90), (11, 106, 117, 128)).save(picture, "PNG")
    ours = site.current()
    ours.logo.save("logo.png", ContentFile(picture.getvalue()))

    with_logo = PdfReader(BytesIO(written(document(), "pdf"))).pages[0]
    ours.logo.save("logo.png", ContentFile(b"no picture"))
    without = PdfReader(BytesIO(written(document(), "pdf"))).pages[0]

    assert len(with_logo.images) == 1
    assert "Stock" in without.extract_text()
    assert not without.images


@pytest.mark.parametrize("format", ["csv", "xlsx", "pdf"])
def test_rows_are_taken_one_by_one_and_once(format):
    taken: list[int] = []

    def rows() -> Iterator[dict]:
        for number in range(500):
            taken.append(number)
            yield BOLT

    written(Document("s", "S", [Table("items", "Items", COLUMNS, rows())], as_of=AS_OF), format)

    assert taken == list(range(500))


@pytest.mark.parametrize("format", ["csv", "xlsx", "pdf"])
def test_an_empty_table_is_a_file_too(format):
    assert written(Document("s", "S", [Table("items", "Items", COLUMNS, [])], as_of=AS_OF), format)


def test_download_is_named_after_its_day_and_never_sniffed():
    response = files.respond(document(), "xlsx")

    assert response["Content-Disposition"] == 'attachment; filename="stock-2031-05-31.xlsx"'
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Cache-Control"] == "private, no-store"
    content = b"".join(response)
    assert len(content) == int(response["Content-Length"])
    assert sheet_of(content)["A2"].value == "BOLT-1"


def breaking(rows):
    """A document whose rows break off after so many."""

    def some():
        yield from [BOLT] * rows
        raise RuntimeError("the database went away")

    return Document("s", "S", [Table("t", "T", COLUMNS, some())], as_of=AS_OF)


def test_failure_in_the_first_megabyte_is_answered_not_sent():
    with pytest.raises(RuntimeError):
        files.respond(breaking(5_000), "csv")


def test_csv_that_breaks_off_later_says_so_in_its_last_line(caplog):
    response = files.respond(breaking(20_000), "csv")

    received = BytesIO()
    with pytest.raises(RuntimeError):
        received.writelines(response)

    assert received.getvalue().decode().splitlines()[-1].startswith("ERROR: the export broke off here.")
    assert "s-2031-05-31.csv broke off in the middle" in caplog.text


def test_small_csv_is_sent_with_its_length():
    response = files.respond(document(), "csv")

    assert int(response["Content-Length"]) == len(b"".join(response))
