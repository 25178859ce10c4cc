"""Whoever leads the stores sees whether the site is well."""

from django.db import migrations

from accounts.roles import grant


class Migration(migrations.Migration):
    dependencies = [("accounts", "0010_monthly_report"), ("ipms", "0009_health_permission")]
    operations = [grant("ipms", {"admin": ["view_health"], "manager": ["view_health"]})]
