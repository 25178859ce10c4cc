"""Codes made from names: readable, and always the same for the same name."""

import re
import unicodedata
from hashlib import sha256

#: A name that differs from another only in these is the same name.
_IMMATERIAL = re.compile(r"[\s,;:._/|()\[\]{}'\"’‘“”«»#*&–—-]+")
_WORDS = re.compile(r"\d+(?:\.\d+)+|[^\W_]+")
#: Words longer than this are shortened first, then to the next length.
_WORD_LENGTHS = (8, 6, 5, 4, 3)
_DIGITS = 4


def fold(name: str) -> str:
    """Return what is left of a name when case, accents, spaces and punctuation do not count."""
    decomposed = unicodedata.normalize("NFKD", name).casefold()
    return _IMMATERIAL.sub(" ", _without_accents(decomposed)).strip()


def make(name: str, *, limit: int) -> str:
    """Return a code for a name, of at most `limit` characters: its words and numbers, joined by hyphens.

    Where the code does not tell the whole name (it is too long, or has signs such as “+”), it ends with
    digits of the name's hash.

    >>> make("Efavirenz 600mg, tablets, 30 Tabs", limit=50)
    'EFAVIRENZ-600MG-TABLETS-30-TABS'
    """
    plain = unicodedata.normalize("NFC", _without_accents(unicodedata.normalize("NFKD", name)))
    words = _WORDS.findall(plain.upper())
    code = "-".join(words)
    is_whole = len(code) <= limit and not re.sub(r"[^\W_]+", "", _IMMATERIAL.sub("", plain))
    if is_whole and code:
        return code
    room = limit - _DIGITS - 1
    for length in _WORD_LENGTHS:
        if len(code) <= room:
            break
        code = "-".join(word[:length] if word.isalpha() else word for word in words)
    digest = sha256(fold(name).encode()).hexdigest()[:_DIGITS].upper()
    return f"{code[:room].rstrip('-')}-{digest}".lstrip("-")


def _without_accents(decomposed: str) -> str:
    return re.sub(r"[\u0300-\u036f]", "", decomposed)
