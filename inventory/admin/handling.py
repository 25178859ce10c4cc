"""Issue and transfer: the page on which a storekeeper posts several lines at once, and undoes a slip.

Made for a scanner that types and for a phone in one hand. The script only makes it quicker: without it, Enter
sends the form to be looked at, and each item comes back with its name.
"""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import F, Sum
from django.forms.formsets import BaseFormSet, formset_factory
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse, QueryDict
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from inventory import handling, scanning
from inventory.admin import qr_codes
from inventory.admin.ledger import kind_badge, short_name
from inventory.handling import Line
from inventory.models import Location, MovementKind, StockBalance, StockMovement, Tracking
from inventory.scanning import Scan
from ipms.admin import display, once, pickers, refusals
from ipms.admin.pages import Page
from ipms.errors import DomainError
from ipms.money import plain

#: So many lines are posted at once.
MOST_LINES = 100
#: So many empty rows stand below those that are filled in.
_EMPTY_ROWS = 3
_LAST_POSTED = 20
#: More places than this are typed or scanned, not chosen from a list.
_OFFERED_PLACES = 100
#: A quantity of so many digits is a barcode that was scanned into the wrong field.
_DIGITS_OF_A_BARCODE = 8
_NAME = "inventory_handling"
_TYPED = {"autocomplete": "off", "autocapitalize": "off", "spellcheck": "false"}
_CHOICES = [
    (MovementKind.ISSUE, gettext_lazy("Issue")),
    (MovementKind.TRANSFER, gettext_lazy("Transfer")),
    (MovementKind.RECEIPT, gettext_lazy("Receive")),
    (MovementKind.SCRAP, gettext_lazy("Scrap")),
]


class HeadForm(forms.Form):
    """What holds for all lines: what is done, where, and why."""

    kind = forms.ChoiceField(label=gettext_lazy("What is done"), choices=_CHOICES, widget=forms.RadioSelect)
    location = forms.CharField(
        label=gettext_lazy("Place"),
        max_length=40,
        required=False,
        widget=forms.TextInput(
            attrs={**_TYPED, "list": "places", "placeholder": gettext_lazy("each item's own")}
        ),
    )
    to_location = forms.CharField(
        label=gettext_lazy("To place"),
        max_length=40,
        required=False,
        widget=forms.TextInput(attrs={**_TYPED, "list": "places"}),
    )
    reference = forms.CharField(label=gettext_lazy("Reference"), max_length=100, required=False)
    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=200, required=False)

    def clean_location(self) -> Location | None:
        return _place(self.cleaned_data["location"])

    def clean_to_location(self) -> Location | None:
        if self.cleaned_data.get("kind") != MovementKind.TRANSFER:
            return None
        place = _place(self.cleaned_data["to_location"])
        if place is None:
            raise forms.ValidationError(_("Name the place it goes to."))
        return place


