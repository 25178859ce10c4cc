"""What was approved cannot change, whoever writes: a page, an import, plain SQL.

The domain refuses first, with a sentence for the user; this holds for what does not ask it.
"""

from django.db import migrations

ORDERS = """
CREATE FUNCTION procurement_refuse_order_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'order %: % refuses this change', OLD.po_number, TG_NAME
        USING ERRCODE = 'check_violation', CONSTRAINT = TG_NAME, TABLE = TG_TABLE_NAME;
END $$;

CREATE TRIGGER order_keeps_number_and_maker BEFORE UPDATE ON procurement_purchaseorder
    FOR EACH ROW
    WHEN ((OLD.po_number, OLD.created_by_id) IS DISTINCT FROM (NEW.po_number, NEW.created_by_id))
    EXECUTE FUNCTION procurement_refuse_order_change();

CREATE TRIGGER committed_order_stands BEFORE UPDATE ON procurement_purchaseorder
    FOR EACH ROW
    WHEN (
        OLD.status IN ('approved', 'partially_delivered', 'delivered') AND (
            NEW.status NOT IN ('approved', 'partially_delivered', 'delivered', 'cancelled')
            OR (OLD.supplier_id, OLD.currency, OLD.exchange_rate, OLD.subtotal, OLD.tax_amount, OLD.total_amount,
                OLD.total_base, OLD.approved_by_id, OLD.approved_at, OLD.approved_limit)
            IS DISTINCT FROM
               (NEW.supplier_id, NEW.currency, NEW.exchange_rate, NEW.subtotal, NEW.tax_amount, NEW.total_amount,
                NEW.total_base, NEW.approved_by_id, NEW.approved_at, NEW.approved_limit)
        )
    )
    EXECUTE FUNCTION procurement_refuse_order_change();
"""
DROP_ORDERS = """
DROP TRIGGER committed_order_stands ON procurement_purchaseorder;
DROP TRIGGER order_keeps_number_and_maker ON procurement_purchaseorder;
DROP FUNCTION procurement_refuse_order_change();
"""

LINES = """
CREATE FUNCTION procurement_check_line_change() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    standing text;
BEGIN
    SELECT po_number INTO standing FROM procurement_purchaseorder
    WHERE id IN (OLD.order_id, NEW.order_id) AND status NOT IN ('draft', 'pending', 'rejected');
    IF FOUND THEN
        RAISE EXCEPTION 'order %: its lines cannot change any more', standing
            USING ERRCODE = 'check_violation', CONSTRAINT = 'line_of_committed_order_stands', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN coalesce(NEW, OLD);
END $$;

CREATE TRIGGER line_of_committed_order_stands BEFORE INSERT OR DELETE ON procurement_purchaseorderline
    FOR EACH ROW EXECUTE FUNCTION procurement_check_line_change();

-- What was received is counted up on a committed order: every other column stands.
CREATE TRIGGER ordered_line_stands BEFORE UPDATE ON procurement_purchaseorderline
    FOR EACH ROW
    WHEN (
        (OLD.order_id, OLD.number, OLD.item_id, OLD.description, OLD.quantity, OLD.unit_price, OLD.tax_rate,
            OLD.line_total, OLD.tax_amount)
        IS DISTINCT FROM
        (NEW.order_id, NEW.number, NEW.item_id, NEW.description, NEW.quantity, NEW.unit_price, NEW.tax_rate,
            NEW.line_total, NEW.tax_amount)
    )
    EXECUTE FUNCTION procurement_check_line_change();
"""
DROP_LINES = """
DROP TRIGGER ordered_line_stands ON procurement_purchaseorderline;
DROP TRIGGER line_of_committed_order_stands ON procurement_purchaseorderline;
DROP FUNCTION procurement_check_line_change();
"""


class Migration(migrations.Migration):
    dependencies = [("procurement", "0003_roles")]
    operations = [migrations.RunSQL(ORDERS, DROP_ORDERS), migrations.RunSQL(LINES, DROP_LINES)]
