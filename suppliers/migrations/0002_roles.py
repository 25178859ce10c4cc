from django.db import migrations

from accounts.roles import grant


class Migration(migrations.Migration):
    dependencies = [("suppliers", "0001_initial"), ("accounts", "0003_roles")]
    operations = [
        grant(
            "suppliers",
            {
                "staff": ["view_supplier"],
                "manager": ["view_supplier", "add_supplier", "change_supplier"],
                "admin": ["view_supplier", "add_supplier", "change_supplier", "delete_supplier"],
            },
        )
    ]
