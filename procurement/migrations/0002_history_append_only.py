from django.db import migrations

from ipms import append_only


class Migration(migrations.Migration):
    dependencies = [("procurement", "0001_initial"), ("ipms", "0001_functions")]
    operations = [append_only.protect("procurement_orderhistory")]
