from django.db import migrations

from accounts.roles import grant

SEE = ["view_dashboard"]
KNOW = [*SEE, "view_reports", "export_data"]


class Migration(migrations.Migration):
    dependencies = [
        ("reporting", "0001_initial"),
        ("accounts", "0003_roles"),
        ("auth", "0012_alter_user_first_name_max_length"),
    ]
    operations = [grant("reporting", {"staff": SEE, "manager": KNOW, "admin": KNOW})]
