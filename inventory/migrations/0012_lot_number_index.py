from django.contrib.postgres.indexes import OpClass
from django.db import migrations, models
from django.db.models.functions import Upper


class Migration(migrations.Migration):
    dependencies = [("inventory", "0011_count_comparison")]
    operations = [
        migrations.AddIndex(
            model_name="lot",
            index=models.Index(OpClass(Upper("number"), name="text_pattern_ops"), name="lot_number_begins"),
        ),
    ]
