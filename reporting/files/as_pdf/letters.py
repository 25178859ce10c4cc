"""Letters of PDF files: DejaVu Sans Condensed comes with the code, so that names can be written."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any
from weakref import WeakKeyDictionary

from reportlab.pdfbase.ttfonts import TTFont

from reporting.files.as_pdf.joining import as_drawn

_FOLDER = Path(__file__).resolve().parent.parent / "fonts"
_FILES = {"regular": "DejaVuSansCondensed.ttf", "bold": "DejaVuSansCondensed-Bold.ttf"}
_KEPT = 4096
_LONGEST_KEPT = 40
#: A font's file is read with one position in it: documents of other threads wait while one takes its letters.
EMBEDDING = Lock()


class Font:
    """A font in one document: how wide a text is, and the operators that show it.

    A text is a line as it is read; `runs_left` says that the document's pages run from right to left.
    """

    def __init__(self, name: str, document: Any, *, runs_left: bool = False) -> None:
        self._runs_left = runs_left
        self._font = _in_document(name)
        self._document = document
        self._widths = self._font.face.charWidths
        self._default = self._font.face.defaultWidth
        self._kept: dict[str, tuple[tuple[str, str], ...]] = {}
        self._measured: dict[str, int] = {}

    def width(self, text: str, size: float) -> float:
        """Return how wide a text is, in points."""
        thousandths = self._measured.get(text)
        if thousandths is None:
            widths, default = self._widths, self._default
            drawn = as_drawn(text, runs_left=self._runs_left)
            thousandths = sum(widths.get(code, default) for code in map(ord, drawn))
            if len(text) <= _LONGEST_KEPT and len(self._measured) < _KEPT:
                self._measured[text] = thousandths
        return thousandths * size / 1000

    def shown(self, text: str) -> tuple[tuple[str, str], ...]:
        """Return the text as pairs: the font's name in the file, and the escaped string."""
        pairs = self._kept.get(text)
        if pairs is None:
            pairs = tuple(self._split(text))
            if len(text) <= _LONGEST_KEPT and len(self._kept) < _KEPT:
                self._kept[text] = pairs
        return pairs

    def _split(self, text: str) -> Iterator[tuple[str, str]]:
        font, document = self._font, self._document
        for subset, codes in font.splitString(as_drawn(text, runs_left=self._runs_left), document):
            yield font.getSubsetInternalName(subset, document), "".join(map(_ESCAPED.__getitem__, codes))


@cache
def _loaded(name: str) -> TTFont:
    return TTFont(f"IPMS-{name}", str(_FOLDER / _FILES[name]))


def _in_document(name: str) -> TTFont:
    """Return a font that shares what was read with all others, and which letters it needs with none."""
    with EMBEDDING:
        shared = _loaded(name)
    own = TTFont.__new__(TTFont)
    own.__dict__.update(shared.__dict__)
    own.state = WeakKeyDictionary()
    return own


def _escape(code: int) -> str:
    if chr(code) in "\\()":
        return "\\" + chr(code)
    return chr(code) if 32 <= code < 127 else f"\\{code:03o}"


_ESCAPED = [_escape(code) for code in range(256)]
