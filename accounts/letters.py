"""Notifications as mails: text and HTML, in the reader's language."""

from collections.abc import Callable, Iterable, Sequence
from functools import cache

from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation

from accounts.models import Notification
from ipms import mail, site

Files = Callable[[], Sequence[mail.Attachment]]


def compose(notifications: Iterable[Notification], *, attach: Files | None = None) -> list[mail.Letter]:
    """Write each notification as a letter to its user. Costs one query, for the organisation's name.

    `attach` makes the files that go with them, once for each language and time zone.
    """
    organisation = site.current().organisation

    @cache
    def files(language: str, zone: str) -> Sequence[mail.Attachment]:
        return attach() if attach else ()

    return [_letter(notification, organisation, files) for notification in notifications]


def _letter(
    notification: Notification, organisation: str, files: Callable[[str, str], Sequence[mail.Attachment]]
) -> mail.Letter:
    reader = notification.user
    with translation.override(reader.language), timezone.override(reader.timezone):
        attachments = files(reader.language, reader.timezone)
        context = {
            "notification": notification,
            "reader": reader,
            "organisation": organisation,
            "attached": [file.name for file in attachments],
            "record": mail.absolute(notification.url) if notification.url else "",
            "preferences": mail.absolute(reverse("admin:notification_preferences")),
            "language": translation.get_language(),
            "direction": "rtl" if translation.get_language_bidi() else "ltr",
        }
        return mail.Letter(
            to=reader.email,
            subject=notification.title,
            text=render_to_string("mail/notification.txt", context),
            html=render_to_string("mail/notification.html", context),
            language=reader.language,
            attachments=attachments,
        )
