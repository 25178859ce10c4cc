"""Search as people type: words in any order, word beginnings, small typing slips; by index, not by scan.

A searchable model names its text columns in `searched`, and has an index of their words, folded (no case, no
accents), and beside each longer word of what is left of it when any one letter is missing. What was typed is
taken apart in the same way: two words meet there when one letter was forgotten, doubled, mistaken or swapped
with its neighbour. Words are looked for by their beginnings first; slips count only where nothing has all the
words. A word with a digit in it is a number of some kind and must be right as far as it goes.
"""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any, TypeVar

from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import connection, models
from django.db.models import Expression, F, Func, Q, Value

#: More words than this are not how people search; more text than this is not looked at.
_MAX_WORDS, _MAX_TEXT = 8, 400
#: A shorter word is too near to its neighbours to guess what was meant; longer ones are not indexed so.
_SHORTEST_SLIP, _LONGEST_SLIP = 4, 20
#: Marks the words with a missing letter, so that no word is taken for one of them.
_SLIP = "~"

# Cut at 20,000 letters, 500 words and 40 letters of a word: a tsvector has room for 1 MB.
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
-- Its cost, and that no worker may take a share, let the planner trust the index for common words too.
CREATE OR REPLACE FUNCTION ipms_words(value text) RETURNS tsvector
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL RESTRICTED COST 200
    AS $$
    DECLARE
        folded text := public.ipms_fold(left(value, 20000));
        found text[] := '{}';
        word text;
    BEGIN
        FOREACH word IN ARRAY (regexp_split_to_array(folded, '[^[:alnum:]]+'))[:500] LOOP
            found := found || left(word, 40);
            IF length(word) BETWEEN 4 AND 20 AND word !~ '[0-9]' THEN
                FOR place IN 1..length(word) LOOP
                    found := found || ('~' || left(word, place - 1) || substr(word, place + 1));
                END LOOP;
            END IF;
        END LOOP;
        IF folded ~ '[[:alnum:]][^[:alnum:][:space:]]+[[:alnum:]]' THEN
            FOREACH word IN ARRAY (regexp_split_to_array(folded, '\s+'))[:500] LOOP
                found := found || left(regexp_replace(word, '[^[:alnum:]]+', '', 'g'), 40);
            END LOOP;
        END IF;
        RETURN array_to_tsvector(array_remove(found, ''));
    END
    $$;
"""
DROP_FUNCTIONS = """
DROP FUNCTION IF EXISTS ipms_words(text);
DROP FUNCTION IF EXISTS ipms_split(text);
DROP FUNCTION IF EXISTS ipms_fold(text);
"""

_Rows = TypeVar("_Rows", bound="models.QuerySet[Any]")


class _Joined(Func):
    """A function of the text of several columns, none of them null."""

    arg_joiner = " || ' ' || "


def words(*fields: str) -> Func:
    """Return the expression for the words of these columns."""
    return _Joined(*fields, function="ipms_words", output_field=SearchVectorField())


def index(name: str, *fields: str) -> GinIndex:
    """Return the index of a model whose `searched` are these columns."""
    return GinIndex(words(*fields), name=f"{name}_words")


@lru_cache(maxsize=1024)
def words_of(text: str) -> tuple[str, ...]:
    """Split what was typed into folded words, as the index does; asks the database, which knows how."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT ipms_split(%s)", [text[:_MAX_TEXT].replace("\x00", " ")])
        return tuple(cursor.fetchone()[0][:_MAX_WORDS])


def search(queryset: _Rows, text: str) -> _Rows:
    """Return the rows that have every word of `text`, or words like them; all rows for an empty text."""
    if not text.strip():
        return queryset
    typed = words_of(text)
    if not typed:
        return queryset.none()
    exact = queryset.filter(matching(typed))
    if exact.order_by().exists():
        return exact
    return queryset.filter(matching(typed, similar=True))


def matching(typed: Sequence[str], *, similar: bool = False) -> Q:
    """Return the condition that every word, or with `similar` one like it, begins a word of the row.

    It is a condition on the model that is queried, not on one that is joined. The words come from
    `words_of`: nothing else is safe here.
    """
    terms = [" | ".join(_terms(word, similar=similar)) for word in typed]
    return Q(_Found(" & ".join(f"({term})" for term in terms)))


def among(field: str, found: "models.QuerySet[Any]") -> Q:
    """Return the condition that a row's `field` holds the key of one of the rows found.

    The keys are looked up first and by themselves, so that the index of `field` serves, also beside other
    conditions in an OR.
    """
    return Q(_IsAmong(F(field), _Keys(found.order_by().values("pk"))))


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


class _Found(Expression):
    """Whether a row is among those that a text query finds.

    The keys are found first and by themselves. Were the match one condition among others, the planner would
    rather walk another index (of the order that is wanted, say) and match row by row, which takes a second
    where the rows that match come last, or where there are none.
    """

    conditional = True
    output_field = models.BooleanField()

    def __init__(self, terms: str) -> None:
        super().__init__()
        self.terms = terms

    def resolve_expression(self, query=None, *args, **kwargs):
        model = query.model
        matching = _Matches(words(*model.searched), Value(self.terms))
        found = model._base_manager.filter(matching).order_by()
        return _IsAmong(F("pk"), _Keys(found.values("pk"))).resolve_expression(query, *args, **kwargs)


class _Matches(Func):
    template = "%(expressions)s::tsquery"
    arg_joiner = " @@ "
    output_field = models.BooleanField()


class _Keys(ArraySubquery):
    template = "ANY(ARRAY(%(subquery)s))"


class _IsAmong(Func):
    template = "%(expressions)s"
    arg_joiner = " = "
    output_field = models.BooleanField()
