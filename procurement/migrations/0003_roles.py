from decimal import Decimal

from django.db import migrations

from accounts.roles import grant

READ = [
    f"view_{name}"
    for name in ("purchaseorder", "purchaseorderline", "orderhistory", "goodsreceipt", "goodsreceiptline")
]
BUY = [*READ, "add_purchaseorder", "change_purchaseorder", "deliver_purchaseorder"]
MANAGE = [*BUY, "change_any_purchaseorder", "approve_purchaseorder", "view_approvallimit"]

#: In base currency; None is no limit. A site sets its own in the back office.
LIMITS = {"manager": Decimal(1_000_000), "admin": None}


def set_limits(apps, schema_editor):
    limit = apps.get_model("procurement", "ApprovalLimit")
    for role, amount in LIMITS.items():
        group = apps.get_model("auth", "Group").objects.get(name=role)
        limit.objects.get_or_create(group=group, defaults={"amount": amount})


class Migration(migrations.Migration):
    dependencies = [
        ("procurement", "0002_history_append_only"),
        ("accounts", "0003_roles"),
        ("auth", "0012_alter_user_first_name_max_length"),
    ]
    operations = [
        grant(
            "procurement",
            {
                "staff": BUY,
                "manager": MANAGE,
                "admin": [
                    *MANAGE,
                    "add_approvallimit",
                    "change_approvallimit",
                    "delete_approvallimit",
                    "view_importedline",
                ],
            },
        ),
        migrations.RunPython(set_limits, migrations.RunPython.noop),
    ]
