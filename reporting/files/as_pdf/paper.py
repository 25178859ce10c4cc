"""Paper: pages with letterhead, running head and foot, and what is drawn on them."""

from collections.abc import Iterable, Sequence
from typing import IO, Any

from django.utils.translation import get_language_bidi
from django.utils.translation import gettext as _
from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4, landscape

from reporting.files.as_pdf.letters import EMBEDDING, Font
from reporting.files.as_pdf.spool import SpooledCanvas

INK, QUIET, LINE, GRID = (HexColor(code) for code in ("#15232b", "#475962", "#b9c6cc", "#e2e8ea"))
ACCENT, SOFT = HexColor("#0b6a75"), HexColor("#eaeff1")

MARGIN = 40.0
_FOOT = 34.0
_SMALL = 7.0
_PAGES = "pages"
_WIDEST_COUNT = "0,000"


class Pages:
    """Pages of any size, and what is drawn on them: one PDF file, written page by page.

    With `runs_left` everything is drawn as in a mirror, but for what stands inside of a text or a picture:
    whoever draws still counts from the left.
    """

    def __init__(
        self, file: IO[bytes], *, title: str, subject: str, author: str, runs_left: bool = False
    ) -> None:
        self.runs_left = runs_left
        self.canvas = SpooledCanvas(file)
        self.canvas.setTitle(title)
        self.canvas.setAuthor(author)
        self.canvas.setCreator("IPMS")
        self.canvas.setSubject(subject)
        self.regular = Font("regular", self.canvas.document, runs_left=runs_left)
        self.bold = Font("bold", self.canvas.document, runs_left=runs_left)
        self.width, self.height = A4

    def turn(self, size: tuple[float, float]) -> None:
        """Say how large the page is that is drawn next, in points."""
        self.width, self.height = size
        self.canvas.setPageSize(size)

    def place(self, x: float, width: float = 0.0) -> float:
        """Return where on the page the left edge of something lies that begins at `x` and is so wide."""
        return self.width - x - width if self.runs_left else x

    def close(self) -> None:
        """End the file."""
        with EMBEDDING:
            self.canvas.finish()

    def text(
        self,
        x: float,
        y: float,
        text: str,
        *,
        size: float,
        colour: Any = INK,
        font: Font | None = None,
        is_right: bool = False,
    ) -> None:
        """Write one line whose baseline begins, or with `is_right` ends, at (x, y)."""
        font = font or self.regular
        if is_right or self.runs_left:
            width = font.width(text, size)
            x = self.place(x - width if is_right else x, width)
        self.canvas.add(f"BT {_operators(font, x, y, text, size, colour)} ET")

    def line(
        self, x1: float, y1: float, x2: float, y2: float, *, colour: Any = LINE, width: float = 0.5
    ) -> None:
        red, green, blue = colour.rgb()
        x1, x2 = self.place(x1), self.place(x2)
        self.canvas.add(
            f"{red:.3f} {green:.3f} {blue:.3f} RG {width} w {x1:.2f} {y1:.2f} m {x2:.2f} {y2:.2f} l S"
        )

    def box(self, x: float, y: float, width: float, height: float, *, colour: Any) -> None:
        red, green, blue = colour.rgb()
        x = self.place(x, width)
        self.canvas.add(f"{red:.3f} {green:.3f} {blue:.3f} rg {x:.2f} {y:.2f} {width:.2f} {height:.2f} re f")

    def course(self, points: Sequence[tuple[float, float]], *, colour: Any, width: float = 1.4) -> None:
        """Draw a line through points."""
        red, green, blue = colour.rgb()
        steps = " ".join(
            f"{self.place(x):.2f} {y:.2f} {'l' if number else 'm'}" for number, (x, y) in enumerate(points)
        )
        self.canvas.add(f"{red:.3f} {green:.3f} {blue:.3f} RG {width} w 1 j {steps} S")


