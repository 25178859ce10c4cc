"""Webhooks are the administrators': where they go, and what became of them."""

from django.db import migrations

from accounts.roles import grant


class Migration(migrations.Migration):
    dependencies = [("accounts", "0007_mail_roles"), ("ipms", "0008_webhooks")]
    operations = [
        grant(
            "ipms",
            {
                "admin": [
                    "view_webhookendpoint",
                    "add_webhookendpoint",
                    "change_webhookendpoint",
                    "delete_webhookendpoint",
                    "view_webhookdelivery",
                    "redeliver_webhookdelivery",
                ]
            },
        )
    ]
