from collections import Counter
from datetime import timedelta

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone

from accounts.models import Kind, Notification, User
from accounts.tests.factories import UserFactory
from inventory import verification
from inventory.models import (
    Item,
    ItemStatus,
    Lot,
    LotStatus,
    MovementKind,
    StockBalance,
    StockCount,
    StockMovement,
)
from ipms import outbox, site
from ipms.models import OutboxEvent
from procurement.models import OrderHistory, OrderStatus, PurchaseOrder
from reporting.demo import year
from suppliers.models import Supplier, SupplierStatus


@pytest.fixture(scope="module")
def demo(django_db_setup, django_db_blocker):
    """The demo, loaded once with the application's rights; the tests of this module only look at it."""
    with django_db_blocker.unblock(), transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL ROLE {connection.ops.quote_name(settings.DATABASE_APP_ROLE)}")
        yield year.load(today=timezone.localdate())
        transaction.set_rollback(True)


@pytest.mark.slow
def test_books_of_the_demo_hold_every_invariant(demo):
    assert demo.movements == StockMovement.objects.count() > 1000
    assert list(verification.offences()) == []


@pytest.mark.slow
def test_demo_has_something_to_show_in_every_list(demo):
    items = Counter(item.status for item in Item.objects.select_related("valuation"))
    orders = Counter(PurchaseOrder.objects.values_list("status", flat=True))
    suppliers = Counter(supplier.status for supplier in Supplier.objects.all())

    assert set(items) == set(ItemStatus)
    assert min(items[ItemStatus.LOW_STOCK], items[ItemStatus.OUT_OF_STOCK]) >= 5
    assert set(orders) == set(OrderStatus)
    assert set(suppliers) == set(SupplierStatus)
    assert len(set(PurchaseOrder.objects.values_list("currency", flat=True))) >= 5
    assert StockBalance.objects.filter(on_hand__gt=0, lot__expires_on__lt=timezone.localdate()).exists()
    assert set(StockMovement.objects.values_list("kind", flat=True)) == set(MovementKind)
    assert set(Lot.objects.values_list("status", flat=True)) >= {LotStatus.AVAILABLE, LotStatus.QUARANTINE}


@pytest.mark.slow
def test_counts_of_the_demo_are_at_every_stage_blind_and_not(demo):
    counts = StockCount.objects.with_progress()

    assert Counter(count.status for count in counts) == {
        "posted": 2,
        "cancelled": 1,
        "submitted": 1,
        "counting": 1,
    }
    assert {count.is_blind for count in counts.filter(status="posted")} == {True, False}
    half = counts.get(status="counting")
    assert 0 < half.counted_total < half.line_total
    waiting = counts.get(status="submitted")
    assert waiting.lines.exclude(comparison__variance=0).count() == 3
    assert StockMovement.objects.filter(kind=MovementKind.COUNT).count() == 3


@pytest.mark.slow
def test_orders_of_the_demo_went_their_way_day_by_day(demo):
    first = timezone.now() - timedelta(days=366)

    assert not PurchaseOrder.objects.filter(approved_by=F("created_by")).exists()
    assert not PurchaseOrder.objects.filter(approved_at__lt=F("created_at")).exists()
    assert not PurchaseOrder.objects.filter(delivered_at__lt=F("approved_at")).exists()
    assert not OrderHistory.objects.filter(at__lt=first).exists()
    assert not OrderHistory.objects.filter(at__gt=timezone.now()).exists()
    assert PurchaseOrder.objects.filter(
        status=OrderStatus.APPROVED, expected_date__lt=timezone.localdate()
    ).exists()


@pytest.mark.slow
def test_people_of_the_demo_are_told_what_is_still_news(demo):
    recorded = OutboxEvent.objects.count()

    with transaction.atomic():
        told = outbox.deliver(limit=10_000)
        kinds = Counter(Notification.objects.values_list("kind", flat=True))
        failed = OutboxEvent.objects.exclude(last_error="").count()
        transaction.set_rollback(True)

    assert failed == 0
    assert 20 < told < recorded / 4
    assert min(kinds[Kind.STOCK_LOW], kinds[Kind.STOCK_OUT], kinds[Kind.ORDER_WAITING]) > 0
    assert kinds[Kind.COUNT_WAITING] == 2  # the manager and the administrator


@pytest.mark.slow
@pytest.mark.parametrize("role", ["admin", "manager", "staff"])
def test_demo_account_has_its_known_password_and_its_role(demo, role):
    user = User.objects.get(email=f"{role}@ipms.com")

    assert user.check_password(f"{role}123")
    assert [group.name for group in user.groups.all()] == [role]


def test_demo_is_not_loaded_unless_it_is_wanted(db, settings):
    settings.IPMS_DEMO = False

    with pytest.raises(CommandError, match="set IPMS_DEMO=1 or say --yes-demo"):
        call_command("load_demo")


def test_demo_is_never_loaded_in_production(db, settings):
    settings.SETTINGS_MODULE = "ipms.settings.production"

    with pytest.raises(CommandError, match="no place in production"):
        call_command("load_demo", yes_demo=True)


def test_demo_leaves_a_database_in_use_alone(db):
    UserFactory()

    call_command("load_demo", yes_demo=True, if_empty=True)

    assert User.objects.count() == 1
    with pytest.raises(CommandError, match="into an empty database"):
        call_command("load_demo", yes_demo=True)


def test_demo_without_rates_for_the_base_currency_loads_nothing(db):
    record = site.current()
    record.base_currency = "JPY"
    record.save()

    with pytest.raises(CommandError, match="no exchange rates for the base currency JPY"):
        call_command("load_demo", yes_demo=True)

    assert not User.objects.exists()
