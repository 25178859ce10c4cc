"""`manage.py move_database --to URL [--app-role NAME]`"""

import environ
from django.core.management.base import BaseCommand, CommandError

from ipms.errors import DomainError
from reporting.backup import moving, verifying


class Command(BaseCommand):
    help = (
        "Copy everything into an empty database on another PostgreSQL server and prove it equal: the rows of "
        "each table, the balances, the digest of the ledger. The old database stays as it is."
    )

    def add_arguments(self, parser):
        parser.add_argument(
            "--to", required=True, metavar="URL", help="with the role that is to own the tables"
        )
        parser.add_argument(
            "--app-role", default="", metavar="NAME", help="the role there that the application logs in as"
        )
        parser.add_argument(
            "--while-in-use", action="store_true", help="although what is written meanwhile stays behind"
        )

    def handle(self, *args, **options):
        try:
            target = environ.Env.db_url_config(options["to"])
            figures = moving.move(target, role=options["app_role"], while_in_use=options["while_in_use"])
        except DomainError as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write(
            self.style.SUCCESS(
                f"Equal: {len(figures.rows)} tables with {sum(figures.rows.values())} rows, "
                f"{figures.movements} movements with the digest {figures.ledger_digest[:16]}…, "
                f"on hand {figures.on_hand}, value {figures.value}."
            )
        )
        role = options["app_role"]
        app = {**target, "USER": role, "PASSWORD": "PASSWORD-OF-THAT-ROLE"} if role else target
        self.stdout.write("Now put this into .env and start IPMS; the old database is no longer used:")
        self.stdout.write(f"DATABASE_URL={verifying.url_of(app)}")
        if role:
            self.stdout.write(f"DATABASE_OWNER_URL={verifying.url_of(target)}")
