"""Logins, logouts and failed logins enter the audit trail, from the back office and the API alike."""

from django.contrib.auth import user_logged_in, user_logged_out, user_login_failed
from django.dispatch import receiver

from accounts import languages
from accounts.models import AuditEntry, User
from ipms import audit


@receiver(user_logged_in)
def record_login(sender, request, user, **kwargs):
    audit.accessed(user, event=AuditEntry.Event.LOGIN, actor=user)


@receiver(user_logged_in)
def keep_chosen_language(sender, request, user, **kwargs):
    """Who chose a language at the door and then came in has chosen it for good."""
    if request is not None:
        languages.keep(user, request.COOKIES.get(languages.CHOSEN_COOKIE, ""))


@receiver(user_logged_out)
def record_logout(sender, request, user, **kwargs):
    if user is not None:
        audit.accessed(user, event=AuditEntry.Event.LOGOUT, actor=user)


@receiver(user_login_failed)
def record_failed_login(sender, credentials, request=None, **kwargs):
    """Record the attempt under the account that was tried, where there is one."""
    name = credentials.get("username") or credentials.get("email") or ""
    user = User.objects.filter(email__iexact=name).first()
    if user is None:
        user = User(email=name[:120], username="")
    audit.accessed(user, event=AuditEntry.Event.LOGIN_FAILED)
