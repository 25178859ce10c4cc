from django.db import migrations

from accounts.roles import grant


class Migration(migrations.Migration):
    dependencies = [
        ("reporting", "0004_exports"),
        ("accounts", "0003_roles"),
        ("auth", "0012_alter_user_first_name_max_length"),
    ]
    operations = [grant("reporting", {"admin": ["view_export"]})]
