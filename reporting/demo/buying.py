"""A year of purchase orders: placed, decided on and received as the days come."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import Enum, auto
from functools import partial

from accounts.models import User
from inventory.models import Tracking
from procurement import ordering, receiving
from procurement.drafts import LineDraft, OrderDraft
from procurement.models import PurchaseOrder
from procurement.receiving import Arrival
from reporting.demo import stock_taking
from reporting.demo.catalogue import Article
from reporting.demo.factory import Factory
from reporting.demo.sellers import SELLERS, Seller, price_in

_FIRST_ORDER_DAYS_AGO = 350
#: An order of the ordinary rhythm has come by now, however late it was.
_LATEST_DAYS = 14


class Fate(Enum):
    """What became of an order by today."""

    DELIVERED = auto()
    DELIVERED_IN_TWO = auto()
    PARTLY_DELIVERED = auto()
    APPROVED = auto()
    PENDING = auto()
    DRAFT = auto()
    REJECTED = auto()
    REVISED = auto()
    CANCELLED = auto()
    CALLED_OFF = auto()


@dataclass(frozen=True)
class Plan:
    """An order to be placed so many days ago."""

    days_ago: int
    seller: str
    fate: Fate


_REASONS = {
    Fate.REJECTED: "Too much at once: order what is needed for eight weeks.",
    Fate.REVISED: "The price of the cartons is above the last quotation.",
    Fate.CANCELLED: "Ordered twice by mistake.",
    Fate.CALLED_OFF: "The supplier cannot keep the date.",
}
#: Beside the ordinary rhythm: one of everything that a list of orders should show.
_EXCEPTIONS = [
    Plan(202, "LAKE-LAB", Fate.DELIVERED),
    Plan(168, "LAKE-LAB", Fate.REJECTED),
    Plan(131, "RIFT-PACK", Fate.REVISED),
    Plan(110, "PEARL-RIVER", Fate.CALLED_OFF),
    Plan(75, "UMUJYI-SUPPLIES", Fate.CANCELLED),
    Plan(58, "CAPE-NUTRI", Fate.PARTLY_DELIVERED),
    Plan(57, "DECCAN-DRIVES", Fate.APPROVED),
    Plan(31, "RIFT-PACK", Fate.PARTLY_DELIVERED),
    Plan(27, "KILI-SWEET", Fate.PARTLY_DELIVERED),
    Plan(23, "MOLINO-ALPI", Fate.APPROVED),
    Plan(12, "COAST-OILS", Fate.APPROVED),
    Plan(9, "PEARL-RIVER", Fate.REJECTED),
    Plan(6, "GORILLA-GRAINS", Fate.APPROVED),
    Plan(5, "UMUJYI-SUPPLIES", Fate.PENDING),
    Plan(4, "PEARL-SOYA", Fate.PENDING),
    Plan(2, "RIFT-PACK", Fate.PENDING),
    Plan(2, "CAPE-NUTRI", Fate.DRAFT),
    Plan(1, "KILI-SWEET", Fate.DRAFT),
]


def plans() -> Iterator[Plan]:
    """Yield every order of the year."""
    yield from _EXCEPTIONS
    for place, seller in enumerate(SELLERS):
        if not seller.every_days:
            continue
        last = seller.lead_time_days + _LATEST_DAYS
        for turn, days_ago in enumerate(
            range(_FIRST_ORDER_DAYS_AGO - 5 * place, last, -seller.every_days), start=place
        ):
            yield Plan(days_ago, seller.code, Fate.DELIVERED_IN_TWO if turn % 4 == 3 else Fate.DELIVERED)


class Buyer:
    """Keeps the agenda of orders; knows what is on its way."""

    def __init__(self, factory: Factory) -> None:
        self._factory = factory
        self._sellers = {seller.code: seller for seller in SELLERS}
        self._on_its_way: dict[str, Decimal] = defaultdict(Decimal)
        self._placed = 0

    def plan_year(self) -> None:
        """Enter the placing of every order in the agenda; what follows from it enters itself."""
        for plan in plans():
            day = self._factory.today - timedelta(days=plan.days_ago)
            self._factory.agenda.add(day, "07:40", partial(self._place, plan))

    def _place(self, plan: Plan, moment: datetime) -> None:
        seller = self._sellers[plan.seller]
        self._placed += 1
        people = self._factory.people
        maker = people.manager if self._placed % 5 == 0 else people.staff
        order = ordering.place(
            OrderDraft(
                supplier=self._factory.suppliers[seller.code],
                lines=self._lines(seller),
                expected_date=moment.date() + timedelta(days=seller.lead_time_days),
                reference=f"Q-{moment:%y%m}-{self._placed:03}",
            ),
            by=maker,
            submit=plan.fate != Fate.DRAFT,
        )
        self._foresee(order, plan.fate, maker, moment)

    def _foresee(self, order: PurchaseOrder, fate: Fate, maker: User, moment: datetime) -> None:
        """Enter in the agenda what will become of an order."""
        approver = self._factory.people.approver_of(maker)

        def on(days: int, at: str, step) -> None:
            self._factory.agenda.add(moment.date() + timedelta(days=days), at, step)

        def approve(_moment: datetime) -> None:
            ordering.approve(order, by=approver, comment="Within the budget of the month.")

        def reject(_moment: datetime) -> None:
            ordering.reject(order, by=approver, reason=_REASONS[fate])
            if fate == Fate.REJECTED:
                self._forget(order)

        def cancel(by: User):
            def step(_moment: datetime) -> None:
                ordering.cancel(order, by=by, reason=_REASONS[fate])
                self._forget(order)

            return step

        def receive(share: Decimal):
            return lambda moment: self._receive(order, share, moment)

        if fate == Fate.REJECTED:
            on(1, "09:10", reject)
        elif fate == Fate.REVISED:
            on(1, "09:10", reject)
            on(2, "10:30", lambda _moment: self._revise(order, maker))
            on(3, "13:00", approve)
        elif fate == Fate.CANCELLED:
            on(1, "10:00", cancel(maker))
        elif fate not in (Fate.PENDING, Fate.DRAFT):
            on(1, "09:20", approve)
        if fate == Fate.CALLED_OFF:
            on(8, "14:00", cancel(self._factory.people.manager))
        lead = self._sellers[order.supplier.code].lead_time_days
        arrives = lead + self._factory.random.randint(-(lead // 8), min(8, 1 + lead // 4))
        if fate in (Fate.DELIVERED, Fate.REVISED):
            on(arrives + 2, "11:15", receive(Decimal(1)))
        elif fate in (Fate.DELIVERED_IN_TWO, Fate.PARTLY_DELIVERED):
            arrives = min(arrives, lead)
            on(arrives, "11:15", receive(Decimal("0.6")))
            if fate == Fate.DELIVERED_IN_TWO:
                on(arrives + 6, "10:45", receive(Decimal(1)))

    def _lines(self, seller: Seller) -> list[LineDraft]:
        """Order up to what is needed until the next order has come, of what falls short of it."""
        days = (seller.every_days or 90) + seller.lead_time_days + 21
        available = stock_taking.available_by_item()
        lines, shortest = [], None
        for article in self._factory.articles.values():
            if article.seller != seller.code:
                continue
            item = self._factory.items[article.sku]
            there = available.get(item.pk, Decimal(0)) + self._on_its_way[article.sku]
            wanted = article.weekly_use * days / 7 - there
            shortest = max(shortest or (wanted, article), (wanted, article), key=lambda pair: pair[0])
            if wanted > article.weekly_use * 3:
                lines.append(self._line(seller, article, wanted))
        if not lines and shortest:
            article = shortest[1]
            lines.append(self._line(seller, article, article.weekly_use * 6))
        return lines

    def _line(self, seller: Seller, article: Article, wanted: Decimal) -> LineDraft:
        quantity = _in_packs(wanted, article)
        self._on_its_way[article.sku] += quantity
        dollars = self._factory.wavering(article.price, low=0.95, high=1.07)
        return LineDraft(
            item=self._factory.items[article.sku],
            quantity=quantity,
            unit_price=price_in(seller.currency, dollars),
            tax_rate=Decimal(seller.tax_rate),
        )

    def _forget(self, order: PurchaseOrder) -> None:
        """What was given up is not on its way."""
        for line in order.lines.select_related("item"):
            self._on_its_way[line.item.sku] -= line.quantity

    def _revise(self, order: PurchaseOrder, maker: User) -> None:
        lines = [
            LineDraft(
                item=line.item,
                quantity=line.quantity,
                unit_price=round(line.unit_price * Decimal("0.94"), 2),
                tax_rate=line.tax_rate,
            )
            for line in order.lines.select_related("item__unit")
        ]
        ordering.revise(order, by=maker, lines=lines, notes="New quotation of the same supplier.")

    def _receive(self, order: PurchaseOrder, share: Decimal, moment: datetime) -> None:
        """Receive a share of what is outstanding, each lot with its expiry, each serial number by itself."""
        arrivals: list[Arrival] = []
        for line in order.lines.select_related("item"):
            article = self._factory.articles[line.item.sku]
            quantity = min(_in_packs(line.outstanding_quantity * share, article), line.outstanding_quantity)
            if not quantity:
                continue
            self._on_its_way[article.sku] -= quantity
            if article.tracking == Tracking.SERIAL:
                arrivals += [
                    Arrival(
                        line_id=line.pk, quantity=Decimal(1), lot=f"{article.sku}-{moment:%y%m%d}-{piece:02}"
                    )
                    for piece in range(1, int(quantity) + 1)
                ]
                continue
            is_lot = article.tracking == Tracking.LOT
            arrivals.append(
                Arrival(
                    line_id=line.pk,
                    quantity=quantity,
                    lot=f"L{moment:%y%m%d}-{line.number:02}" if is_lot else "",
                    expires_on=moment.date() + timedelta(days=article.shelf_life_days) if is_lot else None,
                )
            )
        receiving.receive(
            order,
            by=self._factory.people.staff,
            arrivals=arrivals,
            reference=f"DN-{self._factory.random.randint(10_000, 99_999)}",
            occurred_at=moment,
        )


def _in_packs(quantity: Decimal, article: Article) -> Decimal:
    """Return a quantity as a buyer would write it: two figures, the rest noughts, never nothing."""
    if quantity <= 0:
        return Decimal(0)
    step = Decimal(10) ** (quantity.adjusted() - 1)
    if article.is_whole:
        step = max(step, Decimal(1))
    packs = -(-quantity // step)
    return article.rounded(max(packs * step, step))
