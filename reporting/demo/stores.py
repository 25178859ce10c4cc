"""A year in the stores: opening stock, use, production, transfers, counts and what goes wrong."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal

from inventory import items, ledger, lots, stock
from inventory.ledger import Posting
from inventory.lots import LotName
from inventory.models import Item, Location, LocationKind, MovementKind, Tracking
from inventory.stock import virtual_location
from reporting.demo import stock_taking
from reporting.demo.catalogue import DISCONTINUED, RUN_LOW, RUN_OUT, Article
from reporting.demo.factory import Factory

_YEAR = 364
#: Since then every working day is in the books, before that some weeks at a time.
_DAILY_SINCE = 90
_WEEKS = 2
_WORKING_DAYS, _SUNDAY = 6, 6
_OPENING_WEEKS = Decimal(11)
_DEPOT = "MUS-FG"
#: What the depot in the north sells of the finished goods.
_DEPOT_SHARE = Decimal("0.2")
_REASONS = {
    "RM": ("Milling, shift A", "Milling, shift B", "Blending"),
    "PK": ("Packing line 1", "Packing line 2"),
    "FG": ("Dispatch to customers",),
    "SP": ("Planned maintenance", "Breakdown", "Repair in the workshop"),
    "CS": ("Requisition of the shift", "Requisition of the laboratory"),
}


class Storekeeper:
    """Keeps the agenda of the stores."""

    def __init__(self, factory: Factory) -> None:
        self._factory = factory
        self._papers = 0

    def plan_year(self) -> None:
        """Enter a year of work in the agenda."""
        factory, add = self._factory, self._factory.agenda.add
        first = factory.today - timedelta(days=_YEAR)
        add(first, "05:00", self._open)
        for days_ago in range(_YEAR - 1, 0, -1):
            day = factory.today - timedelta(days=days_ago)
            if days_ago % (7 * _WEEKS) == 1:
                add(day, "06:00", self._produce)
                add(day, "12:30", self._send_to_depot)
            if days_ago > _DAILY_SINCE and days_ago % (7 * _WEEKS) == 3:
                add(day, "15:00", lambda moment: self._use(moment, days=_WEEKS * _WORKING_DAYS, chance=0.8))
            elif days_ago <= _DAILY_SINCE and day.weekday() != _SUNDAY:
                add(day, "15:00", lambda moment: self._use(moment, days=1, chance=0.2))
            if days_ago % 30 == 10:
                add(day, "16:00", self._count)
            if days_ago % 45 == 20:
                add(day, "16:30", self._scrap_expired)
        yesterday = factory.today - timedelta(days=1)
        add(factory.today - timedelta(days=70), "09:00", self._take_trial_lot)
        add(factory.today - timedelta(days=17), "13:00", self._mistake)
        add(factory.today - timedelta(days=11), "10:00", self._send_back)
        add(yesterday, "17:00", self._run_down)
        add(yesterday, "17:30", self._discontinue)

    def _open(self, moment: datetime) -> None:
        coming = []
        for article in self._factory.articles.values():
            quantity = max(article.rounded(article.weekly_use * _OPENING_WEEKS or Decimal(40)), Decimal(2))
            if article.tracking == Tracking.SERIAL:
                coming += [(article, Decimal(1))] * int(quantity)
            else:
                coming.append((article, quantity))
        self._bring_in(coming, moment, kind=MovementKind.OPENING, reason="Opening balance", life=0.7)

    def _produce(self, moment: datetime) -> None:
        """Receive the batches of finished goods at their standard cost."""
        batches = [
            (article, article.rounded(self._factory.wavering(article.weekly_use * _WEEKS, low=0.9, high=1.1)))
            for article in self._factory.articles.values()
            if article.is_made_here
        ]
        self._bring_in(batches, moment, kind=MovementKind.RECEIPT, reason="Production")

    def _send_to_depot(self, moment: datetime) -> None:
        depot = self._factory.locations[_DEPOT]
        standing = stock_taking.standing(on=moment.date())
        paper = self._paper("TR")
        postings = []
        for article, item, place in self._placed():
            wanted = article.rounded(self._factory.wavering(article.weekly_use * _WEEKS * _DEPOT_SHARE))
            if article.is_made_here and wanted <= _usable(standing, item, place):
                postings.append(
                    Posting(
                        kind=MovementKind.TRANSFER,
                        item=item,
                        quantity=wanted,
                        from_location=place,
                        to_location=depot,
                        reason="Truck to Musanze",
                        reference=paper,
                        occurred_at=moment,
                    )
                )
        ledger.post(postings, by=self._factory.people.staff)

    def _use(self, moment: datetime, *, days: int, chance: float) -> None:
        """Issue what was used in so many working days, as far as it is there."""
        standing = stock_taking.standing(on=moment.date())
        random, postings = self._factory.random, []
        for article, item, place in self._placed(with_depot=True):
            share = Decimal(1)
            if article.is_made_here:
                share = _DEPOT_SHARE if place.code == _DEPOT else 1 - _DEPOT_SHARE
            if random.random() > chance:
                continue
            mean = article.weekly_use * share * days / _WORKING_DAYS / Decimal(str(chance))
            wanted = self._factory.wavering(mean)
            if article.is_whole:  # a slow part goes once in a while, whole
                wanted = wanted // 1 + (random.random() < float(wanted % 1))
            quantity = article.rounded(min(wanted, _usable(standing, item, place)))
            if quantity > 0:
                postings.append(self._issue(article, item, place, quantity, moment))
        ledger.post(postings, by=self._factory.people.staff)

    def _count(self, moment: datetime) -> None:
        """Count a few shelves; now and then something is missing or was found."""
        random, standing = self._factory.random, stock_taking.standing(on=moment.date())
        untracked = [row for row in self._placed() if row[0].tracking == Tracking.NONE]
        for article, item, place in random.sample(untracked, 5):
            on_hand = _usable(standing, item, place)
            found = article.rounded(on_hand * Decimal(random.randint(970, 1012)) / 1000)
            stock.adjust(
                item,
                counted=found,
                reason="Cycle count",
                reference=f"COUNT-{moment:%y%m}",
                occurred_at=moment,
                by=self._factory.people.manager,
            )

    def _scrap_expired(self, moment: datetime) -> None:
        standing = stock_taking.standing(on=moment.date())
        postings = [
            self._scrap(item, place, lot, quantity, moment)
            for article, item, place in self._placed(with_depot=True)
            if article.category != "laboratory"  # the laboratory keeps its own until the next inspection
            for lot, quantity in _expired(standing, item, place)
        ]
        ledger.post(postings, by=self._factory.people.manager)

    def _take_trial_lot(self, moment: datetime) -> None:
        """Take in a sample that nobody will use before it expires."""
        stock.add(
            self._factory.items["RM-2302"],
            quantity=Decimal(12),
            location=self._factory.locations["DRY-B1"],
            unit_cost=Decimal(0),
            lot="TRIAL-7",
            expires_on=self._factory.today - timedelta(days=9),
            reason="Trial lot, free of charge",
            occurred_at=moment,
            by=self._factory.people.staff,
        )

    def _mistake(self, moment: datetime) -> None:
        """Issue the wrong pallet, and put it right."""
        people = self._factory.people
        article, item, place, there = self._most_of("cartons-and-labels", moment)
        (movement,) = stock.remove(
            item,
            quantity=article.rounded(there / 10),
            location=place,
            reason="Packing line 1",
            reference=self._paper("IS"),
            occurred_at=moment,
            by=people.staff,
        )
        ledger.reverse(movement, by=people.manager, reason="Wrong pallet: line 1 packs another size")

    def _send_back(self, moment: datetime) -> None:
        """Return some of what came to its supplier."""
        article, item, place, there = self._most_of("bags-and-film", moment)
        posting = Posting(
            kind=MovementKind.RETURN,
            item=item,
            quantity=article.rounded(there / 20),
            from_location=place,
            to_location=virtual_location(LocationKind.SUPPLIER),
            reason="Seams open; returned to the supplier",
            reference=self._paper("RT"),
            occurred_at=moment,
        )
        ledger.post([posting], by=self._factory.people.staff)

    def _run_down(self, moment: datetime) -> None:
        """Use up what the demo wants to show as low or out of stock."""
        standing, postings = stock_taking.standing(on=moment.date()), []
        for article, item, place in self._placed(with_depot=True):
            usable = _usable(standing, item, place)
            if article.sku in RUN_OUT:
                postings += [
                    self._scrap(item, place, lot, quantity, moment)
                    for lot, quantity in _expired(standing, item, place)
                ]
            elif article.sku in RUN_LOW:
                usable -= article.rounded(item.reorder_level / 2) if place.code != _DEPOT else 0
            else:
                continue
            if usable > 0:
                postings.append(self._issue(article, item, place, usable, moment))
        ledger.post(postings, by=self._factory.people.staff)

    def _discontinue(self, moment: datetime) -> None:
        for sku in DISCONTINUED:
            items.update(self._factory.items[sku], is_active=False)

    def _most_of(self, category: str, moment: datetime) -> tuple[Article, Item, Location, Decimal]:
        """Return of which article of a category the most stands at its place, and how much."""
        standing = stock_taking.standing(on=moment.date())
        found = (
            (article, item, place, _usable(standing, item, place))
            for article, item, place in self._placed()
            if article.category == category
        )
        return max(found, key=lambda row: row[3])

    def _placed(self, *, with_depot: bool = False) -> Iterator[tuple[Article, Item, Location]]:
        """Yield each article with its item and its own location; what is made here also with the depot."""
        for sku, article in self._factory.articles.items():
            yield article, self._factory.items[sku], self._factory.locations[article.location]
            if with_depot and article.is_made_here:
                yield article, self._factory.items[sku], self._factory.locations[_DEPOT]

    def _bring_in(
        self,
        coming: Sequence[tuple[Article, Decimal]],
        moment: datetime,
        *,
        kind: MovementKind,
        reason: str,
        life: float = 1.0,
    ) -> None:
        """Post what comes in without an order; of its shelf life a lot has the share `life` left."""
        outside = LocationKind.OPENING if kind == MovementKind.OPENING else LocationKind.SUPPLIER
        names = [
            LotName(
                item=self._factory.items[article.sku],
                number=_lot_number(article, place, moment),
                expires_on=_expiry(article, moment, life),
            )
            for place, (article, _quantity) in enumerate(coming)
        ]
        named = lots.ensure_many([name for name in names if name.number])
        lot_of = {(lot.item_id, lot.number): lot for lot in named}
        ledger.post(
            [
                Posting(
                    kind=kind,
                    item=name.item,
                    quantity=quantity,
                    from_location=virtual_location(outside),
                    to_location=self._factory.locations[article.location],
                    lot=lot_of.get((name.item.pk, name.number)),
                    unit_cost=self._factory.cost_of(article),
                    reason=reason,
                    reference=f"{reason[:5].upper()}-{moment:%y%m%d}",
                    occurred_at=moment,
                )
                for name, (article, quantity) in zip(names, coming, strict=True)
            ],
            by=self._factory.people.manager,
        )

    def _issue(
        self, article: Article, item: Item, place: Location, quantity: Decimal, moment: datetime
    ) -> Posting:
        return Posting(
            kind=MovementKind.ISSUE,
            item=item,
            quantity=quantity,
            from_location=place,
            to_location=virtual_location(LocationKind.CONSUMPTION),
            reason=self._factory.random.choice(_REASONS[article.sku[:2]]),
            reference=self._paper("IS"),
            occurred_at=moment,
        )

    @staticmethod
    def _scrap(item: Item, place: Location, lot, quantity: Decimal, moment: datetime) -> Posting:
        return Posting(
            kind=MovementKind.SCRAP,
            item=item,
            lot=lot,
            quantity=quantity,
            from_location=place,
            to_location=virtual_location(LocationKind.SCRAP),
            reason="Expired",
            occurred_at=moment,
        )

    def _paper(self, kind: str) -> str:
        self._papers += 1
        return f"{kind}-{self._papers:05}"


def _usable(standing, item: Item, place: Location) -> Decimal:
    return standing.get((item.pk, place.pk), stock_taking.Standing()).usable


def _expired(standing, item: Item, place: Location):
    return standing.get((item.pk, place.pk), stock_taking.Standing()).expired


def _lot_number(article: Article, number: int, moment: datetime) -> str:
    match article.tracking:
        case Tracking.LOT:
            return f"{article.sku[:2]}{moment:%y%m%d}"
        case Tracking.SERIAL:
            return f"{article.sku}-{number:03}"
    return ""


def _expiry(article: Article, moment: datetime, life: float) -> date | None:
    if not article.shelf_life_days:
        return None
    return moment.date() + timedelta(days=int(article.shelf_life_days * life))
