"""Who is told that a count waits, and that it came back."""

from decimal import Decimal

import pytest
from django.urls import reverse

from accounts.models import Kind, Notification
from accounts.tests.factories import UserFactory
from inventory import count_entry, counting
from inventory.count_entry import Figure
from inventory.count_scope import Scope
from inventory.tests.factories import ItemFactory, LocationFactory, stock
from ipms import outbox

pytestmark = pytest.mark.django_db


@pytest.fixture
def count(staff):
    shelf = LocationFactory(code="SHELF", name="Shelf")
    for name in ("BOLT", "NUT"):
        stock(ItemFactory(sku=name), shelf, 10)
    outbox.deliver(limit=1000)
    return counting.create(Scope(location=shelf), by=staff)


def count_all(count, *figures, by):
    lines = count.lines.order_by("pk")
    count_entry.enter(
        count,
        [Figure(line=line, counted=Decimal(figure)) for line, figure in zip(lines, figures, strict=True)],
        by=by,
    )


def hand_over(count, *figures, by):
    count_all(count, *figures, by=by)
    counting.submit(count, by=by)
    outbox.deliver()


def told(user, kind):
    return list(Notification.objects.filter(user=user, kind=kind).order_by("pk"))


def test_who_may_review_is_told_once_what_waits_and_where(count, staff, manager):
    hand_over(count, 9, 10, by=staff)
    outbox.deliver()

    (one,) = told(manager, Kind.COUNT_WAITING)
    assert one.title == f"Count {count.number} waits for your review"
    assert one.body == f"{staff} counted SHELF Shelf. Lines that differ: 1 of 2."
    assert one.url == reverse("admin:inventory_stockcount_review", args=[count.pk])
    assert told(staff, Kind.COUNT_WAITING) == []


def test_who_counted_or_handed_over_is_not_told_to_review_it(count, manager, admin):
    count_all(count, 10, 10, by=manager)
    other = UserFactory(manager=True)
    counting.submit(count, by=other)
    outbox.deliver()

    assert told(manager, Kind.COUNT_WAITING) == told(other, Kind.COUNT_WAITING) == []
    assert len(told(admin, Kind.COUNT_WAITING)) == 1


def test_a_count_that_was_posted_before_anybody_was_told_waits_for_nobody(count, staff, manager):
    count_all(count, 10, 10, by=staff)
    counting.submit(count, by=staff)
    counting.approve(count, by=manager)

    outbox.deliver()

    assert told(manager, Kind.COUNT_WAITING) == []


def test_a_count_that_was_reviewed_is_taken_from_everybodys_unread(count, staff, manager, admin):
    hand_over(count, 10, 10, by=staff)
    counting.approve(count, by=manager)
    outbox.deliver()

    assert told(admin, Kind.COUNT_WAITING)[0].read_at is not None


def test_who_counted_is_told_what_came_back_and_why(count, staff, manager):
    helper = UserFactory()
    bolt, nut = count.lines.order_by("pk")
    count_entry.enter(count, [Figure(line=bolt, counted=Decimal(1))], by=helper)
    count_entry.enter(count, [Figure(line=nut, counted=Decimal(10))], by=staff)
    counting.submit(count, by=staff)
    outbox.deliver()

    counting.request_recount(count, [bolt.pk], by=manager, comment="Look behind the door")
    outbox.deliver()

    for person in (helper, staff):
        (one,) = told(person, Kind.COUNT_RETURNED)
        assert "Look behind the door" in one.body
        assert one.url == reverse("admin:inventory_stockcount_enter", args=[count.pk])
    assert told(manager, Kind.COUNT_RETURNED) == []
    assert told(manager, Kind.COUNT_WAITING)[0].read_at is not None


def test_the_first_figure_of_a_count_tells_nobody(count, staff, manager):
    count_all(count, 10, 10, by=staff)
    outbox.deliver()

    assert not Notification.objects.filter(kind__in=[Kind.COUNT_WAITING, Kind.COUNT_RETURNED]).exists()


def test_a_count_handed_over_again_waits_again(count, staff, manager):
    hand_over(count, 9, 10, by=staff)
    counting.request_recount(count, [count.lines.earliest("pk").pk], by=manager)
    hand_over(count, 10, 10, by=staff)

    first, second = told(manager, Kind.COUNT_WAITING)
    assert first.read_at is not None
    assert second.read_at is None
    assert told(staff, Kind.COUNT_RETURNED)[0].read_at is not None
