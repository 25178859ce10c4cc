"""Search as people type: words in any order, word beginnings, small typing slips; by index, not by scan.

A searchable model keeps two generated columns: its text, folded (no case, no accents), under a trigram
index, and the words of that text under a full-text index. Words are looked for by their beginnings first;
only where nothing has them all do similar words count (`pg_trgm.word_similarity`, threshold in settings).
"""

import re
import unicodedata
from typing import Any, TypeVar

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import F, Func, Q, TextField, Value

#: More words than this, or longer ones, are not how people search.
_MAX_WORDS, _MAX_LENGTH = 8, 40
#: A shorter word has too few trigrams to be told from its neighbours.
_MIN_SIMILAR_LENGTH = 4

CREATE_FUNCTIONS = """
CREATE EXTENSION IF NOT EXISTS pg_trgm;
CREATE EXTENSION IF NOT EXISTS unaccent;
-- unaccent() itself is only STABLE, since its dictionary may be replaced; ours is not.
CREATE OR REPLACE FUNCTION ipms_fold(value text) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    AS $$ SELECT lower(public.unaccent('public.unaccent'::regdictionary, value)) $$;
CREATE OR REPLACE FUNCTION ipms_words(value text) RETURNS tsvector
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    AS $$
        SELECT array_to_tsvector(
            array_remove(regexp_split_to_array(public.ipms_fold(value), '[^[:alnum:]]+'), '')
        )
    $$;
"""
DROP_FUNCTIONS = "DROP FUNCTION IF EXISTS ipms_words(text); DROP FUNCTION IF EXISTS ipms_fold(text)"

_Rows = TypeVar("_Rows", bound="models.QuerySet[Any]")


class _Joined(Func):
    """A function of the text of several columns, none of them null."""

    arg_joiner = " || ' ' || "


def text_column(*fields: str) -> models.GeneratedField:
    """Return the generated column with the folded text of `fields`."""
    return models.GeneratedField(
        expression=_Joined(*fields, function="ipms_fold"), output_field=TextField(), db_persist=True
    )


def words_column(*fields: str) -> models.GeneratedField:
    """Return the generated column with the words of `fields`."""
    return models.GeneratedField(
        expression=_Joined(*fields, function="ipms_words"), output_field=SearchVectorField(), db_persist=True
    )


def indexes(name: str) -> list[GinIndex]:
    """Return the two indexes of a model with the columns `search_text` and `search_words`."""
    return [
        GinIndex(OpClass(F("search_text"), name="gin_trgm_ops"), name=f"{name}_similar"),
        GinIndex(fields=["search_words"], name=f"{name}_words"),
    ]


def words_of(text: str) -> list[str]:
    """Split what was typed into folded words."""
    decomposed = unicodedata.normalize("NFKD", text.replace("\x00", " ").casefold())
    bare = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
    return [word[:_MAX_LENGTH] for word in re.findall(r"[^\W_]+", bare)][:_MAX_WORDS]


def search(queryset: _Rows, text: str, *, prefix: str = "") -> _Rows:
    """Return the rows that have every word of `text`, or words like them; all rows for an empty text.

    `prefix` leads to the searchable model from another one, such as `supplier__`.
    """
    words = words_of(text)
    if not words:
        return queryset.none() if text.strip() else queryset
    exact = queryset.filter(matching(words, prefix=prefix))
    if exact.order_by().exists():
        return exact
    return queryset.filter(matching(words, prefix=prefix, similar=True))


def matching(words: list[str], *, prefix: str = "", similar: bool = False) -> Q:
    """Return the condition that every word, or with `similar` one like it, begins a word of the row."""
    condition = Q()
    for word in words:
        found = Q(_Matches(F(f"{prefix}search_words"), Value(f"{word}:*")))
        if similar and len(word) >= _MIN_SIMILAR_LENGTH:
            found |= Q(_Similar(Value(word), F(f"{prefix}search_text")))
        condition &= found
    return condition


class _Matches(Func):
    template = "%(expressions)s::tsquery"
    arg_joiner = " @@ "
    output_field = models.BooleanField()


class _Similar(Func):
    template = "%(expressions)s"
    # Doubled for the parameter style of the driver.
    arg_joiner = " <%% "
    output_field = models.BooleanField()
    conditional: Any = True
