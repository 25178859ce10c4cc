"""Checking a record before it is saved."""

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import models


def check(record: models.Model, *, key: str) -> None:
    """Raise Django's `ValidationError` unless the record can be saved.

    What a constraint over no single field refuses is told on `key`, the name by which people know a record:
    it is taken already.
    """
    try:
        record.full_clean()
    except ValidationError as error:
        if sentences := error.error_dict.pop(NON_FIELD_ERRORS, None):
            error.error_dict.setdefault(key, []).extend(sentences)
        raise
