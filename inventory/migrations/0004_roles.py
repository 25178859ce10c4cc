from django.db import migrations

from accounts.roles import grant

READ = [
    f"view_{name}"
    for name in (
        "category",
        "item",
        "itemvaluation",
        "location",
        "lot",
        "stockbalance",
        "stockmovement",
        "unitofmeasure",
    )
]
STORES = [*READ, "move_stock"]
MASTER_DATA = [
    f"{verb}_{name}"
    for verb, names in {
        "add": ("category", "item", "location", "lot", "unitofmeasure"),
        "change": ("category", "item", "location", "lot", "unitofmeasure"),
        "delete": ("category", "location"),
    }.items()
    for name in names
]


class Migration(migrations.Migration):
    dependencies = [("inventory", "0003_virtual_locations_and_units"), ("accounts", "0003_roles")]
    operations = [
        grant(
            "inventory",
            {
                "staff": STORES,
                "manager": [*STORES, *MASTER_DATA, "adjust_stock", "reverse_movement"],
                "admin": [
                    *STORES,
                    *MASTER_DATA,
                    "adjust_stock",
                    "reverse_movement",
                    "delete_item",
                    "delete_unitofmeasure",
                ],
            },
        )
    ]
