"""What accounts may refuse."""

from typing import ClassVar

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from ipms.errors import DomainError


class InvalidCredentials(DomainError):
    """No active account has this email address with this password; which of them is wrong stays unsaid."""

    code: ClassVar[str] = "INVALID_CREDENTIALS"

    def __init__(self) -> None:
        super().__init__(_("The email address or the password is wrong."))


class AccountLocked(DomainError):
    """Too many failed logins with this email address from this network address."""

    code: ClassVar[str] = "ACCOUNT_LOCKED"

    def __init__(self) -> None:
        minutes = int(settings.AXES_COOLOFF_TIME.total_seconds() // 60)
        super().__init__(
            _("Too many failed logins: try again in %(minutes)s minutes.") % {"minutes": minutes}
        )


class TokenInvalid(DomainError):
    """The token is expired, used up, revoked or not one of ours."""

    code: ClassVar[str] = "TOKEN_INVALID"

    def __init__(self) -> None:
        super().__init__(_("This token is not valid any more: please log in again."))