class LineForm(forms.Form):
    """One item with its quantity. `scan` is what its text was found to mean."""

    item = forms.CharField(
        label=gettext_lazy("Item"),
        max_length=200,
        widget=forms.TextInput(attrs={**_TYPED, "enterkeyhint": "next"}),
    )
    quantity = pickers.FigureField(
        label=gettext_lazy("Quantity"),
        initial=1,
        max_digits=18,
        decimal_places=4,
        widget=forms.TextInput(
            attrs={"inputmode": "decimal", "autocomplete": "off", "enterkeyhint": "next", "class": "figure"}
        ),
    )
    lot = forms.CharField(
        label=gettext_lazy("Lot"), max_length=80, required=False, widget=forms.TextInput(attrs=_TYPED)
    )
    expires_on = forms.DateField(label=gettext_lazy("Expires on"), required=False, widget=pickers.DateInput)

    def __init__(self, *args: Any, scan: Scan | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.scan = scan or Scan()

    def has_changed(self) -> bool:
        is_blank = not any(self[name].data for name in self.fields)
        return not is_blank and super().has_changed()

    @property
    def is_plain(self) -> bool:
        """Whether there is nothing to say of a lot."""
        item = self.scan.item
        return item is not None and item.tracking == Tracking.NONE and not self["lot"].value()

    def clean_item(self) -> Any:
        if self.scan.item is None:
            raise forms.ValidationError(_not_found(self.cleaned_data["item"], self.scan))
        return self.scan.item

    def clean_quantity(self) -> Any:
        quantity = self.cleaned_data["quantity"]
        if len(plain(quantity).lstrip("-")) >= _DIGITS_OF_A_BARCODE and quantity == int(quantity):
            raise forms.ValidationError(_("This looks like a barcode: scan it as an item."))
        return quantity


class BaseLines(BaseFormSet):
    def __init__(self, *args: Any, scans: Sequence[Scan] = (), **kwargs: Any) -> None:
        self._scans = scans
        super().__init__(*args, **kwargs)

    def get_form_kwargs(self, index: int | None) -> dict[str, Any]:
        known = index is not None and index < len(self._scans)
        return {**super().get_form_kwargs(index), "scan": self._scans[index] if known else None}


_Lines = formset_factory(
    LineForm, formset=BaseLines, extra=_EMPTY_ROWS, max_num=MOST_LINES, absolute_max=MOST_LINES
)


def page(request: HttpRequest) -> HttpResponse:
    """Show the form; POST posts its lines, looks them up only (`check`), or undoes a movement (`undo`)."""
    if request.method == "POST":
        return _undo(request) if "undo" in request.POST else _take(request)
    if "find" in request.GET:
        return JsonResponse(_tell(request))
    asked = request.GET.get("kind")
    kind = asked if asked in handling.KINDS else MovementKind.ISSUE
    places = {name: request.GET.get(name, "") for name in ("location", "to_location")}
    return _show(request, HeadForm(initial={"kind": kind, **places}), _prefilled(request.GET))


def _prefilled(asked: QueryDict) -> BaseFormSet:
    """Return the lines with the item (and lot) that another page names, to be looked at and posted."""
    typed = asked.get("item", "")[:200]
    if not typed:
        return _Lines(prefix="line")
    line = {"item": typed, "lot": asked.get("lot", "")[:80], "quantity": 1}
    return _Lines(prefix="line", initial=[line], scans=scanning.read([typed]))


def _take(request: HttpRequest) -> HttpResponse:
    data, scans = _read(request.POST)
    head, lines = HeadForm(data), _Lines(data, prefix="line", scans=scans)
    is_valid = all([head.is_valid(), lines.is_valid()])
    if "check" in request.POST:
        return _show(request, head, lines)
    given = refusals.filled_in(lines)
    if is_valid and not given:
        head.add_error(None, _("Scan or type at least one item."))
    if not is_valid or not given:
        return _show(request, head, lines)
    values = head.cleaned_data
    wanted = [Line(**form.cleaned_data) for form in given]

    def act() -> dict[str, Any]:
        return {"movements": len(_post(values, wanted, by=request.user)), "lines": len(wanted)}

    try:
        answer, is_repeat = once.once(request, _NAME, act)
    except once.AlreadySent:
        head.add_error(None, _("These lines were posted before, with other values: see below."))
        head.add_error(None, _("Press Post again only if these are to be posted as well."))
        return _show(request, head, lines, once_token=once.new_token())
    except DomainError as refusal:
        refusals.add_to_form(head, refusal, elsewhere=["lines"])
        refusals.add_to_line_forms(given, refusal.details.get("lines"))
        return _show(request, head, lines)
    done = ngettext(
        "%(kind)s: %(count)d line was posted.", "%(kind)s: %(count)d lines were posted.", answer["lines"]
    )
    kind = MovementKind(values["kind"])
    messages.success(request, done % {"count": answer["lines"], "kind": kind.label})
    if is_repeat:
        messages.info(request, _("The form came twice; it was carried out once."))
    kept = {name: place.code for name in ("location", "to_location") if (place := values[name])}
    store = request.POST.get("store", "")[:300]
    return HttpResponseRedirect(_url(kind=str(kind), **kept, posted=store or "1"))


def _post(values: dict[str, Any], lines: Sequence[Line], *, by: Any) -> list[StockMovement]:
    how = {name: values[name] for name in ("location", "reason", "reference")}
    match values["kind"]:
        case MovementKind.TRANSFER:
            return handling.transfer(lines, to_location=values["to_location"], by=by, **how)
        case MovementKind.RECEIPT:
            return handling.receive(lines, by=by, **how)
        case kind:
            return handling.issue(lines, by=by, kind=MovementKind(kind), **how)


def _undo(request: HttpRequest) -> HttpResponse:
    key = request.POST["undo"]
    movements = StockMovement.objects.select_related("item", "lot", "from_location", "to_location")
    movement = movements.filter(pk=key).first() if key.isdecimal() and len(key) < 19 else None
    reason = request.POST.get("reason", "").strip()[:200] or _("Entered by mistake")
    if movement is None:
        messages.error(request, _("This movement does not exist."))
        return HttpResponseRedirect(_back(request))

    def act() -> dict[str, Any]:
        return {"reversal": handling.undo(movement, by=request.user, at=timezone.now(), reason=reason).pk}

    try:
        once.once(request, f"{_NAME}:undo:{movement.pk}", act)
    except DomainError as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("%(item)s: undone.") % {"item": movement.item})
    return HttpResponseRedirect(_back(request))


def _read(sent: QueryDict) -> tuple[QueryDict, list[Scan]]:
    """Return what was sent with each item by its SKU and what its symbol says, and what was found."""
    data = sent.copy()
    total = sent.get("line-TOTAL_FORMS", "")
    count = min(int(total), MOST_LINES) if total.isdecimal() and len(total) < 5 else 0
    scans = scanning.read(
        qr_codes.opened([sent.get(f"line-{index}-item", "")[:200] for index in range(count)])
    )
    for index, scan in enumerate(scans):
        if scan.item is None:
            continue
        data[f"line-{index}-item"] = scan.item.sku
        if scan.item.tracking != Tracking.NONE:
            told = {"lot": scan.lot, "expires_on": scan.expires_on.isoformat() if scan.expires_on else ""}
            for name, value in told.items():
                if value and not sent.get(f"line-{index}-{name}", "").strip():
                    data[f"line-{index}-{name}"] = value
    filled = [index for index in range(count) if data.get(f"line-{index}-item", "").strip()]
    total_forms = min(max([count, *(index + 2 for index in filled)]), MOST_LINES)
    for index in range(count, total_forms):
        data[f"line-{index}-quantity"] = "1"
    data["line-TOTAL_FORMS"] = str(total_forms)
    return data, scans


