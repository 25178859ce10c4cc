"""Load the demo: build the factory, live through its year, and count some of it."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from django.db import transaction

from accounts.models import User
from inventory.models import Item, StockMovement
from ipms import context
from procurement.models import PurchaseOrder
from reporting.demo import clock, factory, news, sellers
from reporting.demo.buying import Buyer
from reporting.demo.counting import Counter
from reporting.demo.stores import Storekeeper
from suppliers.models import Supplier

_SEED = 20
_DAYS = 370


@dataclass(frozen=True, kw_only=True)
class Loaded:
    """How much was loaded."""

    items: int
    suppliers: int
    orders: int
    movements: int


def is_empty() -> bool:
    """Tell whether the database has neither people nor items: only then may the demo come."""
    return not (User.objects.exists() or Item.objects.exists())


@transaction.atomic
def load(*, today: date) -> Loaded:
    """Fill an empty database with a year that ended the day before `today`, all or nothing.

    The same day gives the same data. Raises `sellers.UnknownCurrency`.
    """
    a_year_ago = datetime.combine(today - timedelta(days=_DAYS), time(6), UTC)
    with clock.set_to(a_year_ago):
        made = factory.build(today=today, seed=_SEED)
    with context.acting_as(made.people.staff, source="load_demo"):
        Storekeeper(made).plan_year()
        Buyer(made).plan_year()
        made.agenda.run()
        Counter(made).count_today()
        sellers.close(made.suppliers)
    news.forget_the_old(today=today)
    return Loaded(
        items=len(made.items),
        suppliers=Supplier.objects.count(),
        orders=PurchaseOrder.objects.count(),
        movements=StockMovement.objects.count(),
    )
