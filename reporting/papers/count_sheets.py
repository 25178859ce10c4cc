"""The sheet with which people go along the shelves: blind, or with what the books say."""

from collections.abc import Iterator
from typing import Any

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from inventory import count_scope
from inventory.models import CountStatus, StockCount
from ipms import mail
from ipms.money import plain
from reporting.files.cells import Reader
from reporting.papers.form import Form, Signature
from reporting.tables import Column, Row, Table

#: Where a figure is written by hand.
_TO_WRITE = "_" * 12
_ROWS_AT_ONCE = 2000


def form(count: StockCount, *, is_blind: bool) -> Form:
    """Return the sheet of a count, its lines in the order in which one walks, by one query.

    With `is_blind` it does not say what the books say, else as they stood when the count was started. What
    has been counted already is printed.
    """
    reader = Reader("")
    facts = [
        (_("Number"), count.number),
        (_("Scope"), count_scope.in_words(count)),
        (_("Started"), reader.moment(count.started_at)),
        (_("Made by"), str(count.made_by)),
    ]
    return Form(
        name="count-sheet",
        title=_("Count sheet"),
        number=count.number,
        url=mail.absolute(reverse("admin:inventory_stockcount_change", args=[count.pk])),
        notice=_("This count was cancelled.") if count.status == CountStatus.CANCELLED else "",
        facts=facts,
        lines=_lines(count, is_blind=is_blind),
        notes=count.notes,
        signatures=[
            Signature(_("Counted by")),
            Signature(_("Submitted by"), *_signed(reader, count.submitted_by, count.submitted_at)),
            Signature(_("Approved by"), *_signed(reader, count.approved_by, count.approved_at)),
        ],
    )


def _lines(count: StockCount, *, is_blind: bool) -> Table:
    has_lots = count.lines.filter(lot__isnull=False).exists()
    return Table(
        "lines",
        _("Lines"),
        [
            Column("number", _("No."), "integer"),
            Column("place", _("Place"), "code"),
            Column("item", _("Item")),
            Column("lot", _("Lot"), is_printed=has_lots),
            Column("book_quantity", _("By the books"), "quantity", is_printed=not is_blind),
            Column("counted", _("Counted"), "code"),
            Column("unit", _("Unit"), "code"),
            Column("remark", _("Remark")),
        ],
        _rows(count, is_blind=is_blind),
    )


def _rows(count: StockCount, *, is_blind: bool) -> Iterator[Row]:
    lines = count.lines.select_related("item", "location", "lot").order_by("pk")
    for number, line in enumerate(lines.iterator(chunk_size=_ROWS_AT_ONCE), 1):
        expiry = ""
        if line.lot and line.lot.expires_on:
            expiry = "\n" + _("until %(date)s") % {
                "date": date_format(line.lot.expires_on, "SHORT_DATE_FORMAT")
            }
        figure = None if line.needs_recount else line.counted_quantity
        row: dict[str, Any] = {
            "number": number,
            "place": line.location.code,
            # Two lines, so that there is room to write beside them.
            "item": f"{line.item.name}\n{line.item.sku}",
            "lot": f"{line.lot.number}{expiry}" if line.lot else "",
            "counted": _TO_WRITE if figure is None else plain(figure),
            "unit": line.item.unit_id,
            "remark": line.reason or _TO_WRITE,
        }
        if not is_blind:
            row["book_quantity"] = line.book_quantity
        yield row


def _signed(reader: Reader, person: Any, at: Any) -> tuple[str, str]:
    return (str(person), reader.moment(at)) if person else ("", "")
