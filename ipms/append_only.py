"""Tables to which rows may only be added.

Two locks hold it: a trigger that refuses UPDATE, DELETE and TRUNCATE to everyone, the owner included, and
the rights of the application's role, which has only SELECT and INSERT there. A model says so with
`append_only = True` and a `protect(...)` operation in its migration.
"""

from django.apps import apps
from django.db import migrations, models

#: TRUNCATE passes where this is on: on test databases, which are emptied after each test, and in the
#: transaction of a restore. It still takes the owner of the tables.
ALLOW_TRUNCATE = "ipms.allow_truncate"

CREATE_FUNCTION = f"""
CREATE OR REPLACE FUNCTION ipms_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'TRUNCATE' AND current_setting('{ALLOW_TRUNCATE}', true) = 'on' THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION '% is append-only: % is refused', TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'insufficient_privilege', HINT = 'Correct a mistake by a new row.';
END $$;
"""
DROP_FUNCTION = "DROP FUNCTION IF EXISTS ipms_refuse_change()"


def protect(table: str) -> migrations.RunSQL:
    """Return the migration operation that makes `table` append-only."""
    return migrations.RunSQL(
        f"CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION ipms_refuse_change()",
        f"DROP TRIGGER append_only ON {table}",
    )


def append_only_models() -> list[type[models.Model]]:
    return [model for model in apps.get_models() if getattr(model, "append_only", False)]
