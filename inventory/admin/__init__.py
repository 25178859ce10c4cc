from inventory.admin import (
    categories,
    counts,
    handling,
    items,
    ledger,
    locations,
    lots,
    panels,
    search,
    units,
)

__all__ = [
    "categories",
    "counts",
    "handling",
    "items",
    "ledger",
    "locations",
    "lots",
    "panels",
    "search",
    "units",
]
