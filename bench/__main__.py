"""`python -m bench [part …]`: run every measurement, or some, and print the tables, in Markdown."""

import argparse
import os
import platform
import sys
import time
from importlib import import_module
from pathlib import Path

from bench import report
from bench.report import Table

#: The modules that measure, in the order in which they run.
_PARTS = ("postings", "batches", "items", "exports", "forecasts", "history")
#: A part that measures what another has made.
_NEEDS = {"exports": "items"}


def main() -> None:
    """Measure, print, and with `--out` write."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="part", help=f"some of: {', '.join(_PARTS)}")
    parser.add_argument("--quick", action="store_true", help="a first impression in half a minute")
    parser.add_argument("--out", type=Path, metavar="FILE", help="also write the tables to a file")
    options = parser.parse_args()
    if unknown := set(options.parts) - set(_PARTS):
        parser.error(f"There is no part {', '.join(sorted(unknown))}.")

    from tests import server

    began = time.monotonic()
    tables: list[Table] = []
    report.say("Starting a database and a web server")
    with server.site() as site:
        os.environ.update(site.environment)
        import django

        django.setup()
        wanted = set(options.parts or _PARTS)
        wanted |= {_NEEDS[part] for part in wanted & set(_NEEDS)}
        measure = [import_module(f"bench.{part}").measure for part in _PARTS if part in wanted]
        for table in (table for part in measure for table in part(site, is_quick=options.quick)):
            tables.append(table)
            report.say(f"\n{table}\n")
        report.say(site.verify_ledger().strip())
        heading = _heading(time.monotonic() - began)
    report.say(heading)
    if options.out:
        options.out.write_text("\n\n".join([heading, *map(str, tables)]) + "\n")


def _heading(seconds: float) -> str:
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    return (
        f"{time.strftime('%Y-%m-%d')}, {os.cpu_count()} CPUs, {platform.system()} {platform.machine()}, "
        f"Python {platform.python_version()}, load {load}, in {seconds:.0f} s"
    )


if __name__ == "__main__":
    sys.exit(main())
