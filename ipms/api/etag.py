"""Versions of a record: an unchanged one need not be sent again, a changed one not be overwritten."""

import hashlib
import json
import re
from typing import Any

from rest_framework.renderers import JSONRenderer

from ipms.api import exceptions

_TAG = re.compile(r'(?:W/)?"([^"]*)"')


def etag_of(representation: Any) -> str:
    """Return the version of a record as the API shows it: the same figures give the same tag."""
    plain = json.loads(JSONRenderer().render(representation))
    canonical = json.dumps(plain, sort_keys=True, separators=(",", ":"))
    return f'"{hashlib.sha256(canonical.encode()).hexdigest()[:32]}"'


def names(header: str, etag: str) -> bool:
    """Say whether an `If-Match` or `If-None-Match` header names this version.

    A weak tag counts as the strong one: compression on the way marks ours as weak.
    """
    return header.strip() == "*" or etag.strip('"') in _TAG.findall(header)


def require_match(header: str, etag: str) -> None:
    """Raise `PreconditionFailed` unless the `If-Match` header names this version."""
    if not names(header, etag):
        _code, message = exceptions.BY_STATUS[412]
        raise exceptions.PreconditionFailed(message)
