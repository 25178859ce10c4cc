from inventory.admin import categories, counts, items, ledger, locations, lots, panels, units

__all__ = ["categories", "counts", "items", "ledger", "locations", "lots", "panels", "units"]
