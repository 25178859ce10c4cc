import django.contrib.postgres.indexes
import django.contrib.postgres.search
from django.db import migrations, models

import ipms.search


class Migration(migrations.Migration):
    """Write the words of every row anew, slips included; trigrams are no longer needed."""

    dependencies = [("inventory", "0004_roles"), ("ipms", "0003_search_slips")]
    operations = [
        migrations.RemoveIndex("item", "item_similar"),
        migrations.RemoveIndex("item", "item_words"),
        migrations.RemoveField("item", "search_text"),
        migrations.RemoveField("item", "search_words"),
        migrations.AddField(
            "item",
            "search_words",
            models.GeneratedField(
                db_persist=True,
                expression=ipms.search._Joined(
                    "sku", "name", "barcode", "description", function="ipms_words"
                ),
                output_field=django.contrib.postgres.search.SearchVectorField(),
            ),
        ),
        migrations.AddIndex(
            "item",
            django.contrib.postgres.indexes.GinIndex(fields=["search_words"], name="item_words"),
        ),
    ]
