from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import migrations
from django.db.models.functions import Upper


class Migration(migrations.Migration):
    dependencies = [("procurement", "0004_committed_orders_stand")]
    operations = [
        migrations.AddIndex(
            model_name="purchaseorder",
            index=GinIndex(OpClass(Upper("po_number"), name="gin_trgm_ops"), name="order_number_part"),
        ),
        migrations.AddIndex(
            model_name="purchaseorder",
            index=GinIndex(OpClass(Upper("reference"), name="gin_trgm_ops"), name="order_reference_part"),
        ),
    ]
