"""`manage.py backup [--to DIR|s3://bucket/prefix] [--verify] [--encrypt]`"""

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.template.defaultfilters import filesizeformat

from ipms.errors import DomainError
from reporting.backup import making
from reporting.backup.stores import store_of


class Command(BaseCommand):
    help = (
        "Make a backup of the database and the uploaded files, and forget those beyond the numbers to keep. "
        "It is encrypted where BACKUP_PASSPHRASE is set."
    )

    def add_arguments(self, parser):
        parser.add_argument("--to", default="", help="a folder, or s3://bucket/prefix; else BACKUP_TO")
        parser.add_argument(
            "--verify", action="store_true", help="restore it into a scratch database and compare"
        )
        parser.add_argument("--encrypt", action="store_true", help="refuse to make one that is not encrypted")

    def handle(self, *args, **options):
        if options["encrypt"] and not settings.BACKUP_PASSPHRASE:
            raise CommandError("Set BACKUP_PASSPHRASE to the passphrase to encrypt with.")
        try:
            store = store_of(options["to"])
            kept = making.make(store, passphrase=settings.BACKUP_PASSPHRASE, verify=options["verify"])
        except DomainError as refusal:
            raise CommandError(str(refusal)) from refusal
        facts = [filesizeformat(kept.size).replace("\xa0", " ")]
        facts += ["encrypted"] if settings.BACKUP_PASSPHRASE else []
        facts += ["verified"] if options["verify"] else []
        self.stdout.write(self.style.SUCCESS(f"{store.place.rstrip('/')}/{kept.name} ({', '.join(facts)})"))
