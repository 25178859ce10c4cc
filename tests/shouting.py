"""A language for tests: every text that is translated is SHOUTED in wide letters, nothing else is."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from html.parser import HTMLParser

import pytest
from django.utils import translation

#: What is no word of a text: places, tags, entities.
_NO_WORDS = re.compile(r"%\(\w+\)[sdf]|%[sd%]|\{[\w:.!]*\}|<[^>]*>|&\w+;")
_WORD = re.compile(r"[A-Za-z]{2,}")
_WIDE = {ord(letter): ord(letter.upper()) + 0xFEE0 for letter in map(chr, [*range(65, 91), *range(97, 123)])}
#: What people read of an element besides its text.
_READ = {"title", "alt", "aria-label", "placeholder", "data-label", "data-confirm"}
_UNREAD = {"script", "style", "code", "svg", "time"}
_VOID = {"input", "br", "hr", "img", "meta", "link", "use", "col", "source", "wbr"}


def shout(text: str) -> str:
    """Return the text in wide capital letters; what is filled into it keeps its place."""
    kept, words = _NO_WORDS.findall(text), _NO_WORDS.split(text)
    shouted = [part.translate(_WIDE) for part in words]
    return "".join(part + (kept[at] if at < len(kept) else "") for at, part in enumerate(shouted))


@contextmanager
def shouting() -> Iterator[None]:
    """Let every translated text be shouted, Django's own and those of libraries too."""
    with pytest.MonkeyPatch.context() as patch:
        by = translation._trans
        patch.setattr(by, "gettext", lambda text: shout(text), raising=False)
        patch.setattr(by, "pgettext", lambda _context, text: shout(text), raising=False)
        patch.setattr(by, "ngettext", lambda one, many, n: shout(one if n == 1 else many), raising=False)
        patch.setattr(
            by, "npgettext", lambda _context, one, many, n: shout(one if n == 1 else many), raising=False
        )
        yield


def whispered(page: str, *, data: set[str]) -> set[str]:
    """Return the sentences and words of a page that were not shouted and are no data."""
    reader = _Reader()
    reader.feed(page)
    return {text for text in reader.texts if _is_whispered(text, data)}


def _is_whispered(text: str, data: set[str]) -> bool:
    return any(word.lower() not in data for word in _WORD.findall(text))


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self._open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in _VOID:
            self._open.append(tag)
        given = dict(attrs)
        self.texts += [value.strip() for name, value in given.items() if value and name in _READ]
        if tag == "input" and given.get("type") in ("submit", "button"):
            self.texts.append(given.get("value") or "")

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        if data.strip() and not _UNREAD & set(self._open):
            self.texts.append(" ".join(data.split()))
