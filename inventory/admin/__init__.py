from inventory.admin import categories, counts, items, ledger, locations, lots, panels, search, units

__all__ = ["categories", "counts", "items", "ledger", "locations", "lots", "panels", "search", "units"]
