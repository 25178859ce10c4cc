"""The rights of the application's role: what the web and the workers may do, and what they may not."""

from django.conf import settings
from django.db import connection
from psycopg import sql

from ipms.append_only import append_only_models


def grant() -> None:
    """Give the application's role its rights on every table; only SELECT and INSERT on append-only ones.

    Runs as the owner of the tables, after each migration. Does nothing where the application logs in as
    the owner itself (`manage.py check --deploy` warns of that).
    """
    role = settings.DATABASE_APP_ROLE
    if not role:
        return
    name = sql.Identifier(role)
    protected = sql.SQL(", ").join(sql.Identifier(model._meta.db_table) for model in append_only_models())
    statements = [
        sql.SQL("GRANT USAGE ON SCHEMA public TO {role}"),
        sql.SQL("GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role}"),
        sql.SQL("GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {role}"),
        sql.SQL("REVOKE UPDATE, DELETE, TRUNCATE ON {protected} FROM {role}"),
        sql.SQL("REVOKE INSERT, UPDATE, DELETE ON django_migrations FROM {role}"),
    ]
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement.format(role=name, protected=protected))
