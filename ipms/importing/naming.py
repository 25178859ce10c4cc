"""Which column of a file is which of ours: by name in any language, by what people call it, by likeness."""

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _

from ipms.columns import DayColumn, NumberColumn, languages
from ipms.importing import notation
from ipms.importing.notation import COMMA, DAY_FIRST, MONTH_FIRST, POINT, Notation, folded
from ipms.resources import SheetResource

#: Headings that are likelier than this are taken for ours until somebody says otherwise.
_LIKE_ENOUGH = 0.82
#: Our own names and labels leave no doubt; what else people say may mean something else.
_SURE = 1
_NOT_WORDS = re.compile(r"[^\w]+", re.UNICODE)
_HEADINGS = Path(__file__).with_name("headings.txt")
_ASIDE = re.compile(r"\([^)]*\)|\[[^\]]*\]")


@dataclass(frozen=True)
class Naming:
    """Our column by the place of that of the file, and whether somebody should look at it."""

    columns: dict[int, str]
    is_sure: bool


def guess(resource: SheetResource, headers: Sequence[str]) -> Naming:
    """Say which columns are which; sure where each heading is one of ours by name and none is left over."""
    known, ignored = _names(resource), remark_headings()
    left = [
        place
        for place, header in enumerate(headers)
        if header and _normal(header) not in ignored and not _is_readonly(resource, header)
    ]
    found: dict[int, str] = {}
    is_sure = False
    for place_of_name, names in enumerate(known):
        for place in left:
            name = names.get(_normal(headers[place]))
            if place not in found and name and name not in found.values():
                found[place] = name
        if place_of_name == _SURE:
            is_sure = len(found) == len(left) and all(name in found.values() for name in resource.required())
    left = [place for place in left if place not in found]
    likely = sorted(_likely(known, headers, left, set(found.values())), reverse=True)
    for _likeness, place, name in likely:
        if place not in found and name not in found.values():
            found[place] = name
    return Naming(dict(sorted(found.items())), is_sure)


def problems(resource: SheetResource, columns: Mapping[int, str]) -> Iterator[str]:
    """Say in words why a file cannot be read with its columns named so."""
    named = set(columns.values())
    if missing := [resource.label_of(name) for name in resource.required() if name not in named]:
        yield _("Say which column is: %(names)s.") % {"names": ", ".join(missing)}
    for name, count in Counter(columns.values()).items():
        if count > 1:
            yield _("Two columns are named “%(name)s”.") % {"name": resource.label_of(name)}


def digest(headers: Sequence[str]) -> str:
    """Return what files with the same headings have in common."""
    return hashlib.sha256(json.dumps([_normal(header) for header in headers]).encode()).hexdigest()


def evidence(
    resource: SheetResource, columns: Mapping[int, str], looked_at: Mapping[str, Any], kind: type
) -> list[Mapping[str, Any]]:
    """Return what the texts in columns of a kind say of the way of writing."""
    seen = looked_at.get("evidence", {})
    fields = resource.columns()
    return [
        seen.get(str(place), {})
        for place, name in columns.items()
        if name in fields and isinstance(fields[name], kind)
    ]


def notation_of(
    resource: SheetResource, columns: Mapping[int, str], looked_at: Mapping[str, Any]
) -> tuple[str | None, str | None]:
    """Return how the file writes numbers and days: empty where nothing says so, None where it is unclear."""
    return (
        notation.numbers(evidence(resource, columns, looked_at, NumberColumn)),
        notation.days(evidence(resource, columns, looked_at, DayColumn)),
    )


def chosen(numbers: str | None, days: str | None) -> Notation:
    """Return the notation that was found or chosen; what nothing depends on is filled in."""
    return Notation(
        decimal=numbers if numbers in (POINT, COMMA) else POINT,
        days=days if days in (DAY_FIRST, MONTH_FIRST) else DAY_FIRST,
    )


def remark_headings() -> set[str]:
    """Return what the column that an import leaves alone is called, in each language."""
    return {_normal(text) for text in _in_all_languages(remark_heading)}


def is_remark(header: str, headings: set[str]) -> bool:
    return _normal(header) in headings


def remark_heading() -> str:
    """Return the heading of the column that says what is wrong with a row; it is not read."""
    return _("Result of the check")


def example_mark() -> str:
    """Return what marks a row that is an example."""
    return _("Example: this row is not imported")


def example_marks() -> set[str]:
    return {_normal(text) for text in _in_all_languages(example_mark)}


def is_example(cell: Any, marks: set[str]) -> bool:
    return isinstance(cell, str) and _normal(cell) in marks


def _names(resource: SheetResource) -> tuple[dict[str, str], dict[str, str], dict[str, str]]:
    """Return our columns by their names: our own, theirs in each language, what else they are called."""
    fields = resource.columns()
    own = {_normal(name): name for name in fields}
    labels: dict[str, str] = {}
    for code in languages():
        with translation.override(code):
            for name in fields:
                labels.setdefault(_normal(resource.label_of(name)), name)
    aliases: dict[str, str] = {}
    for name, column in fields.items():
        for alias in [*column.aliases, *_headings().get(name, [])]:
            if alias:
                aliases.setdefault(_normal(alias), name)
    return own, labels, aliases


@lru_cache(maxsize=1)
def _headings() -> dict[str, list[str]]:
    """Return what people write above our columns, by the name of each."""
    found = {}
    for line in _HEADINGS.read_text(encoding="utf-8").splitlines():
        name, _colon, words = line.partition(":")
        if words and not line.startswith("#"):
            found[name] = [word.strip() for word in words.split("|")]
    return found


def _likely(
    known: Iterable[Mapping[str, str]], headers: Sequence[str], left: Sequence[int], taken: set[str]
) -> Iterator[tuple[float, int, str]]:
    words = {word: name for names in known for word, name in names.items() if name not in taken}
    for place in left:
        header = _normal(headers[place])
        for word, name in words.items():
            matcher = SequenceMatcher(None, header, word)
            if matcher.real_quick_ratio() < _LIKE_ENOUGH:
                continue
            if (likeness := matcher.ratio()) >= _LIKE_ENOUGH:
                yield likeness, place, name


def _is_readonly(resource: SheetResource, header: str) -> bool:
    """Tell whether a heading is that of a column which an export writes and nothing reads."""
    column = resource.fields.get(header.strip())
    return column is not None and column.readonly


def _normal(header: str) -> str:
    return _NOT_WORDS.sub(" ", folded(_ASIDE.sub(" ", header)).replace("_", " ")).strip() or folded(header)


def _in_all_languages(word: Any) -> Iterator[str]:
    for code in languages():
        with translation.override(code):
            yield word()
