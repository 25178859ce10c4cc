"""`manage.py import_orders`: orders, receipts and stock from a spreadsheet; see docs/importing-orders.md."""

import sys
from argparse import ArgumentTypeError
from pathlib import Path
from typing import TextIO

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from accounts.models import Role, User
from ipms import context
from ipms.errors import DomainError
from procurement import order_import
from procurement.order_import.importing import CHUNK

_BAR_WIDTH = 40
#: So many problems are shown where a file holds them all.
_SHOWN = 10


class Command(BaseCommand):
    help = "Import orders, receipts and stock from a spreadsheet; exit 1 where a row could not be taken."

    def add_arguments(self, parser):
        parser.add_argument("file", metavar="FILE", help="TSV, CSV, XLSX, XLS or ODS")
        parser.add_argument("--map", required=True, metavar="MAP.toml", help="what the columns mean")
        parser.add_argument("--by", metavar="EMAIL", help="who approves and receives; default: an admin")
        parser.add_argument("--dry-run", action="store_true", help="tell what would be done, change nothing")
        parser.add_argument("--strict", action="store_true", help="import nothing unless all rows are fine")
        parser.add_argument("--report", metavar="FILE.csv", help="write the rows that were not taken to it")
        parser.add_argument("--chunk", type=_positive, default=CHUNK, metavar="N", help="rows a transaction")

    def handle(self, *args, **options):
        user = _user(options["by"])
        try:
            mapping = order_import.load(_text(options["map"]))
            with context.acting_as(user, source=f"import_orders {mapping.source}"):
                report = order_import.run(
                    options["file"],
                    mapping,
                    by=user,
                    dry_run=options["dry_run"],
                    strict=options["strict"],
                    chunk=options["chunk"],
                    progress=Progress(sys.stderr),
                )
        except DomainError as refusal:
            raise CommandError(str(refusal)) from refusal
        for line in report.summary():
            self.stdout.write(line)
        self._tell(report, options["report"])
        if not report.is_clean:
            sys.exit(1)

    def _tell(self, report, path):
        if path:
            try:
                with open(path, "w", encoding="utf-8-sig", newline="") as file:
                    order_import.write_problems(report.problems, file)
            except OSError as error:
                sentence = _("%(path)s cannot be written: %(error)s.")
                raise CommandError(sentence % {"path": path, "error": error.strerror}) from error
        shown = report.problems[:_SHOWN] if path else report.problems
        for problem in shown:
            self.stderr.write(str(problem))
        if len(shown) < len(report.problems):
            sentence = _("… and %(count)s more: see %(path)s.")
            self.stderr.write(sentence % {"count": len(report.problems) - len(shown), "path": path})


class Progress:
    """A bar on a terminal; elsewhere a line for each tenth."""

    def __init__(self, stream: TextIO) -> None:
        self._stream, self._shown = stream, 0
        self._is_terminal = stream.isatty()

    def __call__(self, done: int, total: int) -> None:
        percent = 100 * done // total
        if self._is_terminal:
            bar = "█" * (_BAR_WIDTH * done // total)
            end = "\n" if done == total else ""
            self._stream.write(f"\r{bar:░<{_BAR_WIDTH}} {percent:3} %  {done:,} / {total:,}{end}")
        elif percent // 10 > self._shown:
            self._shown = percent // 10
            self._stream.write(f"{self._shown * 10} % ({done:,} of {total:,} rows)\n")
        if done == total:
            self._shown = 0  # a strict run goes through the rows twice
        self._stream.flush()


def _user(email: str | None) -> User:
    active = User.objects.filter(is_active=True)
    if email:
        user = active.filter(email__iexact=email).first()
        if user is None:
            raise CommandError(_("There is no active user %(email)s.") % {"email": email})
        return user
    user = active.filter(role=Role.ADMIN).order_by("pk").first()
    if user is None:
        raise CommandError(_("There is no active administrator: say with --by who approves and receives."))
    return user


def _text(path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8-sig")
    except OSError as error:
        sentence = _("%(path)s cannot be read: %(error)s.")
        raise CommandError(sentence % {"path": path, "error": error.strerror}) from error
    except UnicodeDecodeError as error:
        raise CommandError(_("%(path)s is not UTF-8.") % {"path": path}) from error


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise ArgumentTypeError(_("enter a whole number above zero"))
    return int(text)
