from inventory.models.categories import Category
from inventory.models.count_lines import CountComparison, CountLine
from inventory.models.counts import CountHistory, CountStatus, StockCount
from inventory.models.items import Item, ItemStatus, Tracking
from inventory.models.ledger import ItemValuation, MovementKind, StockBalance, StockMovement
from inventory.models.locations import Location, LocationKind
from inventory.models.lots import Lot, LotStatus, LotWarning
from inventory.models.units import UnitOfMeasure

__all__ = [
    "Category",
    "CountComparison",
    "CountHistory",
    "CountLine",
    "CountStatus",
    "Item",
    "ItemStatus",
    "ItemValuation",
    "Location",
    "LocationKind",
    "Lot",
    "LotStatus",
    "LotWarning",
    "MovementKind",
    "StockBalance",
    "StockCount",
    "StockMovement",
    "Tracking",
    "UnitOfMeasure",
]
