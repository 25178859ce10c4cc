from django.db import migrations

from ipms import append_only

#: Every item has its valuation, whoever makes the item: a page, an import, plain SQL.
VALUATION_WITH_ITEM = """
CREATE FUNCTION inventory_item_valuation() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO inventory_itemvaluation (item_id, quantity, reserved, value) VALUES (NEW.id, 0, 0, 0);
    RETURN NULL;
END $$;
CREATE TRIGGER item_has_a_valuation AFTER INSERT ON inventory_item
    FOR EACH ROW EXECUTE FUNCTION inventory_item_valuation();
"""
DROP = "DROP TRIGGER item_has_a_valuation ON inventory_item; DROP FUNCTION inventory_item_valuation()"


class Migration(migrations.Migration):
    dependencies = [("inventory", "0001_initial"), ("ipms", "0001_functions")]
    operations = [
        append_only.protect("inventory_stockmovement"),
        migrations.RunSQL(VALUATION_WITH_ITEM, DROP),
    ]
