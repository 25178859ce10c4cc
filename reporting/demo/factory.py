"""What all parts of the demo share: the people, the places, the things, and one source of chance."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from random import Random
from typing import Any

from inventory import items
from inventory.models import Item, Location
from ipms import site
from reporting.demo import catalogue, people, places, sellers
from reporting.demo.agenda import Agenda
from reporting.demo.catalogue import Article
from reporting.demo.people import People
from suppliers.models import Supplier

#: Lead time is covered by the reorder level, and so many weeks of use beyond it.
_SAFETY_WEEKS = 2


@dataclass(frozen=True, kw_only=True)
class Factory:
    """A factory whose books are kept up to the day before `today`."""

    today: date
    people: People
    locations: dict[str, Location]
    suppliers: dict[str, Supplier]
    articles: dict[str, Article]
    items: dict[str, Item]
    base: str
    random: Random
    agenda: Agenda = field(default_factory=Agenda)

    def cost_of(self, article: Article) -> Decimal:
        """Return what one unit costs in base currency."""
        return sellers.price_in(self.base, article.price)

    def wavering(self, quantity: Decimal, *, low: float = 0.7, high: float = 1.3) -> Decimal:
        """Return about `quantity`: no two days are alike."""
        return quantity * Decimal(str(round(self.random.uniform(low, high), 3)))


def build(*, today: date, seed: int) -> Factory:
    """Make people, places, suppliers, rates and items, without stock.

    Raises `sellers.UnknownCurrency` where there are no rates for the site's base currency.
    """
    random = Random(seed)  # noqa: S311 - chance that repeats itself is wanted
    staff = people.make()
    base = site.base_currency()
    sellers.make_rates(base=base, today=today, by=staff.manager, random=random)
    _name_site()
    articles = {article.sku: article for article in catalogue.articles()}
    categories, locations = places.make_categories(), places.make_locations()
    return Factory(
        today=today,
        people=staff,
        locations=locations,
        suppliers=sellers.make(),
        articles=articles,
        items={
            article.sku: items.create(
                by=staff.manager,
                sku=article.sku,
                name=article.name,
                description=article.description,
                category=categories[article.category],
                location=locations[article.location],
                unit_id=article.unit,
                barcode=_gtin(number) if article.is_made_here else "",
                unit_price=sellers.price_in(base, article.price),
                currency=base,
                tracking=article.tracking,
                **_replenishment(article),
            )
            for number, article in enumerate(articles.values(), start=1)
        },
        base=base,
        random=random,
    )


def _replenishment(article: Article) -> dict[str, Any]:
    days = next((seller.lead_time_days for seller in sellers.SELLERS if seller.code == article.seller), 2)
    weeks = Decimal(days) / 7
    return {
        "lead_time_days": days,
        "safety_stock": article.rounded(article.weekly_use * _SAFETY_WEEKS),
        "reorder_level": article.rounded(article.weekly_use * (weeks + _SAFETY_WEEKS)),
        "reorder_quantity": article.rounded(article.weekly_use * (weeks + 4)),
    }


def _name_site() -> None:
    record = site.current()
    record.organisation = "Virunga Valley Foods (demo)"
    record.country = "RW"
    record.timezone = "Africa/Kigali"
    record.address = "KG 7 Ave, Kigali, Rwanda"
    record.full_clean()
    record.save()


def _gtin(number: int) -> str:
    """Return a GTIN-13 of the range that GS1 leaves to a company's own use."""
    digits = f"20{number:010}"
    weighted = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(digits))
    return f"{digits}{-weighted % 10}"
