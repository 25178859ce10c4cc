"""`migrate` as the owner of the tables; the application's role gets its rights afterwards."""

from django.conf import settings
from django.core.management.commands import migrate
from django.db import connection

from ipms import grants


class Command(migrate.Command):
    """Django's command, run with the owner's credentials where they differ from the application's."""

    def handle(self, *args, **options):
        owner = settings.DATABASE_OWNER
        own = connection.settings_dict
        if owner["USER"] == own["USER"]:
            return self._migrate(*args, **options)
        connection.close()
        kept = {name: own[name] for name in ("USER", "PASSWORD", "HOST", "PORT")}
        own.update({name: owner.get(name, "") for name in kept})
        try:
            return self._migrate(*args, **options)
        finally:
            connection.close()
            own.update(kept)

    def _migrate(self, *args, **options):
        answer = super().handle(*args, **options)
        if not (options["plan"] or options["check_unapplied"]):
            grants.grant()
        return answer
