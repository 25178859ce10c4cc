"""`manage.py load_demo`: a year of a food factory in an empty database, with three accounts to log in."""

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from ipms.embedded.schema import DEMO_ACCOUNTS
from reporting.demo import sellers, year

_PRODUCTION = "ipms.settings.production"


class Command(BaseCommand):
    help = "Load demo data and demo accounts, whose passwords everybody knows, into an empty database."

    def add_arguments(self, parser):
        parser.add_argument(
            "--if-empty", action="store_true", help="Do nothing where there are users or items."
        )
        parser.add_argument(
            "--yes-demo", action="store_true", help="Load it although IPMS_DEMO is not set to 1."
        )

    def handle(self, *args, **options):
        if settings.SETTINGS_MODULE == _PRODUCTION:
            raise CommandError("Demo accounts have no place in production.")
        if not (settings.IPMS_DEMO or options["yes_demo"]):
            raise CommandError(
                "The demo brings accounts whose passwords everybody knows: "
                "set IPMS_DEMO=1 or say --yes-demo if that is what you want."
            )
        if not year.is_empty():
            if options["if_empty"]:
                return
            raise CommandError("There are users or items already: the demo goes into an empty database.")
        self.stdout.write("Loading a year of demo data")
        try:
            loaded = year.load(today=timezone.localdate())
        except sellers.UnknownCurrency as error:
            raise CommandError(f"The demo has no exchange rates for the base currency {error}.") from error
        self.stdout.write(
            self.style.SUCCESS(
                f"{loaded.items} items, {loaded.suppliers} suppliers, {loaded.orders} purchase orders and "
                f"{loaded.movements} stock movements; accounts: {', '.join(DEMO_ACCOUNTS)}."
            )
        )
