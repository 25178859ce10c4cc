"""Arabic on paper: letters that join, lines and pages that run from right to left."""

from io import BytesIO
from unicodedata import normalize

import pypdfium2
import pytest
from django.urls import reverse
from django.utils import translation

from ipms.testing.back_office import enter
from procurement.tests.factories import approved_order, line
from reporting.files.as_pdf.joining import as_drawn
from reporting.files.as_pdf.paper import Paper
from reporting.tests.paper_reader import symbols_of, text_of
from suppliers.tests.factories import SupplierFactory

ORDER_IN_ARABIC = "أمر شراء"


def read_back(drawn: str) -> str:
    """Return what was drawn from left to right as it is read: the forms of letters as the letters."""
    return normalize("NFKC", drawn[::-1])


def places(content: bytes) -> dict[str, tuple[float, float]]:
    """Return, for each run of letters of the first page, where it begins and ends."""
    document = pypdfium2.PdfDocument(content)
    try:
        page = document[0].get_textpage()
        boxes = [page.get_rect(number) for number in range(page.count_rects())]
        return {page.get_text_bounded(*box).strip(): (box[0], box[2]) for box in boxes}
    finally:
        document.close()


class TestLine:
    def test_takes_the_joined_forms_of_its_letters_from_right_to_left(self):
        drawn = as_drawn(ORDER_IN_ARABIC, runs_left=True)

        # The letter in the middle of a word has another form than alone.
        assert drawn == "\ufe80\ufe8d\ufeae\ufeb7 \ufeae\ufee3\ufe83"
        assert read_back(drawn) == ORDER_IN_ARABIC

    def test_keeps_a_number_and_a_code_readable(self):
        assert as_drawn(f"{ORDER_IN_ARABIC} PO-2031-00042", runs_left=True).startswith("PO-2031-00042 ")
        assert "1,250.50" in as_drawn("المبلغ 1,250.50", runs_left=True)

    def test_of_latin_letters_stays_as_it_is(self):
        name = "Société Générale (Kigali) · 1 250,50"

        assert as_drawn(name, runs_left=True) is name

    def test_turns_the_bracket_that_opens_on_the_other_side(self):
        assert as_drawn("(شراء)", runs_left=True).startswith("(")


def test_lines_of_a_page_that_runs_left_begin_at_its_right_edge():
    file = BytesIO()
    with translation.override("ar"):
        paper = Paper(file, title="", foot="", author="")
        paper.begin(is_wide=False)
        paper.text(paper.left, 400, "begins", size=10)
        paper.text(paper.right, 300, "ends", size=10, is_right=True)
        paper.finish()

    found = places(file.getvalue())
    assert found["begins"][1] == pytest.approx(paper.right, abs=1)
    assert found["ends"][0] == pytest.approx(paper.left, abs=1)


@pytest.mark.django_db
def test_order_to_a_supplier_who_reads_arabic(staff):
    order = approved_order(line(unit_price=1500), supplier=SupplierFactory(language="ar"))

    content = enter(staff).get(reverse("admin:paper-order", args=[order.pk])).content
    text = text_of(content)

    assert order.po_number in text
    drawn = {normalize("NFKC", word) for word in text.split()}
    # What reads a file back may turn the letters of a word round, or leave them as they are drawn.
    assert {"شراء", "شراء"[::-1]} & drawn
    assert symbols_of(content)[0].text.endswith(f"/{order.pk}/change/")
