"""`python -m bench`: run every measurement and print its table, in Markdown."""

import argparse
import os
import platform
import sys
import time
from pathlib import Path

from bench import report
from bench.report import Table


def main() -> None:
    """Measure, print, and with `--out` write."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a first impression in half a minute")
    parser.add_argument("--out", type=Path, metavar="FILE", help="also write the tables to a file")
    options = parser.parse_args()

    from tests import server

    began = time.monotonic()
    tables: list[Table] = []
    report.say("Starting a database and a web server")
    with server.site() as site:
        os.environ.update(site.environment)
        import django

        django.setup()
        from bench import batches, exports, items, postings

        measure = (postings.measure, batches.measure, items.measure, exports.measure)
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
