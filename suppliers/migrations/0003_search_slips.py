import django.contrib.postgres.indexes
import django.contrib.postgres.search
from django.db import migrations

import ipms.search


class Migration(migrations.Migration):
    """Index the words where they are, slips included: the rows stay small, and trigrams are not needed."""

    dependencies = [("suppliers", "0002_roles"), ("ipms", "0003_search_slips")]
    operations = [
        migrations.RemoveIndex("supplier", "supplier_similar"),
        migrations.RemoveIndex("supplier", "supplier_words"),
        migrations.RemoveField("supplier", "search_text"),
        migrations.RemoveField("supplier", "search_words"),
        migrations.AddIndex(
            "supplier",
            django.contrib.postgres.indexes.GinIndex(
                ipms.search._Joined(
                    "code",
                    "name",
                    "contact_person",
                    "email",
                    "city",
                    "tax_id",
                    function="ipms_words",
                    output_field=django.contrib.postgres.search.SearchVectorField(),
                ),
                name="supplier_words",
            ),
        ),
    ]
