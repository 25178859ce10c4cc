"""`manage.py prepare`: all that a new version needs before its processes start. May be run by two at once."""

import time

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError, connections

_PAUSE_SECONDS = 1


class Command(BaseCommand):
    help = "Check the settings, bring the database up to date as its owner, and collect static files."
    requires_system_checks = ()

    def add_arguments(self, parser):
        parser.add_argument(
            "--wait", type=int, default=60, metavar="SECONDS", help="how long a database may take to answer"
        )
        parser.add_argument(
            "--skip-static", action="store_true", help="static files are collected already, as in the image"
        )

    def handle(self, *args, wait, skip_static, **options):
        call_command("check", deploy=True, fail_level="ERROR")
        owner = self._owner(patience=wait)
        try:
            with owner.cursor() as cursor:
                # Of two that start at once, the second waits and finds nothing to do.
                cursor.execute("SELECT pg_advisory_lock(hashtextextended('ipms.prepare', 0))")
            call_command("migrate", interactive=False, verbosity=1)
        finally:
            owner.close()
        if not skip_static:
            call_command("collectstatic", interactive=False, verbosity=0, clear=False)
        self.stdout.write("Ready: start or reload the web server, then the worker and beat.")

    @staticmethod
    def _owner(*, patience):
        """Return a session of the tables' owner, as soon as the server answers."""
        login = {name: settings.DATABASE_OWNER.get(name, "") for name in ("USER", "PASSWORD", "HOST", "PORT")}
        application = connections["default"]
        owner = type(application)({**application.settings_dict, **login}, alias="default")
        deadline = time.monotonic() + patience
        while True:
            try:
                owner.ensure_connection()
            except OperationalError as error:
                if time.monotonic() > deadline:
                    raise CommandError(f"The database does not answer: {error}") from error
                time.sleep(_PAUSE_SECONDS)
            else:
                return owner
