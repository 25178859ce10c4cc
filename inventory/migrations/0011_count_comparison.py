import django.db.models.deletion
from django.db import migrations, models

import ipms.fields

CREATE = """
CREATE VIEW inventory_countcomparison AS
SELECT l.id AS line_id, compared.expected,
    l.counted_quantity - compared.expected AS variance,
    CASE WHEN l.expected_quantity IS NOT NULL THEN l.posted_value
        WHEN l.counted_quantity = compared.expected THEN 0
        ELSE (l.counted_quantity - compared.expected) * (v.value / nullif(v.quantity, 0))
    END AS worth
FROM inventory_countline l
JOIN inventory_stockcount c ON c.id = l.count_id
JOIN inventory_itemvaluation v ON v.item_id = l.item_id
LEFT JOIN inventory_stockbalance b ON b.item_id = l.item_id AND b.location_id = l.location_id
    AND b.lot_id IS NOT DISTINCT FROM l.lot_id
-- What goods moved after they were counted. A sum is worked out once for each line, however often it is named.
-- Places are no condition: what an item moved since is few rows by their index, what a place moved is many.
CROSS JOIN LATERAL (
    SELECT coalesce(sum(CASE l.location_id WHEN m.to_location_id THEN m.quantity
        WHEN m.from_location_id THEN -m.quantity END), 0) AS quantity
    FROM inventory_stockmovement m LEFT JOIN inventory_stockmovement undone ON undone.id = m.reverses_id
    WHERE l.counted_at IS NOT NULL AND l.expected_quantity IS NULL
        AND m.item_id = l.item_id AND m.id > c.after_movement
        AND m.lot_id IS NOT DISTINCT FROM l.lot_id
        -- The others move no goods: they put the books right.
        AND coalesce(undone.kind, m.kind) NOT IN ('opening', 'adjustment', 'count')
        AND coalesce(undone.occurred_at, m.occurred_at) > l.counted_at
) moved
CROSS JOIN LATERAL (
    SELECT CASE WHEN l.expected_quantity IS NOT NULL THEN l.expected_quantity
        WHEN l.counted_at IS NOT NULL THEN coalesce(b.on_hand, 0) - moved.quantity END AS expected
) compared
"""
DROP = "DROP VIEW inventory_countcomparison"


class Migration(migrations.Migration):
    dependencies = [("inventory", "0010_count_roles")]
    operations = [
        migrations.RunSQL(CREATE, DROP),
        migrations.CreateModel(
            name="CountComparison",
            fields=[
                (
                    "line",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        primary_key=True,
                        related_name="comparison",
                        serialize=False,
                        to="inventory.countline",
                    ),
                ),
                (
                    "expected",
                    ipms.fields.QuantityField(null=True, verbose_name="by the books when counted"),
                ),
                ("variance", ipms.fields.QuantityField(null=True, verbose_name="difference")),
                ("worth", ipms.fields.AmountField(null=True, verbose_name="value of the difference")),
            ],
            options={
                "verbose_name": "comparison with the books",
                "verbose_name_plural": "comparisons with the books",
                "db_table": "inventory_countcomparison",
                "managed": False,
                "default_permissions": (),
            },
        ),
    ]
