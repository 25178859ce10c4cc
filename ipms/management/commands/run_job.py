"""`manage.py run_job NAME`: run a registered job here and now; without a name, list them."""

from django.core.management.base import BaseCommand, CommandError

from ipms import jobs
from ipms.errors import DomainError
from ipms.models import JobStatus


class Command(BaseCommand):
    help = "Run a scheduled job now, in this process. Without a name: list the jobs."

    def add_arguments(self, parser):
        parser.add_argument("name", nargs="?", help="such as orders.overdue")

    def handle(self, *args, **options):
        if not options["name"]:
            for name, job in jobs.registered().items():
                self.stdout.write(f"{name:24} {job.title}")
            return
        try:
            record = jobs.run(options["name"])
        except DomainError as refusal:
            raise CommandError(str(refusal)) from refusal
        if record.status != JobStatus.DONE:
            raise CommandError(record.error or record.result)
        self.stdout.write(self.style.SUCCESS(record.result or "Done."))
