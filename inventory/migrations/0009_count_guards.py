from django.db import migrations

from ipms import append_only

CREATE = """
CREATE FUNCTION inventory_refuse_own_count() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM inventory_countline WHERE count_id = NEW.id AND counted_by_id = NEW.approved_by_id
    ) THEN
        RAISE EXCEPTION 'stock count % is approved by somebody who counted', NEW.number
            USING ERRCODE = 'check_violation', CONSTRAINT = 'count_not_approved_by_who_counted';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER count_not_approved_by_who_counted
    BEFORE INSERT OR UPDATE OF approved_by_id ON inventory_stockcount
    FOR EACH ROW WHEN (NEW.approved_by_id IS NOT NULL) EXECUTE FUNCTION inventory_refuse_own_count();
"""
DROP = """
DROP TRIGGER count_not_approved_by_who_counted ON inventory_stockcount;
DROP FUNCTION inventory_refuse_own_count();
"""


class Migration(migrations.Migration):
    dependencies = [("inventory", "0008_stock_counts"), ("ipms", "0001_functions")]
    operations = [append_only.protect("inventory_counthistory"), migrations.RunSQL(CREATE, DROP)]
