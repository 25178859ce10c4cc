"""Mail: queued as rows in the transaction of its cause, sent by a job of its own.

No request waits for a mail server, and none fails because of it.
"""

import logging
import smtplib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from email.utils import formataddr, parseaddr
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from ipms import audit, bulk, outbox, site
from ipms.errors import InvalidState
from ipms.models import MailAttachment, MailStatus, OutgoingMail

logger = logging.getLogger(__name__)

#: A server may change its mind about an address (half a day passes until then), but not for ever.
MOST_REFUSALS = 20
_LONGEST_SUBJECT = 250
_LONGEST_ERROR = 1000


@dataclass(frozen=True, kw_only=True)
class Attachment:
    name: str
    media_type: str
    content: bytes


@dataclass(frozen=True, kw_only=True)
class Letter:
    """A mail to one person, in that person's language."""

    to: str
    subject: str
    text: str
    html: str = ""
    language: str = "en"
    attachments: Sequence[Attachment] = ()


def is_configured() -> bool:
    """Tell whether there is a mail server; without one, mail is kept in the back office to be read there."""
    return bool(settings.EMAIL_HOST)


def absolute(url: str) -> str:
    """Return the full address of a page of this site, for who reads it elsewhere."""
    return url if "://" in url else f"{settings.SITE_URL}{url}"


def queue(letters: Sequence[Letter]) -> list[OutgoingMail]:
    """Queue mails in the running transaction, by one statement and one more where there are attachments."""
    status = MailStatus.QUEUED if is_configured() else MailStatus.KEPT
    host = urlsplit(settings.SITE_URL).hostname or "localhost"
    mails = [
        OutgoingMail(
            to=letter.to,
            # A name with a line break in it must not begin a new header.
            subject=" ".join(letter.subject.split())[:_LONGEST_SUBJECT],
            text=letter.text,
            html=letter.html,
            language=letter.language,
            message_id=f"<{uuid4().hex}@{host}>",
            status=status,
        )
        for letter in letters
    ]
    OutgoingMail.objects.bulk_create(mails)
    MailAttachment.objects.bulk_create(
        MailAttachment(mail=mail, name=file.name, media_type=file.media_type, content=file.content)
        for mail, letter in zip(mails, letters, strict=True)
        for file in letter.attachments
    )
    return mails


def send_waiting(limit: int = 200) -> int:
    """Send mails that are due, oldest first, over one connection; return how many went out.

    Each is marked in a transaction of its own while its row is locked: two workers never send the same one,
    and where a worker is killed between the server's answer and the mark, that one mail goes out again with
    the same message id. A server that is away is tried for ever, with waits that double up to an hour; a
    mail that it refuses for good fails after `MOST_REFUSALS` attempts.
    """
    if not is_configured() or not _due().exists():
        return 0
    server, sender = get_connection(), _sender()
    try:
        server.open()
    except OSError as error:  # what smtplib raises is one too
        logger.warning("the mail server does not answer: %s", error)
        _put_all_off(error)
        return 0
    sent = 0
    try:
        for _number in range(limit):
            outcome = _send_next(server, sender)
            if outcome is None:
                break
            sent += outcome
    finally:
        _close(server)
    return sent


def send_again(mail: OutgoingMail, *, by: Any) -> None:
    """Put a mail back into the queue, whatever became of it before.

    Raises `InvalidState` where there is no mail server, and for one that waits already.
    """
    if not is_configured():
        raise InvalidState(_("There is no mail server: set MAIL_SERVER first."), status=mail.status)
    done_with = OutgoingMail.objects.filter(pk=mail.pk).exclude(status=MailStatus.QUEUED)
    if not done_with.update(
        status=MailStatus.QUEUED, attempts=0, next_attempt_at=None, last_error="", sent_at=None
    ):
        raise InvalidState(_("This mail waits to be sent already."), status=MailStatus.QUEUED)
    audit.accessed(mail, event="mail-sent-again", actor=by)


