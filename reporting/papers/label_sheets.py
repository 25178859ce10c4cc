"""Sheets and rolls of labels as they are sold; sizes in millimetres."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


@dataclass(frozen=True, kw_only=True)
class LabelSheet:
    """Labels of one size on a page; on a roll a page is one label.

    `left` and `top` are the margins of the page, `pitch_x` and `pitch_y` lead from one label to the next.
    Within `padding` nothing is printed: cutting is not exact, and printers do not reach the edge of a page.
    """

    name: str
    label: "StrOrPromise"
    page: tuple[float, float]
    size: tuple[float, float]
    columns: int = 1
    rows: int = 1
    left: float = 0
    top: float = 0
    pitch_x: float = 0
    pitch_y: float = 0
    padding: float = 1.8

    @property
    def per_page(self) -> int:
        return self.columns * self.rows

    @property
    def is_roll(self) -> bool:
        return self.per_page == 1

    def place(self, number: int) -> tuple[float, float]:
        """Return the upper left corner of a label of the page, counted from 0, line by line."""
        row, column = divmod(number, self.columns)
        return self.left + column * self.pitch_x, self.top + row * self.pitch_y


_A4 = (210.0, 297.0)

#: The first is the one that is offered first.
SHEETS = {
    sheet.name: sheet
    for sheet in (
        LabelSheet(
            name="a4-3x8",
            label=_("A4 sheet, 3 × 8 labels of 70 × 37 mm"),
            page=_A4,
            size=(70, 37),
            columns=3,
            rows=8,
            top=0.5,
            pitch_x=70,
            pitch_y=37,
            padding=4.5,
        ),
        LabelSheet(
            name="a4-3x7",
            label=_("A4 sheet, 3 × 7 labels of 63.5 × 38.1 mm"),
            page=_A4,
            size=(63.5, 38.1),
            columns=3,
            rows=7,
            left=7.2,
            top=15.15,
            pitch_x=66.05,
            pitch_y=38.1,
        ),
        LabelSheet(
            name="a4-2x7",
            label=_("A4 sheet, 2 × 7 labels of 99.1 × 38.1 mm"),
            page=_A4,
            size=(99.1, 38.1),
            columns=2,
            rows=7,
            left=4.65,
            top=15.15,
            pitch_x=101.6,
            pitch_y=38.1,
        ),
        LabelSheet(name="roll-50x30", label=_("Roll, labels of 50 × 30 mm"), page=(50, 30), size=(50, 30)),
        LabelSheet(
            name="roll-100x50", label=_("Roll, labels of 100 × 50 mm"), page=(100, 50), size=(100, 50)
        ),
    )
}
