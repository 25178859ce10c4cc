"""The first page of everybody: what one was told; and of who looks after people: how they log in."""

from typing import Any

from axes.models import AccessAttempt
from django.conf import settings
from django.contrib import admin
from django.db.models import Count
from django.http import HttpRequest
from django.urls import reverse, reverse_lazy
from django.utils import timezone
from django.utils.html import format_html
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _

from accounts.admin.users import signed_in
from accounts.models import Notification, User
from ipms.admin.columns import stacked
from ipms.admin.display import moment, number
from ipms.admin.panels import Figure, FiguresPanel, TablePanel

_ROWS = 5
_PEOPLE = reverse_lazy("admin:accounts_user_changelist")


@admin.site.register_panel
class Unread(TablePanel):
    """What this person was told and has not read, the newest first."""

    title = _("Unread notifications")
    group = "waiting"
    order = 70
    headings = [_("Notification"), _("When")]
    empty = _("You have read all your notifications.")
    more_url = reverse_lazy("admin:accounts_notification_changelist", query={"unread": "1"})

    def rows(self, request: HttpRequest) -> list[list[Any]]:
        unread = Notification.objects.of(request.user).unread().order_by("-id")[:_ROWS]
        return [
            [
                stacked(
                    format_html(
                        '<a href="{}">{}</a>',
                        reverse("admin:accounts_notification_change", args=[notification.pk]),
                        Truncator(notification.title).chars(70),
                    ),
                    Truncator(notification.body).chars(80),
                ),
                moment(notification.created_at),
            ]
            for notification in unread
        ]


@admin.site.register_panel
class People(FiguresPanel):
    """Who comes in, who never did, and who is kept out."""

    title = _("People")
    permission = "accounts.view_user"
    group = "site"
    order = 50
    width = "full"
    more_url = _PEOPLE

    def figures(self, request: HttpRequest) -> list[Figure]:
        active = User.objects.filter(is_active=True)
        found = active.aggregate(
            active=Count("pk"),
            today=Count("pk", filter=signed_in("today")),
            never=Count("pk", filter=signed_in("never")),
        )
        figures = [
            Figure(label=_("May log in"), value=number(found["active"]), url=f"{_PEOPLE}?is_active__exact=1"),
            Figure(
                label=_("Logged in today"),
                value=number(found["today"]),
                url=f"{_PEOPLE}?is_active__exact=1&login=today",
            ),
            Figure(
                label=_("Never logged in"),
                value=number(found["never"]),
                url=f"{_PEOPLE}?is_active__exact=1&login=never",
                tone="warn" if found["never"] else "",
            ),
        ]
        if request.user.has_perm("axes.view_accessattempt"):
            figures.append(self._locked())
        return figures

    def _locked(self) -> Figure:
        since = timezone.now() - settings.AXES_COOLOFF_TIME
        locked = AccessAttempt.objects.filter(
            failures_since_start__gte=settings.AXES_FAILURE_LIMIT, attempt_time__gte=since
        )
        names = [
            name or "" for name in locked.order_by("-attempt_time").values_list("username", flat=True)[:100]
        ]
        return Figure(
            label=_("Locked out now"),
            value=number(len(names)),
            hint=Truncator(", ".join(dict.fromkeys(names))).chars(60),
            url=reverse(
                "admin:axes_accessattempt_changelist",
                query={"locked_out": "yes", "attempt_time__gte": since.isoformat()},
            ),
            tone="bad" if names else "good",
        )
