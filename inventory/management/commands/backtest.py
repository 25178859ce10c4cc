"""`manage.py backtest`: how far the forecasts of demand would have been off, beside the naive method."""

from argparse import ArgumentParser
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from inventory import backtest
from inventory.backtest import Outcome
from inventory.demand import Period, Source

_PERIODS = {Period.WEEK: 104, Period.MONTH: 120}
_HEADINGS = (
    "demand",
    "items",
    "RMSSE",
    "naive",
    "MASE",
    "naive",
    "bias",
    "nearer",
    "equal",
    "methods chosen",
)


class Command(BaseCommand):
    help = (
        "Choose each item's forecast from the older three quarters of its history and measure it on the "
        "rest, beside repeating the last period (naive). Errors are over the naive method's on the older "
        "part."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--period", choices=Period.values, default=Period.WEEK.value)
        parser.add_argument("--periods", type=int, help="how many of the newest; 104 weeks or 120 months")
        parser.add_argument(
            "--source",
            choices=Source.values,
            default=Source.CONSUMPTION.value,
            help="receipts where stock only comes in, as in an imported history of orders",
        )
        parser.add_argument("--on", type=date.fromisoformat, help="take this day for today (YYYY-MM-DD)")

    def handle(self, *args: Any, **options: Any) -> None:
        period = Period(options["period"])
        periods = options["periods"] or _PERIODS[period]
        if periods < 1:
            raise CommandError("At least one period, please.")
        count, outcomes = backtest.run(
            on=options["on"] or timezone.localdate(),
            periods=periods,
            period=period,
            source=Source(options["source"]),
        )
        if not outcomes:
            raise CommandError(
                f"{count} histories, and none that can be tried: too short, or without demand."
            )
        self.stdout.write(f"{count} items with a history, {outcomes[-1].items} that can be tried.\n\n")
        rows = [_HEADINGS, *map(_cells, outcomes)]
        widths = [max(len(row[column]) for row in rows) for column in range(len(_HEADINGS))]
        for row in rows:
            cells = (
                cell.ljust(width) if column in (0, len(widths) - 1) else cell.rjust(width)
                for column, (cell, width) in enumerate(zip(row, widths, strict=True))
            )
            self.stdout.write("  ".join(cells).rstrip())


def _cells(outcome: Outcome) -> tuple[str, ...]:
    methods = ", ".join(f"{method} {count}" for method, count in outcome.methods.most_common())
    return (
        outcome.kind.value if outcome.kind else "all",
        str(outcome.items),
        f"{outcome.rmsse:.3f}",
        f"{outcome.naive_rmsse:.3f}",
        f"{outcome.mase:.3f}",
        f"{outcome.naive_mase:.3f}",
        f"{outcome.bias:+.3f}",
        str(outcome.nearer),
        str(outcome.equal),
        methods,
    )
