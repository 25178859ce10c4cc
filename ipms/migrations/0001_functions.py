"""What the tables of all apps stand on: folding and words for search, the guard of append-only tables."""

from django.db import migrations

from ipms import append_only, search


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [
        migrations.RunSQL(search.CREATE_FUNCTIONS, search.DROP_FUNCTIONS),
        migrations.RunSQL(append_only.CREATE_FUNCTION, append_only.DROP_FUNCTION),
    ]
