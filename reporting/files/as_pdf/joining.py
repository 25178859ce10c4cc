"""Arabic on paper: letters in the forms that join their neighbours, lines in the order of drawing."""

import re
from functools import lru_cache
from typing import Any

#: Letters of scripts that run from right to left: Hebrew, Arabic and its neighbours, and their drawn forms.
_RUNS_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")


def as_drawn(text: str, *, runs_left: bool) -> str:
    """Return the letters of one line from left to right, as a pen without knowledge of scripts draws them.

    `runs_left` says that the page runs from right to left: where a full stop, a bracket or a number stands
    beside Arabic words follows from it. A line without such letters stays as it is.
    """
    if text.isascii() or not _RUNS_LEFT.search(text):
        return text
    return _as_drawn(text, runs_left)


@lru_cache(maxsize=2048)
def _as_drawn(text: str, runs_left: bool) -> str:
    # The library's faster function leaves brackets as they are; they must open on the other side.
    from bidi.algorithm import get_display

    return str(get_display(_reshaper().reshape(text), base_dir="R" if runs_left else None))


@lru_cache(maxsize=1)
def _reshaper() -> Any:
    # Only where it is needed: most sites never print a word of Arabic.
    from arabic_reshaper import ArabicReshaper

    # The only ligature that is no mere pair of letters is not in every font.
    return ArabicReshaper(configuration={"ARABIC LIGATURE ALLAH": False})
