"""Every text of the project's own comes in each language that people may choose, without a gap."""

import ast
import gettext
import io
import re
import tokenize
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest
from django.conf import settings
from django.utils.translation.template import templatize

LANGUAGES = [code for code, _name in settings.LANGUAGES if code != "en"]
_FOLDER = settings.BASE_DIR / "locale"
_ELSEWHERE = {".venv", "var", "wheelhouse", "tests", "migrations", "node_modules", "bench"}
#: How many texts each function takes, and whether a context comes before them.
_FUNCTIONS = {
    "gettext": (1, False),
    "gettext_lazy": (1, False),
    "gettext_noop": (1, False),
    "ngettext": (2, False),
    "ngettext_lazy": (2, False),
    "pgettext": (1, True),
    "pgettext_lazy": (1, True),
    "npgettext": (2, True),
    "npgettext_lazy": (2, True),
}
_PLACE = re.compile(r"%\(\w+\)[sdfr]|%[sdr](?![a-z])|(?<!\{)\{[\w.:!]*\}(?!\})")
_TAG = re.compile(r"</?[a-zA-Z][^>]*>|&[a-z]+;")
_WORD = re.compile(r"[^\W\d_]+")
#: A name may be the same in two languages; a sentence is not.
_WORDS_OF_A_NAME = 4
_STRING = r'(?:"[^\n]*"\n)+'
_ENTRY = re.compile(
    rf"(?P<flags>(?:^#[^\n]*\n)*)(?:^msgctxt (?P<context>{_STRING}))?^msgid (?P<text>{_STRING})"
    rf"(?:msgid_plural (?P<plural>{_STRING}))?(?P<forms>(?:msgstr(?:\[\d\])? {_STRING})+)",
    re.MULTILINE,
)
_FORM = re.compile(rf"^msgstr(?:\[\d\])? ({_STRING})", re.MULTILINE)


class Text(NamedTuple):
    context: str | None
    text: str
    plural: str | None = None

    @property
    def key(self) -> str:
        return f"{self.context}\x04{self.text}" if self.context else self.text


@cache
def told() -> frozenset[Text]:
    """Return every text that the code and the templates say."""
    found: set[Text] = set()
    for path in _files("*.py"):
        found |= set(_texts_of_code(path))
    for pattern in ("*.html", "*.txt"):
        for path in _files(pattern):
            if "templates" in path.parts:
                found |= set(_texts_of_template(path))
    return frozenset(found)


def _files(pattern: str) -> Iterator[Path]:
    for path in settings.BASE_DIR.rglob(pattern):
        if not _ELSEWHERE & set(path.relative_to(settings.BASE_DIR).parts):
            yield path


def _texts_of_code(path: Path) -> Iterator[Text]:
    source = path.read_text(encoding="utf-8")
    if "translation" not in source:
        return
    tree = ast.parse(source)
    names = {name: name for name in _FUNCTIONS}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module == "django.utils.translation":
            names |= {alias.asname or alias.name: alias.name for alias in node.names}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            called = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
            if function := _FUNCTIONS.get(names.get(called, "")):
                yield from _text(function, [_literal(argument, path) for argument in node.args])


def _literal(argument: ast.expr, path: Path) -> str | None:
    assert not isinstance(argument, ast.JoinedStr), (
        f"{path}:{argument.lineno}: an f-string cannot be translated"
    )
    is_text = isinstance(argument, ast.Constant) and isinstance(argument.value, str)
    return argument.value if is_text else None


def _texts_of_template(path: Path) -> Iterator[Text]:
    # What is no text comes as a row of X; on one line, the rest is made of tokens that Python knows.
    code = templatize(path.read_text(encoding="utf-8"), origin=str(path)).replace("\n", " ").strip()
    tokens = [token for token in tokenize.generate_tokens(io.StringIO(code).readline) if token.string.strip()]
    for at, token in enumerate(tokens):
        function = _FUNCTIONS.get("gettext" if token.string == "_" else token.string)
        if token.type == tokenize.NAME and function and tokens[at + 1].string == "(":
            arguments = []
            for argument in tokens[at + 2 :]:
                if argument.string == ")":
                    break
                if argument.type == tokenize.STRING:
                    arguments.append(ast.literal_eval(argument.string))
            yield from _text(function, arguments)


