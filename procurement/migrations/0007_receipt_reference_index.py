from django.contrib.postgres.indexes import OpClass
from django.db import migrations, models
from django.db.models.functions import Upper


class Migration(migrations.Migration):
    dependencies = [("procurement", "0006_overdue_notices")]
    operations = [
        migrations.AddIndex(
            model_name="goodsreceipt",
            index=models.Index(
                OpClass(Upper("reference"), name="text_pattern_ops"), name="receipt_reference_begins"
            ),
        ),
    ]
