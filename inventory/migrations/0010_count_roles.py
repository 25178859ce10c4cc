from django.db import migrations

from accounts.roles import grant

COUNT = [
    "view_stockcount",
    "view_countline",
    "view_counthistory",
    "add_stockcount",
    "change_stockcount",
]
REVIEW = [*COUNT, "approve_stockcount"]


class Migration(migrations.Migration):
    dependencies = [("inventory", "0009_count_guards"), ("accounts", "0003_roles")]
    operations = [grant("inventory", {"staff": COUNT, "manager": REVIEW, "admin": REVIEW})]