def _tell(request: HttpRequest) -> dict[str, Any]:
    """Tell the script what a text means, and what of it is available at the place."""
    typed = request.GET["find"][:200]
    (scan,) = scanning.read(qr_codes.opened([typed]))
    # A word may be short for the only item that has it; a number that is not quite right is another number.
    is_word = not any(letter.isdigit() for letter in typed)
    item = scan.item or (scan.alike[0] if len(scan.alike) == 1 and is_word else None)
    if item is None:
        choices = [{"sku": item.sku, "name": item.name} for item in scan.alike]
        return {"error": _("Which one?") if choices else _not_found(typed, scan), "choices": choices}
    balances = StockBalance.objects.filter(item=item)
    place = request.GET.get("place", "").strip() or (item.location.code if item.location else "")
    if place:
        balances = balances.filter(location__code__iexact=place)
    free = balances.aggregate(free=Sum(F("on_hand") - F("reserved")))["free"]
    is_tracked = item.tracking != Tracking.NONE
    return {
        "sku": item.sku,
        "name": item.name,
        "lot": scan.lot if is_tracked else "",
        "expires_on": scan.expires_on.isoformat() if is_tracked and scan.expires_on else "",
        "is_tracked": is_tracked,
        "is_single": item.tracking == Tracking.SERIAL,
        "stands": _("%(quantity)s %(unit)s available")
        % {"quantity": display.number(free or 0), "unit": item.unit_id},
    }


def _show(
    request: HttpRequest, head: HeadForm, lines: BaseFormSet, *, once_token: str | None = None
) -> HttpResponse:
    now = timezone.now()
    last = StockMovement.objects.filter(actor=request.user, posted_at__gt=now - handling.UNDO_WITHIN)
    last = last.exclude(kind=MovementKind.REVERSAL).select_related(
        "item", "lot", "from_location", "to_location", "reversed_by"
    )
    places = Location.objects.real().filter(is_active=True)[: _OFFERED_PLACES + 1]
    context = {
        **admin.site.each_context(request),
        "title": _("Issue and transfer"),
        "head": head,
        "lines": lines,
        "most_lines": MOST_LINES,
        "has_errors": request.method == "POST"
        and "check" not in request.POST
        and bool(head.errors or any(lines.errors)),
        "places": places if len(places) <= _OFFERED_PLACES else (),
        "last": [
            {
                "movement": movement,
                "kind": kind_badge(movement),
                "way": display.way(short_name(movement.from_location), short_name(movement.to_location)),
                "is_reversed": hasattr(movement, "reversed_by"),
                "can_be_undone": handling.can_be_undone(movement, by=request.user, at=now),
            }
            for movement in last.order_by("-pk")[:_LAST_POSTED]
        ],
        # Lines that were begun from another page are kept apart from those of this page alone.
        "store": request.POST.get("store", "")[:300] or _store(request.GET),
        "is_prefilled": request.method == "GET" and bool(request.GET.get("item")),
        "posted": request.GET.get("posted", ""),
        "once_token": once_token
        or (once.token_of(request) if request.method == "POST" else None)
        or once.new_token(),
    }
    return TemplateResponse(request, "admin/inventory/handling.html", context)


def _store(asked: QueryDict) -> str:
    return "|".join(asked.get(name, "") for name in ("item", "lot", "location")) if asked.get("item") else ""


def _place(typed: str) -> Location | None:
    if not typed.strip():
        return None
    place = Location.objects.real().filter(code__iexact=typed.strip(), is_active=True).first()
    if place is None:
        raise forms.ValidationError(_("There is no place “%(code)s”.") % {"code": typed.strip()})
    return place


def _not_found(typed: str, scan: Scan) -> str:
    if not scan.alike:
        return _("No item is known as “%(typed)s”.") % {"typed": typed}
    names = ", ".join(str(item) for item in scan.alike)
    return _("Which one? %(items)s") % {"items": names}


def _back(request: HttpRequest) -> str:
    kept = {name: request.POST.get(name, "")[:40] for name in ("kind", "location", "to_location")}
    return _url(**{name: value for name, value in kept.items() if value})


def _url(**query: str) -> str:
    return reverse(f"admin:{_NAME}", query=query or None)


admin.site.register_page(
    Page(
        name=_NAME,
        route="inventory/issue-and-transfer/",
        label=gettext_lazy("Issue and transfer"),
        section="stores",
        permission="inventory.move_stock",
        view=page,
        order=10,
        beside=("inventory.stockmovement",),
        button=gettext_lazy("Issue and transfer"),
    )
)
