"""In which language a supplier is written to."""

from django.conf import settings

from suppliers.models import Supplier

LANGUAGES = settings.LANGUAGES
_ENGLISH = "en"


def language_of(supplier: Supplier, *, otherwise: str) -> str:
    """Return the supplier's language, else `otherwise`, else English."""
    known = dict(LANGUAGES)
    return next((code for code in (supplier.language, otherwise) if code in known), _ENGLISH)
