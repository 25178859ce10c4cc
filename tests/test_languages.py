"""What people are told comes in each language that they may say they read, without a gap."""

import ast
import gettext
import re
from collections.abc import Iterator

import pytest
from django.conf import settings
from django.template.loader import get_template
from django.templatetags.i18n import BlockTranslateNode, TranslateNode
from django.utils import translation

from accounts.models import Kind
from accounts.sentences import SUBJECTS
from ipms import jobs

LANGUAGES = [code for code, _name in settings.LANGUAGES if code != "en"]
_FOLDER = settings.BASE_DIR / "locale"
_MAILS = sorted(path.name for path in (settings.BASE_DIR / "templates/mail").iterdir())
_PLACES = re.compile(r"%\(\w+\)[sd]")
_ENTRY = re.compile(
    r'^msgid (?P<id>(?:"[^\n]*"\n)+)(?:msgid_plural (?P<plural>(?:"[^\n]*"\n)+))?'
    r'(?P<texts>(?:msgstr(?:\[\d\])? (?:"[^\n]*"\n)+)+)',
    re.MULTILINE,
)
_TEXT = re.compile(r'^msgstr(?:\[\d\])? ((?:"[^\n]*"\n?)+)', re.MULTILINE)


def source(language: str) -> dict[str, list[str]]:
    """Return what the .po file says: the translations of each text, several where it has plurals."""
    text = (_FOLDER / language / "LC_MESSAGES/django.po").read_text() + "\n"
    return {
        _joined(entry["id"]): [_joined(found) for found in _TEXT.findall(entry["texts"])]
        for entry in _ENTRY.finditer(text)
    }


def compiled(language: str) -> dict[str, list[str]]:
    """Return what the .mo file says, in the same shape."""
    with (_FOLDER / language / "LC_MESSAGES/django.mo").open("rb") as file:
        catalogue = gettext.GNUTranslations(file)._catalog
    texts: dict[str, list[str]] = {}
    for key in sorted(catalogue, key=str):
        name = key[0] if isinstance(key, tuple) else key
        texts.setdefault(name, []).append(catalogue[key])
    return texts


def told() -> set[str]:
    """Return every text that notifications and mails are made of; a job that failed is named by its title."""
    with translation.override("en"):
        sentences = {
            str(text)
            for subject in SUBJECTS.values()
            for sentence in (subject.sentence, *subject.variants.values())
            for text in (sentence.title, sentence.body)
        }
        names = {str(kind.label) for kind in Kind} | {str(job.title) for job in jobs.registered().values()}
    return sentences | names | {text for name in _MAILS for text in _texts_of(name)}


def _joined(lines: str) -> str:
    return "".join(ast.literal_eval(line) for line in lines.strip().splitlines())


def _texts_of(name: str) -> Iterator[str]:
    nodes = get_template(f"mail/{name}").template.nodelist
    for node in nodes.get_nodes_by_type(TranslateNode):
        yield str(node.filter_expression.var.literal)
    for node in nodes.get_nodes_by_type(BlockTranslateNode):
        yield node.render_token_list(node.singular)[0]
        if node.plural:
            yield node.render_token_list(node.plural)[0]


@pytest.mark.parametrize("language", LANGUAGES)
class TestCatalogue:
    def test_has_every_text_of_notifications_and_mails(self, language):
        texts = source(language)

        assert {text for text in told() if not all(texts.get(text, [""]))} == set()

    def test_is_compiled_from_its_source(self, language):
        by_source = {text: words for text, words in source(language).items() if text}

        assert {text: words for text, words in compiled(language).items() if text} == by_source

    def test_keeps_the_place_of_each_word(self, language):
        moved = {
            text
            for text, translations in source(language).items()
            if text and any(set(_PLACES.findall(one)) != set(_PLACES.findall(text)) for one in translations)
        }

        assert moved == set()

    def test_speaks_its_own_language(self, language):
        same = [text for text, translations in source(language).items() if text in translations]

        assert same == []


def test_every_language_that_people_may_choose_has_a_catalogue():
    assert sorted(path.name for path in _FOLDER.iterdir()) == sorted(LANGUAGES)
