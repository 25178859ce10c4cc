"""What the factory keeps in stock: what it costs, who sells it, how fast it goes."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from inventory.models import Tracking
from reporting.demo.shelves import SHELVES


@dataclass(frozen=True, kw_only=True)
class Article:
    """An item as the demo knows it. Price in US dollars for one stock unit, use in stock units a week."""

    sku: str
    name: str
    unit: str
    price: Decimal
    weekly_use: Decimal
    category: str
    location: str
    #: Code of the supplier; empty for what the factory makes itself.
    seller: str = ""
    tracking: str = Tracking.NONE
    #: Of a lot, from its receipt; 0 where it does not expire.
    shelf_life_days: int = 0
    description: str = ""

    @property
    def is_whole(self) -> bool:
        """Tell whether it is moved in whole units."""
        return self.unit not in {"KGM", "LTR", "MTR", "TNE"}

    @property
    def is_made_here(self) -> bool:
        return not self.seller

    def rounded(self, quantity: Decimal) -> Decimal:
        """Return a quantity as the stores would write it."""
        return round(quantity, 0 if self.is_whole else 1)


#: Used up to the last unit, and down to half of the reorder level: for a list that has something to show.
RUN_OUT = {"PK-2006", "SP-1007", "CS-3001", "CS-3004", "RM-2303"}
RUN_LOW = {"RM-1006", "RM-3003", "PK-1103", "SP-2003", "SP-4003", "CS-2004", "FG-2004"}
#: No longer used, and kept for its history.
DISCONTINUED = {"PK-2901"}

_DESCRIPTIONS = {
    "RM-1001": "Moisture at most 13.5 %, aflatoxin at most 10 ppb; weighed in at the bridge.",
    "RM-3002": "Keep below 25 °C and dark; open bags are used within the shift.",
    "PK-1101": "Reel of 12 kg, printed four colours, 60 micron.",
    "FG-2001": "Sorghum, soya and maize; carton of 24.",
    "SP-1004": "Chilled cast iron, 9 flutes per cm; balanced, with shafts.",
    "CS-3001": "Lateral flow, cut-off 10 ppb; store at 2 to 8 °C.",
}


def articles() -> Iterator[Article]:
    """Yield every article, by place."""
    for shelf in SHELVES:
        for sku, name, unit, price, weekly_use in shelf.rows:
            yield Article(
                sku=sku,
                name=name,
                unit=unit,
                price=Decimal(price),
                weekly_use=Decimal(weekly_use),
                category=shelf.category,
                location=shelf.location,
                seller=shelf.seller,
                tracking=shelf.tracking,
                shelf_life_days=shelf.shelf_life_days,
                description=_DESCRIPTIONS.get(sku, ""),
            )
