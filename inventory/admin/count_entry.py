"""The page on which people count: scan or type, enter the figure, next. Made for a phone in one hand."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from inventory import count_entry, counting, gs1
from inventory.count_entry import Figure
from inventory.models import CountLine, Item, Location, StockCount, Tracking
from ipms.admin import once, pickers, refusals
from ipms.errors import DomainError, InvalidInput
from ipms.money import plain

#: So many lines are offered, of what was looked for and of what is still to count.
_OFFERED = 30
_LAST_ENTERED = 8
#: A figure of so many digits may be a barcode that was scanned into the wrong field.
_DIGITS_OF_A_BARCODE = 8
#: A figure that could not be sent is sent again for so long.
_LONGEST_WAIT = timedelta(days=2)


class EntryForm(forms.Form):
    """One figure. Where the count has no line for it yet, with its place and lot."""

    counted = pickers.FigureField(
        label=gettext_lazy("Counted"),
        min_value=0,
        max_digits=18,
        decimal_places=4,
        widget=forms.TextInput(
            attrs={"inputmode": "decimal", "autocomplete": "off", "enterkeyhint": "done", "class": "figure"}
        ),
    )
    location = forms.CharField(label=gettext_lazy("Place"), max_length=40, required=False)
    lot = forms.CharField(label=gettext_lazy("Lot"), max_length=80, required=False)
    expires_on = forms.DateField(label=gettext_lazy("Expires on"), required=False, widget=pickers.DateInput)
    reason = forms.CharField(label=gettext_lazy("Remark"), max_length=200, required=False)
    #: Seconds since the figure was first sent, where the first attempt found no connection.
    age = forms.IntegerField(required=False, min_value=0, widget=forms.HiddenInput)

    def __init__(self, *args: Any, target: "Target", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if target.line is not None:
            for name in ("location", "lot", "expires_on"):
                del self.fields[name]
        elif target.item.tracking == Tracking.NONE:
            del self.fields["lot"], self.fields["expires_on"]

    def clean_counted(self):
        typed = self.data.get("counted", "").strip()
        if len(typed) >= _DIGITS_OF_A_BARCODE and Item.objects.named(typed).exists():
            raise forms.ValidationError(_("This is a barcode: scan it in the field above."))
        return self.cleaned_data["counted"]

    def clean_location(self) -> Location | None:
        typed = self.cleaned_data["location"].strip()
        if not typed:
            return None
        location = Location.objects.real().filter(code__iexact=typed).first()
        if location is None:
            raise forms.ValidationError(_("There is no place “%(code)s”.") % {"code": typed})
        return location


@dataclass(kw_only=True)
class Target:
    """What the next figure is for: a line of the count, or an item that it has no line for yet."""

    item: Item
    line: CountLine | None = None
    #: What a label says of a lot that is not on the list.
    lot: str = ""
    expires_on: date | None = None


@dataclass(kw_only=True)
class Found:
    """What was typed or scanned, and what it may mean."""

    typed: str = ""
    lines: Sequence[CountLine] = ()
    #: What was scanned is known, but not on the list.
    addition: Target | None = None
    #: On the list at several places; it may have been found at another one.
    item_of_lines: Item | None = None
    is_cut: bool = False


def page(model_admin: Any, request: HttpRequest, pk: int) -> HttpResponse:
    """Show what is asked next; POST keeps one figure."""
    count = model_admin.get_queryset(request).filter(pk=pk).first()
    if count is None:
        raise Http404
    if not request.user.has_perm("inventory.change_stockcount"):
        raise PermissionDenied
    if request.method == "POST":
        return _enter(model_admin, request, count)
    return _show(model_admin, request, count)


def _enter(model_admin: Any, request: HttpRequest, count: StockCount) -> HttpResponse:
    target = _target(count, request.POST)
    if target is None:
        return HttpResponseRedirect(_url(count))
    form = EntryForm(request.POST, target=target)
    if not form.is_valid():
        return _show(model_admin, request, count, target=target, form=form)
    figure = _figure(count, target, form.cleaned_data, is_first="first" in request.POST)

    def act() -> dict[str, Any]:
        (line,) = count_entry.enter(count, [figure], by=request.user)
        return {"line": line.pk}

    try:
        answer, _is_repeat = once.once(request, f"inventory.stockcount:{count.pk}:enter", act)
    except InvalidInput as refusal:
        _tell(form, refusal)
        return _show(model_admin, request, count, target=target, form=form)
    except DomainError as refusal:
        form.add_error(None, str(refusal))
        return _show(model_admin, request, count, target=target, form=form)
    query = f"?done={answer['line']}"
    if request.POST.get("walk") and (following := _following(count, answer["line"])):
        query = f"{query}&line={following}&walk=1"
    if _is_fetched(request):
        request.GET = QueryDict(query.removeprefix("?"))
        return _show(model_admin, request, model_admin.get_queryset(request).get(pk=count.pk))
    return HttpResponseRedirect(_url(count) + query)


def _figure(count: StockCount, target: Target, values: dict[str, Any], *, is_first: bool) -> Figure:
    at = None
    if values["age"]:
        at = max(counting.now() - min(timedelta(seconds=values["age"]), _LONGEST_WAIT), count.started_at)
        if target.line is not None and target.line.counted_at and target.line.counted_at > at:
            at = None  # somebody counted it meanwhile: the figure stands against theirs as any other
    if target.line is not None:
        return Figure(
            line=target.line,
            counted=values["counted"],
            reason=values["reason"] or None,
            at=at,
            is_first=is_first,
        )
    return Figure(
        item=target.item,
        location=values["location"],
        lot=values.get("lot", "").strip(),
        expires_on=values.get("expires_on"),
        counted=values["counted"],
        reason=values["reason"] or None,
        at=at,
    )


def _tell(form: EntryForm, refusal: InvalidInput) -> None:
    told = refusal.details.get("lines") or [refusal.details]
    refusals.add_to_line_forms([form], told)


def _show(
    model_admin: Any,
    request: HttpRequest,
    count: StockCount,
    *,
    target: Target | None = None,
    form: EntryForm | None = None,
) -> HttpResponse:
    found = Found()
    is_walk = bool((request.POST if form else request.GET).get("walk"))
    if target is None and count.is_countable:
        target = _target(count, request.GET)
        if target is None and (typed := request.GET.get("q", "").strip()):
            found = _find(count, typed)
            target = found.addition
            if target is None and len(found.lines) == 1:
                target = Target(item=found.lines[0].item, line=found.lines[0])
        if target is not None:
            form = EntryForm(target=target, initial=_initial(count, target))
    lines = count.lines.select_related("item__unit", "location", "lot")
    last = lines.filter(counted_by=request.user, counted_at__isnull=False).order_by("-counted_at")
    context = {
        "count": count,
        "opts": model_admin.opts,
        "title": _("Count"),
        "found": found,
        "target": target if form else None,
        "form": form,
        "is_walk": is_walk,
        "is_refused": bool(form and form.errors),
        "shows_books": not count.hides_books_from(request.user),
        "left": list(lines.uncounted()[:_OFFERED]) if count.is_countable else [],
        "left_total": count.line_total - count.counted_total,
        "last": list(last[:_LAST_ENTERED]),
        "done": request.GET.get("done", ""),
        "once_token": once.token_of(request) if form and form.errors else once.new_token(),
    }
    if _is_fetched(request):
        return TemplateResponse(request, "admin/inventory/count_entry_body.html", context)
    context |= model_admin.admin_site.each_context(request)
    request.current_app = model_admin.admin_site.name
    return TemplateResponse(request, "admin/inventory/count_entry.html", context)


def _target(count: StockCount, sent: Any) -> Target | None:
    """Return what an address or a form names: a line of the count, or an item to add."""
    if (key := _key(sent.get("line"))) is not None:
        line = count.lines.select_related("item__unit", "location", "lot").filter(pk=key).first()
        return Target(item=line.item, line=line) if line else None
    if (key := _key(sent.get("item"))) is not None:
        item = Item.objects.active().select_related("unit", "location").filter(pk=key).first()
        return Target(item=item) if item else None
    return None


def _key(text: str | None) -> int | None:
    return int(text) if text and text.isdecimal() and len(text) < 19 else None


def _initial(count: StockCount, target: Target) -> dict[str, Any]:
    if target.line is not None:
        counted = target.line.counted_quantity
        return {"reason": target.line.reason, "counted": "" if counted is None else plain(counted)}
    place = target.item.location or count.location
    return {
        "location": place.code if place else "",
        "lot": target.lot,
        "expires_on": target.expires_on,
    }


def _find(count: StockCount, typed: str) -> Found:
    """Return the lines that a scan or a few words may mean: an item, a lot or a place by its very name first.

    An item that is known but not on the list is offered to be added.
    """
    lines = count.lines.select_related("item__unit", "location", "lot")
    items = list(Item.objects.select_related("unit", "location").named(typed)[:2])
    if len(items) == 1:
        label = gs1.parse(typed)
        of_item = lines.filter(item=items[0])
        if lot := label.get(gs1.LOT, ""):
            of_item = of_item.filter(lot__number__iexact=lot)
        if found := list(of_item.order_by("counted_at", "pk")[: _OFFERED + 1]):
            return _cut(typed, found, item=items[0])
        if not items[0].is_active:
            return Found(typed=typed)
        expires_on = gs1.expiry(label.get(gs1.EXPIRY, ""))
        return Found(typed=typed, addition=Target(item=items[0], lot=lot, expires_on=expires_on))
    for condition in (Q(lot__number__iexact=typed), Q(location__code__iexact=typed)):
        if found := list(lines.filter(condition).order_by("counted_at", "pk")[: _OFFERED + 1]):
            return _cut(typed, found)
    matching = Item.objects.search(typed).order_by().values("pk")
    return _cut(typed, list(lines.filter(item__in=matching)[: _OFFERED + 1]))


def _cut(typed: str, lines: list[CountLine], item: Item | None = None) -> Found:
    return Found(typed=typed, lines=lines[:_OFFERED], item_of_lines=item, is_cut=len(lines) > _OFFERED)


def _following(count: StockCount, done: int) -> int | None:
    """Return the line to walk to: the next that is not counted, at the end the first that was left out."""
    left = count.lines.uncounted().values_list("pk", flat=True)
    return left.filter(pk__gt=done).first() or left.first()


def _is_fetched(request: HttpRequest) -> bool:
    return request.headers.get("X-Requested-With") == "fetch"


def _url(count: StockCount) -> str:
    return reverse("admin:inventory_stockcount_enter", args=[count.pk])