def clean_up(*, keep: timedelta) -> int:
    """Delete mails older than `keep` that no longer wait; return how many."""
    old = OutgoingMail.objects.filter(created_at__lt=timezone.now() - keep)
    _count, by_model = old.exclude(status=MailStatus.QUEUED).delete()
    return by_model.get(OutgoingMail._meta.label, 0)


def _due() -> "QuerySet[OutgoingMail]":
    is_due = Q(next_attempt_at=None) | Q(next_attempt_at__lte=timezone.now())
    return OutgoingMail.objects.filter(is_due, status=MailStatus.QUEUED)


def _sender() -> str:
    """Return the sender, under the organisation's name where the setting has none."""
    name, address = parseaddr(settings.DEFAULT_FROM_EMAIL)
    return formataddr((name or site.current().organisation, address))


@transaction.atomic
def _send_next(server: Any, sender: str) -> bool | None:
    """Send the oldest due mail that nobody holds; say whether it went out, None where there is nothing to do.

    Where the connection itself broke, there is nothing to do until there is another.
    """
    mail = _due().select_for_update(skip_locked=True).order_by("pk").first()
    if mail is None:
        return None
    mail.attempts = min(mail.attempts + 1, 32_767)
    try:
        server.send_messages([_message(mail, sender)])
    except (OSError, ValueError) as error:  # a ValueError: it cannot even be written as a mail
        logger.warning("mail %s was not sent: %s", mail.pk, error)
        _put_off(mail, error)
        return False if _goes_on(error) else None
    mail.status, mail.sent_at, mail.next_attempt_at = MailStatus.SENT, timezone.now(), None
    mail.save(update_fields=["status", "sent_at", "next_attempt_at", "attempts"])
    return True


def _message(mail: OutgoingMail, sender: str) -> EmailMultiAlternatives:
    message = EmailMultiAlternatives(
        mail.subject,
        mail.text,
        sender,
        [mail.to],
        headers={
            "Message-ID": mail.message_id,
            "Content-Language": mail.language,
            # Nobody's absence is to be answered with another mail.
            "Auto-Submitted": "auto-generated",
        },
    )
    if mail.html:
        message.attach_alternative(mail.html, "text/html")
    for file in mail.attachments.all():
        message.attach(file.name, bytes(file.content), file.media_type)
    return message


def _put_off(mail: OutgoingMail, error: Exception) -> None:
    mail.last_error = _described(error)
    if _is_refusal(error) and mail.attempts >= MOST_REFUSALS:
        mail.status, mail.next_attempt_at = MailStatus.FAILED, None
    else:
        mail.next_attempt_at = timezone.now() + outbox.wait_after(mail.attempts)
    mail.save(update_fields=["status", "next_attempt_at", "attempts", "last_error"])


@transaction.atomic
def _put_all_off(error: Exception) -> None:
    """Let every due mail wait: the server cannot be reached."""
    mails = list(_due().select_for_update(skip_locked=True).only("pk", "attempts"))
    now = timezone.now()
    for mail in mails:
        mail.attempts = min(mail.attempts + 1, 32_767)
        mail.next_attempt_at = now + outbox.wait_after(mail.attempts)
        mail.last_error = _described(error)
    bulk.update(mails, ["attempts", "next_attempt_at", "last_error"])


def _is_refusal(error: Exception) -> bool:
    """Tell whether it is this one mail that the server will not take, by its answer of 5xx."""
    match error:
        case smtplib.SMTPRecipientsRefused():
            return all(code >= 500 for code, _answer in error.recipients.values())
        case smtplib.SMTPDataError():
            return error.smtp_code >= 500
    return isinstance(error, ValueError)


def _goes_on(error: Exception) -> bool:
    """Tell whether the connection is good for the next mail: it was only this one that failed."""
    return isinstance(error, ValueError | smtplib.SMTPRecipientsRefused | smtplib.SMTPDataError)


def _described(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"[:_LONGEST_ERROR]


def _close(server: Any) -> None:
    try:
        server.close()
    except OSError as error:
        logger.warning("the mail server did not say goodbye: %s", error)
