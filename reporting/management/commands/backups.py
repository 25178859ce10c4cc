"""`manage.py backups [--to DIR|s3://bucket/prefix]`: list what is kept."""

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.template.defaultfilters import filesizeformat

from ipms.errors import DomainError
from reporting.backup import rotation
from reporting.backup.stores import store_of


class Command(BaseCommand):
    help = "List the backups that are kept, the oldest first."

    def add_arguments(self, parser):
        parser.add_argument("--to", default="", help="a folder, or s3://bucket/prefix; else BACKUP_TO")

    def handle(self, *args, **options):
        try:
            store = store_of(options["to"])
            kept = [one for one in store.kept() if rotation.moment_of(one.name)]
        except DomainError as refusal:
            raise CommandError(str(refusal)) from refusal
        for one in kept:
            size = filesizeformat(one.size).replace("\xa0", " ")
            self.stdout.write(f"{one.name}  {rotation.moment_of(one.name):%Y-%m-%d %H:%M} UTC  {size:>10}")
        self.stdout.write(
            f"{len(kept)} backups in {store.place}; kept are {settings.BACKUP_KEEP_DAILY} daily, "
            f"{settings.BACKUP_KEEP_WEEKLY} weekly, {settings.BACKUP_KEEP_MONTHLY} monthly."
        )
