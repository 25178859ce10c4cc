"""Telling people: in the program and by mail, in their own language, as each of them chose.

Whoever tells (a handler of an event, a job) runs in a transaction: the notifications and the mails that go
with them are there together or not at all.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django.db import transaction
from django.db.models import Model, QuerySet
from django.urls import NoReverseMatch, reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts import letters
from accounts.models import Kind, Notification, NotificationPreference, User
from accounts.sentences import SUBJECTS, Amount, Month, in_words
from ipms import bulk, mail
from ipms.errors import InvalidInput

__all__ = [
    "Amount",
    "Channels",
    "Kind",
    "Month",
    "channels_of",
    "choose",
    "holders_of",
    "mark_all_read",
    "mark_read",
    "notify",
    "page_of",
    "settle",
]

_BACKEND = "accounts.backends.EmailBackend"
_LONGEST_TITLE = 250


@dataclass(frozen=True)
class Channels:
    """The ways by which a person hears of a kind."""

    in_app: bool
    by_mail: bool


def holders_of(permission: str) -> "QuerySet[User]":
    """Return the active users who hold a permission, such as `inventory.change_item`: one query."""
    return User.objects.with_perm(permission, backend=_BACKEND)


def page_of(record: Model) -> str:
    """Return the address of a record's page on this site; empty where there is none."""
    meta = record._meta
    try:
        return reverse(f"admin:{meta.app_label}_{meta.model_name}_change", args=[record.pk])
    except NoReverseMatch:
        return ""


@transaction.atomic(savepoint=False)
def notify(
    users: Iterable[User],
    kind: Kind,
    *,
    key: str,
    url: str = "",
    variant: str = "",
    attach: "Callable[[], Sequence[mail.Attachment]] | None" = None,
    **words: Any,
) -> list[Notification]:
    """Tell each of `users` once of `key`, and return what was told to those who had not heard of it yet.

    `words` fill the sentences of the kind, or of its `variant`, in each user's language and time zone:
    numbers, dates, moments and `Amount` are written as people there write them. `url` is the address of the
    record's page on this site. Who is inactive, or wants to hear of the kind by no way, is passed over.
    The number of queries does not grow with the number of users. `attach` makes the files that go with the
    mails: it is called once in each language and time zone of those who get one.
    """
    people = {user.pk: user for user in users if user.is_active}
    channels = _channels_of_all(people, kind)
    wanted = [user for pk, user in sorted(people.items()) if channels[pk] != Channels(False, False)]
    sentence = SUBJECTS[kind].of(variant)
    told: list[Notification] = []
    for (language, zone), readers in groupby(sorted(wanted, key=_tongue), key=_tongue):
        with translation.override(language), timezone.override(zone):
            written = {name: in_words(word) for name, word in words.items()}
            title, body = sentence.title % written, sentence.body % written
        told += [
            Notification(
                user=user,
                kind=kind,
                key=key,
                title=title[:_LONGEST_TITLE],
                body=body,
                url=url,
                in_app=channels[user.pk].in_app,
            )
            for user in readers
        ]
    told.sort(key=lambda notification: notification.user_id)
    new = bulk.create_missing(told, unique=["user", "kind", "key"])
    if by_mail := [one for one in new if channels[one.user_id].by_mail]:
        mail.queue(letters.compose(by_mail, attach=attach))
    return new


def settle(kind: Kind, *, url: str) -> int:
    """Mark as read, for everybody, what was to be done at `url`: somebody did it. Return how many."""
    return Notification.objects.filter(kind=kind, url=url, read_at=None).update(read_at=timezone.now())


def mark_read(notification: Notification, *, by: User) -> None:
    """Mark one's own notification as read; one that was read keeps its time.

    Raises `Notification.DoesNotExist` for somebody else's.
    """
    if notification.user_id != by.pk:
        raise Notification.DoesNotExist
    now = timezone.now()
    if Notification.objects.filter(pk=notification.pk, read_at=None).update(read_at=now):
        notification.read_at = now


def mark_all_read(user: User) -> int:
    """Mark everything that the user sees as read; return how many were not."""
    return Notification.objects.of(user).unread().update(read_at=timezone.now())


def channels_of(user: User) -> dict[str, Channels]:
    """Return, for each kind that this person may ever be told of, the ways that are used."""
    chosen = {
        preference.kind: Channels(preference.in_app, preference.by_mail)
        for preference in NotificationPreference.objects.filter(user=user)
    }
    return {
        kind: chosen.get(kind, _default(kind))
        for kind, subject in SUBJECTS.items()
        if subject.permission is None or user.has_perm(subject.permission)
    }


@transaction.atomic
def choose(user: User, choices: Mapping[str, Channels]) -> None:
    """Set the ways by which the user hears of some kinds; the others stay as they are.

    Raises `InvalidInput` for a kind that this person is never told of.
    """
    before = channels_of(user)
    if unknown := sorted(set(choices) - set(before)):
        raise InvalidInput(
            {"preferences": [_("Nothing of this kind comes to you: %s.") % ", ".join(unknown)]}
        )
    NotificationPreference.objects.bulk_create(
        [
            NotificationPreference(user=user, kind=kind, in_app=wanted.in_app, by_mail=wanted.by_mail)
            for kind, wanted in choices.items()
            if wanted != before[kind]
        ],
        update_conflicts=True,
        unique_fields=["user", "kind"],
        update_fields=["in_app", "by_mail"],
    )


def _channels_of_all(people: Mapping[int, User], kind: Kind) -> dict[int, Channels]:
    chosen = NotificationPreference.objects.filter(user_id__in=list(people), kind=kind)
    return dict.fromkeys(people, _default(kind)) | {
        preference.user_id: Channels(preference.in_app, preference.by_mail) for preference in chosen
    }


def _default(kind: str) -> Channels:
    return Channels(SUBJECTS[kind].in_app, SUBJECTS[kind].by_mail)


def _tongue(user: User) -> tuple[str, str]:
    return user.language, user.timezone