def _text(function: tuple[int, bool], arguments: list[str | None]) -> Iterator[Text]:
    count, has_context = function
    context = arguments[0] if has_context else None
    texts = arguments[has_context : has_context + count]
    # Where the text comes from a variable, it is marked where the variable gets it.
    if texts and texts[0]:
        yield Text(context, texts[0], texts[1] if count > 1 else None)


@cache
def source(language: str) -> dict[Text, list[str]]:
    """Return what the .po file says: the forms of each text. What a tool only guessed is left out."""
    written = (_FOLDER / language / "LC_MESSAGES/django.po").read_text(encoding="utf-8") + "\n"
    return {
        Text(_joined(entry["context"]), _joined(entry["text"]) or "", _joined(entry["plural"])): [
            _joined(form) or "" for form in _FORM.findall(entry["forms"])
        ]
        for entry in _ENTRY.finditer(written)
        if "fuzzy" not in entry["flags"]
    }


@cache
def compiled(language: str) -> dict[str, list[str]]:
    """Return what the .mo file says: the forms of each text, which is named with its context."""
    with (_FOLDER / language / "LC_MESSAGES/django.mo").open("rb") as file:
        catalogue = gettext.GNUTranslations(file)._catalog
    texts: dict[str, list[str]] = {}
    for key in sorted(catalogue, key=str):
        texts.setdefault(key[0] if isinstance(key, tuple) else key, []).append(catalogue[key])
    return texts


def plural_forms(language: str) -> int:
    header = compiled(language)[""][0]
    return int(re.search(r"nplurals=(\d)", header)[1])


def _joined(lines: str | None) -> str | None:
    return lines and "".join(ast.literal_eval(line) for line in lines.strip().splitlines())


def _lost(text: Text, form: str, *, may_be_a_word: bool) -> set[str]:
    """Return the places that are lost in a translation, or that nobody fills."""
    places = [set(_PLACE.findall(one)) for one in (text.text, text.plural or text.text)]
    found = set(_PLACE.findall(form))
    lost = (places[0] & places[1]) - found
    # "One line", "two lines": a number for which a language has a form of its own need not be a figure.
    return (found - places[0] - places[1]) | (set() if may_be_a_word and len(lost) == 1 else lost)


@pytest.mark.parametrize("language", LANGUAGES)
class TestCatalogue:
    def test_has_every_text_of_code_and_templates(self, language):
        forms_of = {text.key: forms for text, forms in source(language).items()}

        # `make messages` collects what is new; CONTRIBUTING says how a text gets its translations.
        assert {text.key for text in told() if not all(forms_of.get(text.key, [""]))} == set()

    def test_is_compiled_from_its_source(self, language):
        by_source = {text.key: forms for text, forms in source(language).items() if text.text and all(forms)}

        assert {key: forms for key, forms in compiled(language).items() if key} == by_source

    def test_has_every_form_of_a_plural(self, language):
        wanted = plural_forms(language)

        assert {
            text.text: len(forms)
            for text, forms in source(language).items()
            if text.plural and len(forms) != wanted
        } == {}

    def test_keeps_each_place_that_is_filled_in(self, language):
        figures = range(plural_forms(language) // 2)  # the forms of Arabic for none, one and two

        assert {
            form: lost
            for text, forms in source(language).items()
            if text.text
            for at, form in enumerate(forms)
            if form and (lost := _lost(text, form, may_be_a_word=bool(text.plural) and at in figures))
        } == {}

    def test_keeps_each_tag(self, language):
        assert [
            form
            for text, forms in source(language).items()
            if text.text
            for form in forms
            if form
            and Counter(_TAG.findall(form))
            not in [Counter(_TAG.findall(one)) for one in (text.text, text.plural or text.text)]
        ] == []

    def test_speaks_its_own_language(self, language):
        same = [text.text for text, forms in source(language).items() if text.text and text.text in forms]

        assert [text for text in same if len(_WORD.findall(_PLACE.sub("", text))) > _WORDS_OF_A_NAME] == []


def test_every_language_that_people_may_choose_has_a_catalogue():
    assert sorted(path.name for path in _FOLDER.iterdir()) == sorted(LANGUAGES)


def test_no_text_is_put_together_before_it_is_translated():
    # Collecting the texts refuses f-strings; there are as many texts as a whole back office has.
    assert len(told()) > 2000
