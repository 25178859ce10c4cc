from django.db import migrations

from ipms import append_only

#: django-auditlog makes its own table although ours takes its place; its keys would bind our tables to it.
DROP_FOREIGN_KEYS = """
DO $$ DECLARE found record; BEGIN
    FOR found IN SELECT conname FROM pg_constraint WHERE conrelid = 'auditlog_logentry'::regclass AND contype = 'f' LOOP
        EXECUTE format('ALTER TABLE auditlog_logentry DROP CONSTRAINT %I', found.conname);
    END LOOP;
END $$
"""


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0001_initial"),
        ("auditlog", "0017_add_actor_email"),
        ("ipms", "0001_functions"),
    ]
    operations = [
        append_only.protect("accounts_auditentry"),
        migrations.RunSQL(DROP_FOREIGN_KEYS, migrations.RunSQL.noop),
    ]
