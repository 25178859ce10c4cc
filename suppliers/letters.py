"""In which language a supplier is written to."""

from django.conf import settings
from django.conf.locale import LANG_INFO

from suppliers.models import Supplier

#: Those that are written from left to right: on paper the letters of others would not be joined.
LANGUAGES = [(code, name) for code, name in settings.LANGUAGES if not LANG_INFO[code]["bidi"]]
_ENGLISH = "en"


def language_of(supplier: Supplier, *, otherwise: str) -> str:
    """Return the supplier's language, else `otherwise`, else English where papers do not come in it."""
    known = dict(LANGUAGES)
    return next((code for code in (supplier.language, otherwise) if code in known), _ENGLISH)
