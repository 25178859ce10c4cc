"""What is filled in when an order is received: the delivery, and what came of each line."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time
from decimal import Decimal
from typing import Any

from django import forms
from django.db.models.functions import Lower
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from inventory import scanning
from inventory.models import Location, Tracking
from ipms.admin import pickers
from ipms.errors import DomainError
from ipms.money import plain
from procurement.errors import OverReceipt
from procurement.models import PurchaseOrder, PurchaseOrderLine
from procurement.receiving import Arrival

#: In so many lots or places one line may come at once.
MOST_PARTS = 100
_TYPED = {"autocomplete": "off", "autocapitalize": "off", "spellcheck": "false"}
_ONE = Decimal(1)


class HeadForm(forms.Form):
    """What holds for the whole delivery."""

    reference = forms.CharField(
        label=gettext_lazy("Delivery note"),
        required=False,
        max_length=100,
        help_text=gettext_lazy("Its number, or a remark."),
        widget=forms.TextInput(attrs=_TYPED),
    )
    received_on = forms.DateField(label=gettext_lazy("Received on"), widget=pickers.DateInput)

    def clean_received_on(self) -> Any:
        day = self.cleaned_data["received_on"]
        if day > timezone.localdate():
            raise forms.ValidationError(_("This is in the future."))
        return day

    @property
    def occurred_at(self) -> datetime | None:
        """The middle of a day gone by; None for now."""
        day = self.cleaned_data["received_on"]
        if day == timezone.localdate():
            return None
        return timezone.make_aware(datetime.combine(day, time(12)))


class PartForm(forms.Form):
    """What came of one line: all of it, or what belongs to one lot or one place."""

    quantity = pickers.FigureField(
        label=gettext_lazy("Quantity"),
        required=False,
        max_digits=18,
        decimal_places=4,
        widget=forms.TextInput(attrs={**_TYPED, "inputmode": "decimal", "class": "figure"}),
    )
    serials = forms.CharField(
        label=gettext_lazy("Serial numbers, one on each line"),
        required=False,
        widget=forms.Textarea(attrs={**_TYPED, "rows": 3}),
    )
    lot = forms.CharField(
        label=gettext_lazy("Lot"), required=False, max_length=80, widget=forms.TextInput(attrs=_TYPED)
    )
    expires_on = forms.DateField(label=gettext_lazy("Expires on"), required=False, widget=pickers.DateInput)
    location = forms.CharField(
        label=gettext_lazy("Place"),
        required=False,
        max_length=40,
        widget=forms.TextInput(attrs={**_TYPED, "list": "places"}),
    )

    def __init__(
        self, *args: Any, line: PurchaseOrderLine, places: dict[str, Location], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.line = line
        self._places = places
        for name in _WITHOUT[Tracking(line.item.tracking)]:
            del self.fields[name]

    def clean_location(self) -> Location | None:
        typed = self.cleaned_data["location"].strip()
        if not typed:
            return None
        if typed.lower() not in self._places:
            raise forms.ValidationError(_("There is no place “%(code)s”.") % {"code": typed})
        return self._places[typed.lower()]

    def arrivals(self) -> list[Arrival]:
        """Return what came; a piece with a serial number is an arrival of its own."""
        values = self.cleaned_data
        how = {"line_id": self.line.pk, "location": values.get("location")}
        if "serials" in self.fields:
            expires_on = values.get("expires_on")
            numbers = [number.strip() for number in values["serials"].splitlines() if number.strip()]
            return [Arrival(quantity=_ONE, lot=lot, expires_on=expires_on, **how) for lot in numbers]
        if values.get("quantity") is None:
            return []
        lot, expires_on = values.get("lot", ""), values.get("expires_on")
        return [Arrival(quantity=values["quantity"], lot=lot, expires_on=expires_on, **how)]


#: The fields that say nothing of an item, by how it is tracked.
_WITHOUT = {
    Tracking.NONE: ("serials", "lot", "expires_on"),
    Tracking.LOT: ("serials",),
    Tracking.SERIAL: ("quantity", "lot"),
}


@dataclass(kw_only=True)
class Row:
    """A line of the order with what was filled in for it."""

    line: PurchaseOrderLine
    parts: list[PartForm] = field(default_factory=list)

    @property
    def is_serial(self) -> bool:
        return self.line.item.tracking == Tracking.SERIAL

    @property
    def is_lot(self) -> bool:
        return self.line.item.tracking == Tracking.LOT

    @property
    def outstanding(self) -> str:
        return plain(self.line.outstanding_quantity)

    @property
    def has_errors(self) -> bool:
        return any(part.is_bound and part.errors for part in self.parts)


class Sheet:
    """The page as it is filled in: proposed, looked at again, or posted (then with its errors)."""

    def __init__(self, order: PurchaseOrder, sent: QueryDict | None = None, *, is_posted: bool = False):
        self.order = order
        self._sent = sent
        self._is_posted = is_posted
        initial = {"received_on": timezone.localdate()}
        if sent is not None:
            initial |= {name: sent.get(name, "") for name in HeadForm.base_fields}
        self.head = HeadForm(sent) if is_posted else HeadForm(initial=initial)
        lines = order.lines.select_related("item__unit", "item__location").order_by("number")
        lines = [line for line in lines if line.outstanding_quantity or self._is_typed(line)]
        self._default = order.deliver_to
        self._places = _places(sent)
        self.rows = [Row(line=line, parts=[*self._parts(line)]) for line in lines]

    def is_valid(self) -> bool:
        # Not `all(generator)`: every line shows what is wrong with it.
        return all([self.head.is_valid(), *(part.is_valid() for part in self._all_parts())])

    @property
    def has_errors(self) -> bool:
        return self._is_posted and bool(self.head.errors or any(row.has_errors for row in self.rows))

    def arrivals(self) -> list[Arrival]:
        return [arrival for part in self._all_parts() for arrival in part.arrivals()]

    def refuse(self, refusal: DomainError) -> None:
        """Show what the domain refused beside what it is about, of all lines at once."""
        problems = refusal.lines if isinstance(refusal, OverReceipt) else refusal.details.get("lines")
        given = [(part, arrival) for part in self._all_parts() for arrival in part.arrivals()]
        if not problems or not all(isinstance(problem, dict) for problem in problems):
            for sentence in problems or [str(refusal)]:
                self.head.add_error(None, sentence)
            return
        for (part, arrival), problem in zip(given, problems, strict=False):
            for name, sentences in problem.items():
                if name == "occurred_at":
                    self.head.add_error("received_on", sentences)
                elif "serials" in part.fields and name in ("lot", "quantity"):
                    for sentence in sentences:
                        part.add_error("serials", f"{arrival.lot}: {sentence}")
                else:
                    for sentence in sentences:
                        part.add_error(name if name in part.fields else None, sentence)

    def fill(self, how: str) -> None:
        """Propose all that is outstanding, or nothing."""
        for row in self.rows:
            for place, part in enumerate(row.parts):
                part.initial["quantity"] = row.outstanding if how == "all" and not place else ""

    def add_part(self, key: str) -> PartForm | None:
        """Give a line one more lot or place, with what is left of it."""
        row = next((row for row in self.rows if str(row.line.pk) == key), None)
        if row is None or len(row.parts) >= MOST_PARTS or row.is_serial:
            return None
        place = row.parts[0].initial.get("location", "")
        initial = {"quantity": self._left(row), "location": place}
        row.parts.append(self._part(row.line, len(row.parts), initial=initial))
        return row.parts[-1]

    def take(self, scan: scanning.Scan) -> PartForm | None:
        """Fill in what a scan says of a line; return the part that it belongs to."""
        found = [row for row in self.rows if scan.item and row.line.item_id == scan.item.pk]
        row = next((row for row in found if row.line.outstanding_quantity), found[0] if found else None)
        if row is None:
            return None
        if row.is_serial and scan.lot:
            typed = str(row.parts[0].initial.get("serials", ""))
            numbers = [*typed.split(), scan.lot]
            row.parts[0].initial["serials"] = "\n".join(dict.fromkeys(numbers))
        if not row.is_lot or not scan.lot:
            return row.parts[0]
        same = next((part for part in row.parts if _lot_of(part) == scan.lot.lower()), None)
        part = same or next((part for part in row.parts if not _lot_of(part)), None)
        part = part or self.add_part(str(row.line.pk)) or row.parts[-1]
        part.initial["lot"] = scan.lot
        if scan.expires_on:
            part.initial["expires_on"] = scan.expires_on
        return part

    def _all_parts(self) -> Iterator[PartForm]:
        return (part for row in self.rows for part in row.parts)

    def _is_typed(self, line: PurchaseOrderLine) -> bool:
        names = (f"line-{line.pk}-quantity", f"line-{line.pk}-serials")
        return self._sent is not None and any(self._sent.get(name, "").strip() for name in names)

    def _parts(self, line: PurchaseOrderLine) -> Iterator[PartForm]:
        if self._sent is None:
            place = self._default or line.item.location
            initial = {
                "quantity": plain(line.outstanding_quantity),
                "location": place.code if place and place.is_active else "",
            }
            yield self._part(line, 0, initial=initial)
            return
        for number in range(MOST_PARTS):
            prefix = _prefix(line, number)
            if number and f"{prefix}-quantity" not in self._sent:
                return
            if self._is_posted:
                yield self._part(line, number, data=self._sent)
            else:
                names = PartForm.base_fields
                initial = {name: self._sent.get(f"{prefix}-{name}", "") for name in names}
                yield self._part(line, number, initial=initial)

    def _part(self, line: PurchaseOrderLine, number: int, **how: Any) -> PartForm:
        part = PartForm(**how, prefix=_prefix(line, number), line=line, places=self._places)
        for name in part.fields:
            # On a wide screen the names of the fields stand above the list.
            label = f"{part.fields[name].label}, {line.item.name}"
            part.fields[name].widget.attrs["aria-label"] = label
        return part

    def _left(self, row: Row) -> str:
        """Return what is outstanding of a line less what its parts say; empty for nothing."""
        left = row.line.outstanding_quantity
        for part in row.parts:
            try:
                left -= part.fields["quantity"].clean(part.initial.get("quantity")) or 0
            except forms.ValidationError:
                return ""
        return plain(left) if left > 0 else ""


def _places(sent: QueryDict | None) -> dict[str, Location]:
    """Return the places whose codes were typed, by their code in small letters."""
    if sent is None:
        return {}
    typed = {value.strip().lower() for name, value in sent.items() if name.endswith("-location")} - {""}
    found: Sequence[Location] = list(
        Location.objects.real().alias(low=Lower("code")).filter(low__in=typed, is_active=True)
    )
    return {place.code.lower(): place for place in found}


def _prefix(line: PurchaseOrderLine, number: int) -> str:
    return f"line-{line.pk}-{number + 1}" if number else f"line-{line.pk}"


def _lot_of(part: PartForm) -> str:
    return str(part.initial.get("lot") or "").strip().lower()
