"""Where things stand and under which heading they are kept."""

from inventory import categories, locations
from inventory.models import Category, Location, LocationKind

#: Slug, name, slug of the parent.
_CATEGORIES = [
    ("raw-materials", "Raw materials", ""),
    ("grains", "Grains and pulses", "raw-materials"),
    ("ingredients", "Ingredients", "raw-materials"),
    ("premixes", "Vitamins and minerals", "raw-materials"),
    ("packaging", "Packaging", ""),
    ("bags-and-film", "Bags and film", "packaging"),
    ("cartons-and-labels", "Cartons and labels", "packaging"),
    ("finished-goods", "Finished goods", ""),
    ("flours", "Flours", "finished-goods"),
    ("porridges", "Fortified porridges", "finished-goods"),
    ("engineering", "Engineering stores", ""),
    ("mill-parts", "Mill and sifter parts", "engineering"),
    ("transmission", "Bearings and transmission", "engineering"),
    ("electrical", "Electrical", "engineering"),
    ("lubricants-and-fuel", "Lubricants and fuel", "engineering"),
    ("consumables", "Consumables", ""),
    ("cleaning", "Cleaning and hygiene", "consumables"),
    ("laboratory", "Laboratory", "consumables"),
    ("safety", "Personal protection", "consumables"),
]

_SITE, _WAREHOUSE, _ZONE, _BIN = LocationKind.real()
#: Code, name, kind, code of the parent.
_LOCATIONS = [
    ("KGL", "Kigali plant", _SITE, ""),
    ("KGL-RM", "Raw material store", _WAREHOUSE, "KGL"),
    ("KGL-SILO", "Silos", _ZONE, "KGL-RM"),
    ("SILO-1", "Silo 1, maize", _BIN, "KGL-SILO"),
    ("SILO-2", "Silo 2, wheat", _BIN, "KGL-SILO"),
    ("SILO-3", "Silo 3, soya", _BIN, "KGL-SILO"),
    ("KGL-DRY", "Dry ingredients", _ZONE, "KGL-RM"),
    ("DRY-A1", "Rack A, bay 1", _BIN, "KGL-DRY"),
    ("DRY-A2", "Rack A, bay 2", _BIN, "KGL-DRY"),
    ("DRY-B1", "Rack B, bay 1", _BIN, "KGL-DRY"),
    ("KGL-COLD", "Cold room", _ZONE, "KGL-RM"),
    ("COLD-1", "Cold room, shelf 1", _BIN, "KGL-COLD"),
    ("KGL-PK", "Packaging store", _WAREHOUSE, "KGL"),
    ("PK-A1", "Packaging, bay A1", _BIN, "KGL-PK"),
    ("PK-B1", "Packaging, bay B1", _BIN, "KGL-PK"),
    ("KGL-FG", "Finished goods store", _WAREHOUSE, "KGL"),
    ("FG-01", "Finished goods, lane 1", _BIN, "KGL-FG"),
    ("FG-02", "Finished goods, lane 2", _BIN, "KGL-FG"),
    ("KGL-EN", "Engineering store", _WAREHOUSE, "KGL"),
    ("EN-A1", "Shelf A1", _BIN, "KGL-EN"),
    ("EN-A2", "Shelf A2", _BIN, "KGL-EN"),
    ("EN-OIL", "Oil and fuel cage", _ZONE, "KGL-EN"),
    ("KGL-GS", "General store", _WAREHOUSE, "KGL"),
    ("GS-01", "General store, cupboard 1", _BIN, "KGL-GS"),
    ("KGL-LAB", "Laboratory", _WAREHOUSE, "KGL"),
    ("MUS", "Musanze depot", _SITE, ""),
    ("MUS-FG", "Musanze, finished goods", _WAREHOUSE, "MUS"),
    ("KGL-OLD", "Old grain shed (closed)", _WAREHOUSE, "KGL"),
]
_CLOSED = {"KGL-OLD"}


def make_categories() -> dict[str, Category]:
    """Make the tree of categories; return it by slug."""
    made: dict[str, Category] = {}
    for slug, name, parent in _CATEGORIES:
        made[slug] = categories.create(slug=slug, name=name, parent=made.get(parent))
    return made


def make_locations() -> dict[str, Location]:
    """Make the tree of locations; return it by code."""
    made: dict[str, Location] = {}
    for code, name, kind, parent in _LOCATIONS:
        made[code] = locations.create(
            code=code, name=name, kind=kind, parent=made.get(parent), is_active=code not in _CLOSED
        )
    return made
