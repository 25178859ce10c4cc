"""Administrators see the imports of others."""

from django.db import migrations

from accounts.roles import grant


class Migration(migrations.Migration):
    dependencies = [("accounts", "0013_import_notifications"), ("ipms", "0012_imports")]
    operations = [grant("ipms", {"admin": ["view_importrun"]})]
