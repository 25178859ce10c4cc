import django.contrib.postgres.indexes
import django.contrib.postgres.search
from django.db import migrations

import ipms.search


class Migration(migrations.Migration):
    """Index the words where they are, slips included: the rows stay small, and trigrams are not needed."""

    dependencies = [("inventory", "0004_roles"), ("ipms", "0003_search_slips")]
    operations = [
        migrations.RemoveIndex("item", "item_similar"),
        migrations.RemoveIndex("item", "item_words"),
        migrations.RemoveField("item", "search_text"),
        migrations.RemoveField("item", "search_words"),
        migrations.AddIndex(
            "item",
            django.contrib.postgres.indexes.GinIndex(
                ipms.search._Joined(
                    "sku",
                    "name",
                    "barcode",
                    "description",
                    function="ipms_words",
                    output_field=django.contrib.postgres.search.SearchVectorField(),
                ),
                name="item_words",
            ),
        ),
    ]
