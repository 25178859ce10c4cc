"""Who is told of a stock count: those who may review it, and who counted when it comes back."""

from django.urls import reverse
from django.utils.functional import lazy

from accounts.models import User
from accounts.notifications import Kind, holders_of, notify, settle
from inventory import count_scope
from inventory.models import CountStatus, StockCount
from ipms import outbox
from ipms.models import OutboxEvent

#: Written in the language of each reader.
_in_words = lazy(count_scope.in_words, str)


@outbox.subscribe("count.submitted", name="inventory.count-waiting")
def tell_those_who_may_review(event: OutboxEvent) -> None:
    """Tell once of each handing over; not those who counted: they may not approve it."""
    count = _count(event)
    # One that was decided on before anybody was told waits for nobody.
    if count is None or count.status != CountStatus.SUBMITTED:
        return
    settle(Kind.COUNT_WAITING, url=_review(count))  # of one that comes again, the newest notice counts
    counted = count.lines.counted()
    notify(
        holders_of("inventory.approve_stockcount").exclude(pk__in=_counters(count)),
        Kind.COUNT_WAITING,
        key=f"{count.pk}:{event.pk}",
        url=_review(count),
        count=count.number,
        by=count.submitted_by,
        scope=_in_words(count),
        differing=counted.exclude(comparison__variance=0).count(),
        lines=count.lines.count(),
    )


@outbox.subscribe("count.counting", name="inventory.count-returned")
def tell_who_counted_of_a_recount(event: OutboxEvent) -> None:
    """Tell who handed it over, and who counted what is asked for again."""
    count = _count(event)
    if count is None:
        return
    step = count.history.filter(to_status=CountStatus.COUNTING).select_related("by").last()
    if step is None or step.from_status != CountStatus.SUBMITTED:
        return
    again = count.lines.filter(needs_recount=True)
    handed_over = count.history.filter(to_status=CountStatus.SUBMITTED).order_by("-pk").values("by")[:1]
    people = {*again.values_list("counted_by", flat=True), *handed_over.values_list("by", flat=True)}
    notify(
        User.objects.filter(pk__in=people - {step.by_id}),
        Kind.COUNT_RETURNED,
        key=f"{count.pk}:{event.pk}",
        url=reverse("admin:inventory_stockcount_enter", args=[count.pk]),
        count=count.number,
        by=step.by,
        why=step.comment,
    )


@outbox.subscribe("count.*", name="inventory.count-settled")
def settle_what_is_no_longer_to_be_done(event: OutboxEvent) -> None:
    """Take from everybody's unread what somebody did: a count that was reviewed, one that was counted."""
    count = _count(event)
    if count is None:
        return
    if count.status != CountStatus.SUBMITTED:
        settle(Kind.COUNT_WAITING, url=_review(count))
    if not count.is_countable:
        settle(Kind.COUNT_RETURNED, url=reverse("admin:inventory_stockcount_enter", args=[count.pk]))


def _count(event: OutboxEvent) -> StockCount | None:
    counts = StockCount.objects.select_related("location", "category", "submitted_by")
    return counts.filter(pk=event.payload["count"]).first()


def _counters(count: StockCount) -> set[int]:
    counted = count.lines.exclude(counted_by=None).order_by().values_list("counted_by", flat=True).distinct()
    return {*counted, *([count.submitted_by_id] if count.submitted_by_id else [])}


def _review(count: StockCount) -> str:
    return reverse("admin:inventory_stockcount_review", args=[count.pk])
