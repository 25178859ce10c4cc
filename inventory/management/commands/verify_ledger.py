"""`manage.py verify_ledger`: exit 1 and the offending rows where an invariant of the ledger fails."""

from django.core.management.base import BaseCommand, CommandError

from inventory import verification
from inventory.models import StockMovement


class Command(BaseCommand):
    help = "Prove that movements, balances and valuations agree; exit 1 and list the rows that do not."

    def handle(self, *args, **options):
        with verification.one_view():
            self._verify()

    def _verify(self):
        found = 0
        for offence in verification.offences():
            found += 1
            figures = ", ".join(f"{name}={value}" for name, value in offence.row.items())
            self.stdout.write(f"{offence.invariant}: {figures}")
        if found:
            raise CommandError(f"{found} rows break an invariant of the ledger.", returncode=1)
        count = StockMovement.objects.count()
        self.stdout.write(self.style.SUCCESS(f"{count} movements: every invariant of the ledger holds."))
