"""What was typed into a form whose session had ended by the time it was sent.

The login page that answers such a form carries its fields along, signed, and after the login they wait behind
one button. That is the way without a script: where one runs, it keeps what was typed on the device and says
so (static/ipms/drafts.js).

Only the person who typed gets them back: each form says, signed, to whom it was shown.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.core import signing
from django.http import HttpRequest

#: Name of the hidden field that says to whom the form was shown.
SHOWN_TO = "_shown_to"
#: Name of the hidden field of the login page.
FIELD = "_carried"
_SALT = "ipms.admin.carried"
#: A form of more than this many characters is not carried through a slow line twice.
_MOST_CHARACTERS = 200_000
_HOURS = 12
_SECRETS = ("password", "secret", "token")
#: Name of the field by which the script says that the device has kept the form.
KEPT = "_kept"
_NOT_CARRIED = {"csrfmiddlewaretoken", SHOWN_TO, FIELD}


@dataclass(frozen=True)
class Carried:
    """The fields of a form, in their order, and where it was sent to."""

    path: str
    fields: Sequence[tuple[str, str]]
    #: Whether a file was chosen: it has to be chosen again.
    had_files: bool

    def value(self, name: str) -> str:
        return next((value for field, value in self.fields if field == name), "")


def mark(user: Any) -> str:
    """Return what a form carries to say that it was shown to this user."""
    return signing.dumps(user.pk, salt=_SALT)


def pack(request: HttpRequest) -> str:
    """Return the fields of a form that came too late, signed.

    Nothing where it does not say who typed them, or where a script has kept them.
    """
    if KEPT in request.POST or "X-Requested-With" in request.headers:
        return ""
    try:
        shown_to = signing.loads(request.POST.get(SHOWN_TO, ""), salt=_SALT)
    except signing.BadSignature:
        return ""
    fields = [
        (name, value)
        for name, values in request.POST.lists()
        for value in values
        if name not in _NOT_CARRIED and not any(word in name.lower() for word in _SECRETS)
    ]
    if sum(len(name) + len(value) for name, value in fields) > _MOST_CHARACTERS:
        return ""
    content = [shown_to, request.get_full_path(), fields, bool(request.FILES)]
    return signing.dumps(content, salt=f"{_SALT}.fields", compress=True)


def unpack(packed: str, *, user: Any) -> Carried | None:
    """Return what was carried for this user; None where it is another's, too old or was tampered with."""
    try:
        shown_to, path, fields, had_files = signing.loads(
            packed, salt=f"{_SALT}.fields", max_age=_HOURS * 3600
        )
    except signing.BadSignature:
        return None
    if shown_to != user.pk:
        return None
    return Carried(path, [(name, value) for name, value in fields], had_files)
