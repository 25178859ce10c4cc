import django.contrib.postgres.indexes
import django.contrib.postgres.search
from django.db import migrations, models

import ipms.search


class Migration(migrations.Migration):
    """Write the words of every row anew, slips included; trigrams are no longer needed."""

    dependencies = [("suppliers", "0002_roles"), ("ipms", "0003_search_slips")]
    operations = [
        migrations.RemoveIndex("supplier", "supplier_similar"),
        migrations.RemoveIndex("supplier", "supplier_words"),
        migrations.RemoveField("supplier", "search_text"),
        migrations.RemoveField("supplier", "search_words"),
        migrations.AddField(
            "supplier",
            "search_words",
            models.GeneratedField(
                db_persist=True,
                expression=ipms.search._Joined(
                    "code", "name", "contact_person", "email", "city", "tax_id", function="ipms_words"
                ),
                output_field=django.contrib.postgres.search.SearchVectorField(),
            ),
        ),
        migrations.AddIndex(
            "supplier",
            django.contrib.postgres.indexes.GinIndex(fields=["search_words"], name="supplier_words"),
        ),
    ]
