"""JSON as it comes in: exact numbers, no surprises further inside."""

import json
import re
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import ParseError, ValidationError
from rest_framework.parsers import BaseParser
from rest_framework.renderers import JSONRenderer

_DEEPEST = 50
_LONGEST_NUMBER = 100
#: What no field takes stands in for a number that is beyond every field.
_BEYOND = Decimal("Infinity")
#: Escapes of characters that PostgreSQL refuses: NUL, and halves of a surrogate pair.
_SUSPICIOUS = re.compile(r"\\u(?:0000|[dD][89a-fA-F])")
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


class StrictJSONParser(BaseParser):
    """Reads UTF-8 JSON; a number with a decimal point becomes a `Decimal`, never a float."""

    media_type = "application/json"
    renderer_class = JSONRenderer

    def parse(self, stream, media_type=None, parser_context=None):
        return loads(stream.read())


def loads(body: bytes) -> Any:
    """Read a JSON document.

    Raises `ParseError` for what is not JSON, is nested too deeply or names a field twice, and
    `ValidationError` for text that holds a character which cannot be stored.
    """
    try:
        text = body.decode("utf-8-sig")
        document = json.loads(text, parse_float=_number, parse_constant=_refuse, object_pairs_hook=_object)
    except (ValueError, RecursionError) as error:
        raise ParseError(_("The body is not valid JSON: %(why)s.") % {"why": _why(error)}) from error
    if text.count("[") + text.count("{") > _DEEPEST or _SUSPICIOUS.search(text):
        _inspect(document)
    return document


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError(gettext("a name stands twice in one object"))
    return found


def _number(text: str) -> Decimal:
    try:
        return Decimal(text) if len(text) <= _LONGEST_NUMBER else _BEYOND
    except InvalidOperation:
        return _BEYOND


def _refuse(name: str) -> None:
    raise ValueError(f"{name} is not a number of JSON")


def _inspect(document: Any) -> None:
    wrong = {}
    waiting = [(document, "non_field_errors", 0)]
    while waiting:
        value, field, depth = waiting.pop()
        if depth > _DEEPEST:
            raise ParseError(_("The body is nested too deeply."))
        if isinstance(value, str) and _UNSTORABLE.search(value):
            wrong[field] = [_("Contains a character that cannot be stored.")]
        elif isinstance(value, list):
            waiting.extend((inner, field, depth + 1) for inner in value)
        elif isinstance(value, dict):
            for name, inner in value.items():
                if _UNSTORABLE.search(name):
                    raise ParseError(_("A field name contains a character that cannot be stored."))
                waiting.append((inner, field if depth else name, depth + 1))
    if wrong:
        raise ValidationError(wrong)


def _why(error: Exception) -> str:
    if isinstance(error, json.JSONDecodeError):
        # What is wrong is the parser's own English; where it is, is for everybody.
        place = {"what": error.msg, "line": error.lineno, "column": error.colno}
        return gettext("%(what)s (line %(line)d, column %(column)d)") % place
    if isinstance(error, UnicodeDecodeError):
        return gettext("it is not UTF-8")
    if isinstance(error, RecursionError):
        return gettext("it is nested too deeply")
    return str(error)
