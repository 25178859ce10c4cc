"""Search as people type: words in any order, word beginnings, small typing slips; by index, not by scan.

A searchable model keeps one generated column under a full-text index: the words of its text, folded (no
case, no accents), and beside each longer word what is left of it when any one letter is missing. What was
typed is taken apart in the same way: two words meet there when one letter was forgotten, doubled, mistaken
or swapped with its neighbour. Words are looked for by their beginnings first; slips count only where nothing
has all the words. A word with a digit in it is a number of some kind and must be right as far as it goes.
"""

from collections.abc import Iterator
from typing import TypeVar

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import connection, models
from django.db.models import F, Func, Q, Value

#: More words than this are not how people search; more text than this is not looked at.
_MAX_WORDS, _MAX_TEXT = 8, 400
#: A shorter word is too near to its neighbours to guess what was meant; longer ones are not indexed so.
_SHORTEST_SLIP, _LONGEST_SLIP = 4, 20
#: Marks the words with a missing letter, so that no word is taken for one of them.
_SLIP = "~"

# Cut at 20,000 letters, 500 words and 40 letters of a word: the column of a row has room for 1 MB.
CREATE_FUNCTIONS = r"""
CREATE EXTENSION IF NOT EXISTS pg_trgm;
CREATE EXTENSION IF NOT EXISTS unaccent;
-- unaccent() itself is only STABLE, since its dictionary may be replaced; ours is not.
CREATE OR REPLACE FUNCTION ipms_fold(value text) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    AS $$ SELECT lower(public.unaccent('public.unaccent'::regdictionary, normalize(value, NFKC))) $$;
-- The words of a text, in their order.
CREATE OR REPLACE FUNCTION ipms_split(value text) RETURNS text[]
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    AS $$
    SELECT array(
        SELECT left(word, 40)
        FROM regexp_split_to_table(public.ipms_fold(left(value, 20000)), '[^[:alnum:]]+')
            WITH ORDINALITY AS t(word, place)
        WHERE word <> '' ORDER BY place LIMIT 500
    )
    $$;
-- The same, with what is written in one piece also as one word (AB-12 as ab12), and with the words that lack
-- a letter behind a tilde.
CREATE OR REPLACE FUNCTION ipms_words(value text) RETURNS tsvector
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
    AS $$
    DECLARE
        words text[] := public.ipms_split(value);
    BEGIN
        RETURN array_to_tsvector(
            words
            || array(
                SELECT left(regexp_replace(piece, '[^[:alnum:]]+', '', 'g'), 40)
                FROM regexp_split_to_table(public.ipms_fold(left(value, 20000)), '\s+') AS piece
                WHERE piece ~ '[[:alnum:]][^[:alnum:]]+[[:alnum:]]' LIMIT 500
            )
            || array(
                SELECT '~' || left(word, place - 1) || substr(word, place + 1)
                FROM unnest(words) AS word, generate_series(1, length(word)) AS place
                WHERE length(word) BETWEEN 4 AND 20 AND word !~ '[0-9]'
            )
        );
    END
    $$;
"""
DROP_FUNCTIONS = """
DROP FUNCTION IF EXISTS ipms_words(text);
DROP FUNCTION IF EXISTS ipms_split(text);
DROP FUNCTION IF EXISTS ipms_fold(text);
"""

_Model = TypeVar("_Model", bound=models.Model)


class _Joined(Func):
    """A function of the text of several columns, none of them null."""

    arg_joiner = " || ' ' || "


def words_column(*fields: str) -> models.GeneratedField:
    """Return the generated column with the words of `fields`."""
    return models.GeneratedField(
        expression=_Joined(*fields, function="ipms_words"), output_field=SearchVectorField(), db_persist=True
    )


def index(name: str) -> GinIndex:
    """Return the index of a model with the column `search_words`."""
    return GinIndex(fields=["search_words"], name=f"{name}_words")


def words_of(text: str) -> list[str]:
    """Split what was typed into folded words, as the column is; asks the database, which knows how."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT ipms_split(%s)", [text[:_MAX_TEXT].replace("\x00", " ")])
        return cursor.fetchone()[0][:_MAX_WORDS]


def search(queryset: "models.QuerySet[_Model]", text: str, *, prefix: str = "") -> "models.QuerySet[_Model]":
    """Return the rows that have every word of `text`, or words like them; all rows for an empty text.

    `prefix` leads to the searchable model from another one, such as `supplier__`.
    """
    if not text.strip():
        return queryset
    words = words_of(text)
    if not words:
        return queryset.none()
    exact = queryset.filter(matching(words, prefix=prefix))
    if exact.order_by().exists():
        return exact
    return queryset.filter(matching(words, prefix=prefix, similar=True))


def matching(words: list[str], *, prefix: str = "", similar: bool = False) -> Q:
    """Return the condition that every word, or with `similar` one like it, begins a word of the row.

    `words` come from `words_of`: nothing else is safe here.
    """
    terms = [" | ".join(_terms(word, similar=similar)) for word in words]
    return Q(_Matches(F(f"{prefix}search_words"), Value(" & ".join(f"({term})" for term in terms))))


def _terms(word: str, *, similar: bool) -> Iterator[str]:
    yield f"'{word}':*"
    is_number = any("0" <= letter <= "9" for letter in word)
    if similar and not is_number and _SHORTEST_SLIP <= len(word) <= _LONGEST_SLIP:
        # A letter was forgotten: perhaps the end of the word is still to come.
        yield f"'{_SLIP}{word}':*"
        for shorter in {word[:place] + word[place + 1 :] for place in range(len(word))}:
            # A letter too many; then a wrong one, or two that are swapped.
            yield f"'{shorter}'"
            yield f"'{_SLIP}{shorter}'"


class _Matches(Func):
    template = "%(expressions)s::tsquery"
    arg_joiner = " @@ "
    output_field = models.BooleanField()
