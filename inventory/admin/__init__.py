from inventory.admin import categories, items, ledger, locations, lots, panels, units

__all__ = ["categories", "items", "ledger", "locations", "lots", "panels", "units"]
