"""Who reads the mails that went out, and who may send one again."""

from django.db import migrations

from accounts.roles import grant


class Migration(migrations.Migration):
    dependencies = [("accounts", "0006_notifications"), ("ipms", "0006_outgoing_mail")]
    operations = [grant("ipms", {"admin": ["view_outgoingmail", "change_outgoingmail"]})]
