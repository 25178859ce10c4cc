"""Logins and the tokens that descend from them.

Each login begins a `TokenFamily`. A refresh token works once and gives the next pair; when a used one comes
back, somebody has a copy, and the whole family dies, access tokens too.
"""

import hashlib
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from axes.handlers.proxy import AxesProxyHandler
from axes.models import AccessAttempt, AccessFailureLog
from django.conf import settings
from django.contrib import auth
from django.contrib.sessions.backends.db import SessionStore
from django.db import connection, transaction
from django.db.models import Q
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_noop
from rest_framework_simplejwt.exceptions import TokenError
from rest_framework_simplejwt.token_blacklist.models import BlacklistedToken, OutstandingToken
from rest_framework_simplejwt.tokens import AccessToken, RefreshToken, Token
from rest_framework_simplejwt.utils import datetime_from_epoch

from accounts.errors import AccountLocked, InvalidCredentials, TokenInvalid
from accounts.models import AuditEntry, TokenFamily, User
from ipms import audit, context

_LOGGED_OUT = gettext_noop("logged out")
_REUSED = gettext_noop("reuse of a refresh token")


@dataclass(frozen=True, kw_only=True)
class Tokens:
    user: User
    access: str
    refresh: str
    #: Seconds for which the access token is good.
    expires_in: int


class _Refresh(RefreshToken):
    """A refresh token whose use is looked up by `refresh`, under the lock of its family."""

    def check_blacklist(self) -> None:
        pass


def login(request: HttpRequest, *, email: str, password: str) -> Tokens:
    """Begin a session on a device.

    What counts the attempts needs the request. Raises `AccountLocked` after too many failures with this
    email address from this network address, and `InvalidCredentials`. An attempt is counted whichever way it
    ends: who calls this inside a transaction must not roll it back.
    """
    tokens = None
    with transaction.atomic():
        # One attempt at a time, so that many at once do not get past the limit together.
        _take_turn(f"login:{email.strip().lower()}:{context.client_ip(request)}")
        is_allowed = AxesProxyHandler.is_allowed(request, {"username": email})
        user = auth.authenticate(request, username=email, password=password)
        # Else the middleware of axes would answer with a page.
        setattr(request, "axes_locked_out", False)  # noqa: B010 - no attribute that a request has
        if user is not None and is_allowed:
            tokens = start(user)
            auth.user_logged_in.send(sender=User, request=request, user=user)
    if tokens is None:
        raise InvalidCredentials if is_allowed else AccountLocked
    return tokens


def start(user: User) -> Tokens:
    """Begin a family of tokens for a user who has shown who he is."""
    current = context.current()
    family = TokenFamily.objects.create(
        user=user, ip_address=current.ip_address, user_agent=current.user_agent
    )
    return _issue(user, family)


def refresh(token: str) -> Tokens:
    """Use up a refresh token and return the next pair.

    Raises `TokenInvalid`; a token that was used before kills its family, which must not be rolled back.
    """
    claims = _read(_Refresh, token)
    tokens = None
    with transaction.atomic():
        family = _lock_family(claims)
        if family.revoked_at is None and family.user.is_active:
            if _use_up(claims):
                family.save(update_fields=["last_used_at"])
                tokens = _issue(family.user, family)
            else:
                _revoke(TokenFamily.objects.filter(pk=family.pk), because=_REUSED)
                audit.accessed(family.user, event=AuditEntry.Event.TOKEN_REUSE, actor=family.user)
    if tokens is None:
        raise TokenInvalid
    return tokens


@transaction.atomic
def logout(request: HttpRequest, *, by: User, token: str) -> None:
    """End the session that a refresh token of `by` belongs to. To end it twice is no mistake.

    Raises `TokenInvalid` where the token is not one of `by`, or is dead for another reason.
    """
    claims = _read(_Refresh, token)
    family = _lock_family(claims)
    if family.user != by or (family.revoked_at and family.revoked_because != _LOGGED_OUT):
        raise TokenInvalid
    if family.revoked_at is None:
        _use_up(claims)
        _revoke(TokenFamily.objects.filter(pk=family.pk), because=_LOGGED_OUT)
        auth.user_logged_out.send(sender=User, request=request, user=by)


