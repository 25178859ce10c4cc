"""The first page of the stores: work that begins there, counts and lots that wait, what was posted last."""

from typing import Any

from django.contrib import admin
from django.db.models import F, OuterRef, Subquery
from django.http import HttpRequest
from django.urls import reverse, reverse_lazy
from django.utils import timezone
from django.utils.formats import time_format
from django.utils.html import format_html
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from inventory import count_scope, handling, lots
from inventory.admin.counts import status_badge
from inventory.admin.expiry import days_left
from inventory.admin.filters import EXPIRY_DAYS
from inventory.admin.ledger import kind_badge, short_name
from inventory.models import CountHistory, CountStatus, MovementKind, StockCount, StockMovement
from inventory.models.counts import UNFINISHED
from ipms.admin.columns import stacked
from ipms.admin.display import badge, number, quantity
from ipms.admin.panels import TablePanel, link_for
from ipms.admin.shortcuts import Shortcut

#: A panel says what is next, not all there is.
_ROWS = 6
_NAME_LENGTH = 34

admin.site.register_shortcut(
    Shortcut(
        label=gettext_lazy("Issue"),
        hint=gettext_lazy("hand out of the stores"),
        icon="issue",
        url=reverse_lazy("admin:inventory_handling", query={"kind": MovementKind.ISSUE}),
        permissions=["inventory.move_stock"],
        order=30,
    )
)
admin.site.register_shortcut(
    Shortcut(
        label=gettext_lazy("Transfer"),
        hint=gettext_lazy("from place to place"),
        icon="transfer",
        url=reverse_lazy("admin:inventory_handling", query={"kind": MovementKind.TRANSFER}),
        permissions=["inventory.move_stock"],
        order=40,
    )
)
admin.site.register_shortcut(
    Shortcut(
        label=gettext_lazy("Count"),
        hint=gettext_lazy("what stands there"),
        icon="count",
        url=reverse_lazy("admin:inventory_stockcount_changelist"),
        permissions=["inventory.view_stockcount", "inventory.change_stockcount"],
        order=50,
    )
)


@admin.site.register_panel
class OpenCounts(TablePanel):
    """Counts that wait for somebody: to be counted, counted again, or reviewed."""

    title = gettext_lazy("Stock counts")
    permission = "inventory.view_stockcount"
    group = "waiting"
    order = 15
    headings = [gettext_lazy("Count"), gettext_lazy("Status"), gettext_lazy("Counted")]
    numeric = [2]
    empty = gettext_lazy("Nothing is being counted.")
    more_url = reverse_lazy("admin:inventory_stockcount_changelist")

    def rows(self, request: HttpRequest) -> list[list[Any]]:
        reviews = request.user.has_perm("inventory.approve_stockcount")
        sent_back = CountHistory.objects.filter(
            count=OuterRef("pk"), from_status=CountStatus.SUBMITTED, to_status=CountStatus.COUNTING
        )
        waiting = (
            StockCount.objects.with_progress()
            .filter(status__in=UNFINISHED)
            .annotate(why=Subquery(sent_back.order_by("-id").values("comment")[:1]))
            .select_related("location", "category")
        )
        # What waits for a review comes first to who reviews, last to who counts.
        status = F("status").desc() if reviews else F("status").asc()
        return [
            [
                stacked(_link(request, count, reviews=reviews), _about(count)),
                status_badge(count),
                f"{number(count.counted_total)} / {number(count.line_total)}",
            ]
            for count in waiting.order_by(status, "-pk")[:_ROWS]
        ]


@admin.site.register_panel
class ExpiringLots(TablePanel):
    """What stands there and soon cannot be used any more, the nearest day first."""

    title = gettext_lazy("Lots that expire soon")
    permission = ("inventory.view_lot", "inventory.view_stockbalance")
    group = "waiting"
    order = 60
    headings = [gettext_lazy("Lot"), gettext_lazy("Expires on"), gettext_lazy("On hand")]
    numeric = [2]
    more_url = reverse_lazy("admin:inventory_lot_changelist", query={"expiry": "soon"})

    @property
    def empty(self) -> str:
        sentence = ngettext(
            "No lot in stock expires within %(days)d day.",
            "No lot in stock expires within %(days)d days.",
            EXPIRY_DAYS,
        )
        return sentence % {"days": EXPIRY_DAYS}

    def rows(self, request: HttpRequest) -> list[list[Any]]:
        today = timezone.localdate()
        expiring = lots.expiring(on=today, within_days=EXPIRY_DAYS).select_related("item")
        return [
            [
                stacked(link_for(request, lot), _item_name(lot.item)),
                days_left(lot, on=today),
                quantity(lot.stands, lot.item.unit_id),
            ]
            for lot in expiring.order_by("expires_on", "pk")[:_ROWS]
        ]


@admin.site.register_panel
class MyPostings(TablePanel):
    """What one posted oneself since yesterday, as long as a slip can be undone."""

    title = gettext_lazy("Posted by you")
    permission = "inventory.move_stock"
    group = "done"
    order = 10
    headings = [
        gettext_lazy("Item"),
        gettext_lazy("Kind"),
        gettext_lazy("Quantity"),
        gettext_lazy("Posted"),
        gettext_lazy("Undo"),
    ]
    numeric = [2]
    empty = gettext_lazy("You have posted nothing in the last day.")

    @property
    def more_url(self) -> str:
        return f"{reverse('admin:inventory_handling')}#handling-last"

    def rows(self, request: HttpRequest) -> list[list[Any]]:
        now = timezone.now()
        posted = (
            StockMovement.objects.filter(actor=request.user, posted_at__gt=now - handling.UNDO_WITHIN)
            .exclude(kind=MovementKind.REVERSAL)
            .select_related("item", "lot", "from_location", "to_location", "reversed_by")
        )
        return [
            [
                stacked(link_for(request, movement.item, movement.item.sku), _name(movement.item)),
                stacked(kind_badge(movement), _way(movement)),
                quantity(movement.quantity, movement.item.unit_id),
                time_format(timezone.localtime(movement.posted_at)),
                self._undo(movement, request, now),
            ]
            for movement in posted.order_by("-pk")[:_ROWS]
        ]

    def _undo(self, movement: StockMovement, request: HttpRequest, now: Any) -> Any:
        if hasattr(movement, "reversed_by"):
            return badge("undone", _("Undone"), tone="quiet")
        if not handling.can_be_undone(movement, by=request.user, at=now):
            return movement.document or ""
        label = format_html('{}<span class="visually-hidden"> {}</span>', _("Undo"), movement.item.name)
        return format_html('<a href="{}">{}…</a>', self.more_url, label)


def _link(request: HttpRequest, count: StockCount, *, reviews: bool) -> Any:
    if count.is_countable and request.user.has_perm("inventory.change_stockcount"):
        name = "enter"
    else:
        name = "review" if reviews and not count.is_countable else "change"
    url = reverse(f"admin:inventory_stockcount_{name}", args=[count.pk])
    return format_html('<a href="{}">{}</a>', url, count)


def _about(count: StockCount) -> str:
    """What is counted; of one that was sent back why it was."""
    if count.recount_total and count.why:
        return Truncator(count.why).chars(80)
    return Truncator(count_scope.in_words(count)).chars(_NAME_LENGTH)


def _name(item: Any) -> str:
    return Truncator(item.name).chars(_NAME_LENGTH)


def _item_name(item: Any) -> str:
    return Truncator(f"{item.sku} · {item.name}").chars(_NAME_LENGTH)


def _way(movement: StockMovement) -> str:
    return f"{short_name(movement.from_location)} → {short_name(movement.to_location)}"
