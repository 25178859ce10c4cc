"""The stock report of a month that is over, by mail to those who want it."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from io import BytesIO
from typing import Any
from zoneinfo import ZoneInfo

from django.urls import reverse

from accounts.notifications import Amount, Kind, Month, holders_of, notify
from ipms import site
from ipms.mail import Attachment
from reporting import cache, files, stock_history, stock_report, stock_tables

_FORMATS = ("pdf", "xlsx")


def send(*, on: datetime) -> tuple[date, int]:
    """Send the stock report of the month before the one of `on`; return its last day, and to how many.

    Stock is as of the end of that day where the site is. It goes once to each person who may see reports and
    did not choose otherwise, however often it is asked for: as PDF and XLSX by mail, in short in the program.
    """
    last = on.astimezone(ZoneInfo(site.current().timezone)).date().replace(day=1) - timedelta(days=1)
    params: dict[str, Any] = {"at": stock_history.moment(as_of=last, now=on)}
    with cache.one_snapshot():
        data = stock_report.build(now=on, **params)
    totals = data["totals"]
    told = notify(
        holders_of("reporting.view_reports"),
        Kind.MONTHLY_REPORT,
        key=f"{last:%Y-%m}",
        url=f"{reverse('admin:report-inventory')}?as_of={last}",
        attach=lambda: _attachments(data, params),
        month=Month(last),
        value=Amount(totals["stock_value"], totals["currency"]),
        low=totals["low_stock"],
        dead=totals["dead_stock"],
    )
    return last, len(told)


def _attachments(data: Mapping[str, Any], params: Mapping[str, Any]) -> Sequence[Attachment]:
    """Write the report in the running language. Its tables are short: sums, and lists that are cut."""
    attachments = []
    for format in _FORMATS:
        document = stock_tables.document(data, params)
        file = BytesIO()
        files.write(document, format, file)
        attachments.append(
            Attachment(
                name=files.file_name(document.name, format, document.as_of),
                media_type=files.FORMATS[format].content_type,
                content=file.getvalue(),
            )
        )
    return attachments