def user_of(access: str, *, even_logged_out: bool = False) -> User:
    """Return whom an access token stands for, with one query.

    Raises `TokenInvalid` where it is expired or forged, its family revoked or the user deactivated. With
    `even_logged_out` a token serves although its session was ended by its owner.
    """
    claims = _read(AccessToken, access)
    alive = Q(token_families__revoked_at=None)
    if even_logged_out:
        alive |= Q(token_families__revoked_because=_LOGGED_OUT)
    user = User.objects.filter(
        alive, pk=claims["user_id"], is_active=True, token_families__pk=claims["family"]
    ).first()
    if user is None:
        raise TokenInvalid
    return user


@transaction.atomic
def revoke(family: TokenFamily, *, by: User) -> None:
    """End the session of one device, as `by` who administers users. To end it twice is no mistake."""
    _revoke(TokenFamily.objects.filter(pk=family.pk), because=gettext_noop("ended by an administrator"))
    audit.accessed(family.user, event=AuditEntry.Event.LOGIN_ENDED, actor=by)


def revoke_all(user: User, *, because: str) -> None:
    """Kill every token of a user."""
    _revoke(TokenFamily.objects.filter(user=user), because=because)


def attempted_name(request: HttpRequest, credentials: Mapping[str, Any] | None = None) -> str:
    """Return under which name an attempt to log in is counted: one account, one name, however it is typed."""
    given = credentials or {}
    # Its own name of the field is the model's, Django's is always `username`.
    name = given.get("username") or given.get(User.USERNAME_FIELD) or request.POST.get("username") or ""
    return str(name).strip().lower()[:255]


def forget_expired() -> int:
    """Delete tokens, families and browser sessions that nobody can use any more; return how many tokens."""
    expired = OutstandingToken.objects.filter(expires_at__lt=timezone.now())
    count, _by_model = expired.delete()
    lifetime: timedelta = RefreshToken.lifetime
    TokenFamily.objects.filter(last_used_at__lt=timezone.now() - lifetime).delete()
    SessionStore.clear_expired()
    return count


def forget_failures(*, before: datetime) -> int:
    """Delete the counters of failed logins that lock nobody any more, and the log of older ones."""
    unlocked = timezone.now() - settings.AXES_COOLOFF_TIME
    AccessAttempt.objects.filter(attempt_time__lt=min(before, unlocked)).delete()
    count, _by_model = AccessFailureLog.objects.filter(attempt_time__lt=before).delete()
    return count


def _issue(user: User, family: TokenFamily) -> Tokens:
    token = _Refresh()
    token["user_id"] = str(user.pk)
    token["family"] = str(family.pk)
    OutstandingToken.objects.create(
        user=user,
        jti=token["jti"],
        token="",  # its id is enough to refuse it; who reads the table shall not get in
        created_at=token.current_time,
        expires_at=datetime_from_epoch(token["exp"]),
    )
    return Tokens(
        user=user,
        access=str(token.access_token),
        refresh=str(token),
        expires_in=int(AccessToken.lifetime.total_seconds()),
    )


def _read(kind: type[Token], text: str) -> Mapping[str, Any]:
    try:
        claims = kind(text).payload  # type: ignore[arg-type] # it is annotated as a token, and read as text
        uuid.UUID(claims["family"])
        int(claims["user_id"])
    except (TokenError, KeyError, ValueError, TypeError) as error:
        raise TokenInvalid from error
    return claims


def _lock_family(claims: Mapping[str, Any]) -> TokenFamily:
    families = TokenFamily.objects.select_related("user").select_for_update(of=("self",))
    family = families.filter(pk=claims["family"]).first()
    if family is None:
        raise TokenInvalid
    return family


def _use_up(claims: Mapping[str, Any]) -> bool:
    """Mark a refresh token as used; return False where it was."""
    issued = OutstandingToken.objects.filter(jti=claims["jti"]).first()
    if issued is None:
        return False
    _record, is_first = BlacklistedToken.objects.get_or_create(token=issued)
    return is_first


def _revoke(families: Any, *, because: str) -> None:
    families.filter(revoked_at=None).update(revoked_at=timezone.now(), revoked_because=because)


def _take_turn(what: str) -> None:
    number = int.from_bytes(hashlib.sha256(what.encode()).digest()[:8], "big", signed=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [number])
