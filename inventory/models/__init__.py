from inventory.models.categories import Category
from inventory.models.items import Item, ItemStatus, Tracking
from inventory.models.ledger import ItemValuation, MovementKind, StockBalance, StockMovement
from inventory.models.locations import Location, LocationKind
from inventory.models.lots import Lot, LotStatus, LotWarning
from inventory.models.units import UnitOfMeasure

__all__ = [
    "Category",
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
    "StockMovement",
    "Tracking",
    "UnitOfMeasure",
]
