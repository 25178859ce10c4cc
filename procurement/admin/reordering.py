"""The page that says what should be ordered, and makes draft orders of what a buyer chooses."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from inventory.models import Item
from ipms.admin import display, figures, once, pickers
from ipms.admin.pages import Page
from ipms.errors import DomainError, InvalidInput
from procurement import reasons, replenishment
from procurement.replenishment import Suggestion, Wanted
from suppliers.models import Supplier

#: So many suggestions are shown, the most urgent ones.
SHOWN = 300
_NAME = "procurement_reorder_suggestions"
_QUANTITY = pickers.FigureField(max_digits=18, decimal_places=4)


@dataclass(kw_only=True)
class Row:
    """A suggestion as the page shows it, with what was filled in."""

    suggestion: Suggestion
    is_chosen: bool = True
    typed: str = ""
    errors: list[str] = field(default_factory=list)

    @property
    def quantity(self) -> str:
        return self.typed or figures.written(self.suggestion.quantity)

    @property
    def days_left(self) -> int | None:
        left = self.suggestion.days_left
        return None if left is None else int(left)

    @property
    def price(self) -> Any:
        return display.unit_price(self.suggestion.unit_price, self.suggestion.currency or "")

    @property
    def why(self) -> list[str]:
        return [*reasons.sentences(self.suggestion)]

    @property
    def tone(self) -> str:
        """How urgent it is: bad where stock is gone, a warning where it goes before an order can come."""
        left = self.suggestion.days_left
        if self.suggestion.available <= 0 or (left is not None and left < 1):
            return "bad"
        return "warn" if left is not None and left < self.suggestion.lead_time.days.mean else "quiet"


@dataclass(kw_only=True)
class Group:
    """The rows of one supplier; of none where the items were never ordered."""

    supplier: Supplier | None
    rows: list[Row] = field(default_factory=list)

    @property
    def key(self) -> int | None:
        return self.supplier.pk if self.supplier else None


def page(request: HttpRequest) -> HttpResponse:
    """Show the suggestions by supplier; POST makes drafts of the rows that are ticked."""
    if not request.user.has_perm("inventory.view_item"):
        raise PermissionDenied
    if request.method == "POST":
        return _take_up(request)
    return _show(request, errors={})


def _take_up(request: HttpRequest) -> HttpResponse:
    """Make drafts of what was chosen: of one supplier where its own button was pressed."""
    chosen = _chosen(request)
    quantities: dict[int, Decimal | None] = {}
    errors: dict[int, list[str]] = {}
    for pk in chosen:
        try:
            quantities[pk] = _QUANTITY.clean(request.POST.get(f"quantity-{pk}", ""))
        except forms.ValidationError as error:
            errors[pk] = [*error.messages]
    if errors:
        return _show(request, errors=errors)
    items = Item.objects.select_related("unit").in_bulk(chosen)
    wanted = [Wanted(item=items[pk], quantity=quantities[pk]) for pk in chosen if pk in items]

    def act() -> dict[str, Any]:
        made = replenishment.place_draft(wanted, on=timezone.localdate(), by=request.user)
        return {"orders": [[order.pk, order.po_number, order.supplier.name] for order in made]}

    try:
        answer, is_repeat = once.once(request, _NAME, act)
    except InvalidInput as refusal:
        return _refused(request, wanted, refusal)
    except DomainError as refusal:
        messages.error(request, str(refusal))
        return HttpResponseRedirect(_url())
    messages.success(request, _told(answer["orders"]))
    if is_repeat:
        messages.info(request, _("The form came twice; it was carried out once."))
    return HttpResponseRedirect(_url())


def _chosen(request: HttpRequest) -> list[int]:
    group = request.POST.get("supplier", "")
    names = [f"item-{group}"] if group else [name for name in request.POST if name.startswith("item-")]
    keys = [key for name in names for key in request.POST.getlist(name)]
    return [int(key) for key in dict.fromkeys(keys) if key.isdecimal() and len(key) < 19]


def _refused(request: HttpRequest, wanted: Sequence[Wanted], refusal: InvalidInput) -> HttpResponse:
    by_line = refusal.details.get("items", [])
    if not all(isinstance(found, dict) for found in by_line) or len(by_line) != len(wanted):
        messages.error(request, str(refusal))
        return _show(request, errors={})
    errors = {
        line.item.pk: [sentence for sentences in found.values() for sentence in sentences]
        for line, found in zip(wanted, by_line, strict=True)
        if found
    }
    return _show(request, errors=errors)


def _show(request: HttpRequest, *, errors: dict[int, list[str]]) -> HttpResponse:
    found = replenishment.suggestions(on=timezone.localdate())
    is_sent = request.method == "POST"
    chosen = {*_chosen(request)} if is_sent else set()
    groups: dict[int | None, Group] = {}
    for suggestion in found[:SHOWN]:
        pk = suggestion.item.pk
        supplier = suggestion.supplier
        row = Row(
            suggestion=suggestion,
            is_chosen=pk in chosen if is_sent else True,
            typed=request.POST.get(f"quantity-{pk}", "")[:30],
            errors=errors.pop(pk, []),
        )
        key = supplier.pk if supplier else None
        groups.setdefault(key, Group(supplier=supplier)).rows.append(row)
    without = groups.pop(None, None)
    # What is refused and stands on the page no more: somebody else was quicker.
    for sentence in {sentence: None for sentences in errors.values() for sentence in sentences}:
        messages.error(request, sentence)
    context = {
        **admin.site.each_context(request),
        "title": _("Reorder suggestions"),
        "groups": [*groups.values()],
        "without_supplier": without,
        "count": len(found),
        "is_shortened": len(found) > SHOWN,
        "shown": SHOWN,
        "has_errors": any(row.errors for group in groups.values() for row in group.rows),
        "once_token": once.token_of(request) or once.new_token(),
    }
    return TemplateResponse(request, "admin/procurement/reorder_suggestions.html", context)


def _told(orders: Sequence[Sequence[Any]]) -> str:
    links = format_html_join(
        ", ",
        '<a href="{}">{}</a> ({})',
        (
            (reverse("admin:procurement_purchaseorder_change", args=[pk]), number, supplier)
            for pk, number, supplier in orders
        ),
    )
    return format_html("{} {}", _("Draft orders made:"), links)


def _url() -> str:
    return reverse(f"admin:{_NAME}")


admin.site.register_page(
    Page(
        name=_NAME,
        route="procurement/reorder-suggestions/",
        label=gettext_lazy("Reorder suggestions"),
        section="purchasing",
        permission="procurement.add_purchaseorder",
        view=page,
        order=10,
    )
)
