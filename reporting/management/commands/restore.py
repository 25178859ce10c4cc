"""`manage.py restore FILE [--yes] [--into URL]`"""

import environ
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from ipms.errors import DomainError
from ipms.owner import as_owner
from reporting.backup import restoring, verifying
from reporting.backup.stores import found


class Command(BaseCommand):
    help = (
        "Make the database what a backup holds. The whole file is examined before anything is changed; "
        "if a step fails, the database stays as it was."
    )
    requires_system_checks = []

    def add_arguments(self, parser):
        parser.add_argument("file", help="a path, a name of `manage.py backups`, or s3://bucket/prefix/name")
        parser.add_argument("--yes", action="store_true", help="replace what the database holds")
        parser.add_argument(
            "--into", metavar="URL", help="another database, with the role that is to own its tables"
        )
        parser.add_argument(
            "--database-only", action="store_true", help="leave the uploaded files and the cache as they are"
        )

    def handle(self, *args, **options):
        try:
            with found(options["file"]) as path:
                if options["into"]:
                    self._elsewhere(path, options)
                else:
                    self._here(path, options)
        except DomainError as refusal:
            raise CommandError(str(refusal)) from refusal
        except DatabaseError as error:
            raise CommandError(f"The database refused, and is as it was: {error}") from error

    def _here(self, path, options):
        with as_owner():
            content = restoring.restore(
                path,
                passphrase=settings.BACKUP_PASSPHRASE,
                replace=options["yes"],
                database_only=options["database_only"],
                say=self.stdout.write,
            )
            # Rights for the application, and the migrations that are newer than the backup.
            call_command("migrate", verbosity=0, interactive=False)
        figures = content.figures
        self.stdout.write(
            self.style.SUCCESS(
                f"Restored: {sum(figures.rows.values())} rows, {figures.movements} movements, "
                f"{len(content.files)} files, as of {content.manifest.created_at}."
            )
        )

    def _elsewhere(self, path, options):
        verifying.restore_elsewhere(
            path,
            environ.Env.db_url_config(options["into"]),
            passphrase=settings.BACKUP_PASSPHRASE,
            replace=options["yes"],
            is_heard=True,
        )
