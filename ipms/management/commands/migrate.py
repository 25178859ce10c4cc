"""`migrate` as the owner of the tables; the application's role gets its rights afterwards."""

from django.core.management.commands import migrate

from ipms import grants
from ipms.owner import as_owner


class Command(migrate.Command):
    """Django's command, run with the owner's credentials where they differ from the application's."""

    def handle(self, *args, **options):
        with as_owner():
            answer = super().handle(*args, **options)
            if not (options["plan"] or options["check_unapplied"]):
                grants.grant()
            return answer
