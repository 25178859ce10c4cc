from django.db import migrations

from ipms import search


class Migration(migrations.Migration):
    dependencies = [("ipms", "0002_initial")]
    operations = [migrations.RunSQL(search.CREATE_FUNCTIONS, migrations.RunSQL.noop)]