class Paper(Pages):
    """Pages one after the other, which run as the active language does.

    `y` is where on the page the next thing goes, measured from its foot.
    """

    def __init__(self, file: IO[bytes], *, title: str, foot: str, author: str) -> None:
        super().__init__(file, title=title, subject=foot, author=author, runs_left=get_language_bidi())
        self.y = 0.0
        self._title, self._foot = title, foot
        self._page = 0
        room = self.bold.width(_WIDEST_COUNT, _SMALL)
        self._count = self.canvas.promise_form(_PAGES, width=room, height=2 * _SMALL)
        self._count_room = room

    @property
    def left(self) -> float:
        return MARGIN

    @property
    def right(self) -> float:
        return self.width - MARGIN

    @property
    def inner_width(self) -> float:
        return self.width - 2 * MARGIN

    @property
    def bottom(self) -> float:
        return MARGIN + _FOOT / 2

    @property
    def is_blank(self) -> bool:
        """Say whether nothing has been drawn yet."""
        return self._page == 0

    def begin(self, *, is_wide: bool) -> None:
        """Begin a page; after the first one with a running head."""
        if self._page:
            self._end()
        self._page += 1
        self.turn(landscape(A4) if is_wide else A4)
        self.y = self.height - MARGIN
        if self._page > 1:
            self.text(self.left, self.y, self._title, size=_SMALL, colour=QUIET)
            self.y -= 6
            self.line(self.left, self.y, self.right, self.y)
            self.y -= 12

    def finish(self) -> None:
        """End the last page and the file."""
        self._end()
        text = f"{self._page:,}"
        # Beside the words before it, on whichever side they stand.
        at = self._count_room - self.regular.width(text, _SMALL) if self.runs_left else 0
        self._count.setStreamList(["BT", _operators(self.regular, at, 2, text, _SMALL, QUIET), "ET"])
        self.close()

    def paragraph(
        self, lines: Iterable[str], *, size: float, colour: Any = INK, font: Font | None = None
    ) -> None:
        """Write lines from `y` downwards, on as many pages as they need."""
        for text in lines:
            if self.y - size * 1.3 < self.bottom:
                self.begin(is_wide=self.width > self.height)
            self.y -= size * 1.3
            self.text(self.left, self.y, text, size=size, colour=colour, font=font)

    def _end(self) -> None:
        y = MARGIN / 2 + 4
        self.line(self.left, y + 12, self.right, y + 12)
        self.text(
            self.left,
            y,
            fit(self._foot, self.regular, _SMALL, self.inner_width - 140),
            size=_SMALL,
            colour=QUIET,
        )
        x = self.right - self._count_room
        words = _("Page %(page)s of %(pages)s") % {"page": f"{self._page:,}", "pages": ""}
        self.text(x, y, words, size=_SMALL, colour=QUIET, is_right=True)
        self.canvas.saveState()
        self.canvas.translate(self.place(x, self._count_room), y - 2)
        self.canvas.doForm(_PAGES)
        self.canvas.restoreState()
        self.canvas.showPage()


def wrap(text: str, font: Font, size: float, width: float) -> list[str]:
    """Break a text into lines that are no wider than `width`; a word that is too long is broken too."""
    lines: list[str] = []
    for part in text.splitlines() or [""]:
        part = part.replace("\t", " ")
        if font.width(part, size) <= width:
            lines.append(part)
            continue
        line = ""
        for word in part.split(" "):
            longer = f"{line} {word}" if line else word
            if font.width(longer, size) <= width:
                line = longer
                continue
            if line:
                lines.append(line)
            while font.width(word, size) > width and len(word) > 1:
                kept = _letters_that_fit(word, font, size, width)
                lines.append(word[:kept])
                word = word[kept:]
            line = word
        lines.append(line)
    return lines


def fit(text: str, font: Font, size: float, width: float) -> str:
    """Return the text on one line, cut where it is too long."""
    text = " ".join(text.split())
    if font.width(text, size) <= width:
        return text
    return text[: _letters_that_fit(text, font, size, width - font.width("…", size))].rstrip() + "…"


def _letters_that_fit(text: str, font: Font, size: float, width: float) -> int:
    taken = 0.0
    for number, letter in enumerate(text):
        taken += font.width(letter, size)
        if taken > width:
            return max(number, 1)
    return len(text)


def _operators(font: Font, x: float, y: float, text: str, size: float, colour: Any) -> str:
    red, green, blue = colour.rgb()
    shown = " ".join(f"{name} {size} Tf ({letters}) Tj" for name, letters in font.shown(text))
    return f"{red:.3f} {green:.3f} {blue:.3f} rg 1 0 0 1 {x:.2f} {y:.2f} Tm {shown}"
