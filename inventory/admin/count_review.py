"""The lines of a count, for who reviews them: what differs, the dearest first; asked again, or approved."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Count, Q, QuerySet, Sum
from django.db.models.functions import Abs
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from inventory import counting
from inventory.models import CountLine, CountStatus, Item, StockCount
from ipms import site
from ipms.admin import once
from ipms.admin.display import amount, number
from ipms.admin.panels import Figure
from ipms.errors import DomainError

_PER_PAGE = 100
#: What can be shown, and for the last ones only to who may see what the books say.
_SHOWN = ("differing", "all", "uncounted", "added", "agreeing")
_BY_THE_BOOKS = ("differing", "agreeing")


def page(model_admin: Any, request: HttpRequest, pk: int) -> HttpResponse:
    """Show the lines; POST asks for some to be counted again, or posts the count."""
    count = model_admin.get_queryset(request).filter(pk=pk).first()
    if count is None:
        raise Http404
    if not model_admin.has_view_permission(request, count):
        raise PermissionDenied
    if request.method == "POST":
        if not request.user.has_perm("inventory.approve_stockcount"):
            raise PermissionDenied
        return _decide(model_admin, request, count)
    return _show(model_admin, request, count)


def _decide(model_admin: Any, request: HttpRequest, count: StockCount) -> HttpResponse:
    comment = request.POST.get("comment", "").strip()[:1000]
    chosen = [int(key) for key in request.POST.getlist("line") if key.isdecimal() and len(key) < 19]
    is_recount = "recount" in request.POST

    def act() -> dict[str, Any]:
        if is_recount:
            counting.request_recount(count, chosen, by=request.user, comment=comment)
            return {"told": _("%(count)s: the lines are to be counted again.") % {"count": count}}
        posted = counting.approve(count, by=request.user, comment=comment)
        told = ngettext(
            "%(count)s was posted: %(movements)s movement.",
            "%(count)s was posted: %(movements)s movements.",
            len(posted),
        )
        return {"told": told % {"count": count, "movements": len(posted)}}

    try:
        answer, is_repeat = once.once(
            request, f"inventory.stockcount:{count.pk}:{'recount' if is_recount else 'approve'}", act
        )
    except DomainError as refusal:
        fresh = model_admin.get_queryset(request).get(pk=count.pk)
        return _show(model_admin, request, fresh, refusal=refusal, chosen=chosen)
    messages.success(request, answer["told"])
    if is_repeat:
        messages.info(request, _("The form came twice; it was carried out once."))
    return HttpResponseRedirect(reverse("admin:inventory_stockcount_change", args=[count.pk]))


def _show(
    model_admin: Any,
    request: HttpRequest,
    count: StockCount,
    *,
    refusal: DomainError | None = None,
    chosen: list[int] | None = None,
) -> HttpResponse:
    shows_books = not count.hides_books_from(request.user)
    choices = [name for name in _SHOWN if shows_books or name not in _BY_THE_BOOKS]
    show = request.GET.get("show", "")
    if show not in choices:
        show = choices[0] if count.status in (CountStatus.SUBMITTED, CountStatus.POSTED) else "all"
    lines = count.lines.compared().select_related("item__unit", "location", "lot", "counted_by")
    totals = _totals(lines) if shows_books else {}
    listed = _ordered(_chosen(lines, show), by_value=show == "differing")
    typed = request.GET.get("q", "").strip()[:100]
    if typed:
        listed = _searched(listed, typed)
    paginator = Paginator(listed, _PER_PAGE)
    shown = paginator.get_page(request.GET.get("page"))
    labels = {
        "differing": _("Differences"),
        "all": _("All lines"),
        "uncounted": _("Still to count"),
        "added": _("Found in addition"),
        "agreeing": _("As the books say"),
    }
    is_decided_here = count.status == CountStatus.SUBMITTED and request.user.has_perm(
        "inventory.approve_stockcount"
    )
    base = site.base_currency()
    context = {
        **model_admin.admin_site.each_context(request),
        "opts": model_admin.opts,
        "title": _("Review") if is_decided_here else _("Lines"),
        "count": count,
        "figures": {"figures": _figures(count, totals, base)},
        "page": shown,
        "page_range": paginator.get_elided_page_range(shown.number),
        "total": paginator.count,
        "tabs": [(name, labels[name], name == show) for name in choices],
        "show": show,
        "q": typed,
        "shows_books": shows_books,
        "is_decided_here": is_decided_here,
        "is_own": is_decided_here and _is_own(count, request.user),
        "currency": base,
        "refusal": refusal,
        "chosen": chosen or [],
        "comment": request.POST.get("comment", ""),
        "once_token": once.token_of(request) if refusal else once.new_token(),
    }
    request.current_app = model_admin.admin_site.name
    return TemplateResponse(request, "admin/inventory/count_review.html", context)


def _chosen(lines: QuerySet[CountLine], show: str) -> QuerySet[CountLine]:
    match show:
        case "differing":
            return lines.filter(variance__isnull=False).exclude(variance=0)
        case "agreeing":
            return lines.filter(variance=0)
        case "uncounted":
            return lines.uncounted()
        case "added":
            return lines.filter(is_added=True)
    return lines


def _ordered(lines: QuerySet[CountLine], *, by_value: bool) -> QuerySet[CountLine]:
    if not by_value:
        return lines.order_by("pk")
    # What nobody can value is looked at first.
    return lines.order_by(Abs("worth").desc(nulls_first=True), "pk")


def _searched(lines: QuerySet[CountLine], typed: str) -> QuerySet[CountLine]:
    matching = Item.objects.search(typed).order_by().values("pk")
    return lines.filter(
        Q(item__in=matching) | Q(location__code__icontains=typed) | Q(lot__number__icontains=typed)
    )


def _totals(lines: QuerySet[CountLine]) -> dict[str, Any]:
    return lines.order_by().aggregate(
        differing=Count("pk", filter=Q(variance__isnull=False) & ~Q(variance=0)),
        short=Sum("worth", filter=Q(worth__lt=0)),
        over=Sum("worth", filter=Q(worth__gt=0)),
        net=Sum("worth"),
        unknown=Count("pk", filter=Q(worth__isnull=True, variance__isnull=False) & ~Q(variance=0)),
    )


def _figures(count: StockCount, totals: dict[str, Any], currency: str) -> list[Figure]:
    figures = [
        Figure(
            label=_("Counted"),
            value=f"{number(count.counted_total)} / {number(count.line_total)}",
            hint=_("%(lines)s to be counted again") % {"lines": number(count.recount_total)}
            if count.recount_total
            else "",
        )
    ]
    if not totals:
        return figures
    return [
        *figures,
        Figure(
            label=_("Differences"),
            value=number(totals["differing"]),
            hint=_("%(lines)s without a known value") % {"lines": number(totals["unknown"])}
            if totals["unknown"]
            else "",
        ),
        Figure(
            label=_("Missing, %(currency)s") % {"currency": currency},
            value=amount(totals["short"] or 0, currency),
            tone="bad" if totals["short"] else "",
        ),
        Figure(
            label=_("Found, %(currency)s") % {"currency": currency},
            value=amount(totals["over"] or 0, currency),
        ),
        Figure(
            label=_("Together, %(currency)s") % {"currency": currency},
            value=amount(totals["net"] or 0, currency),
        ),
    ]


def _is_own(count: StockCount, user: Any) -> bool:
    return count.submitted_by_id == user.pk or count.lines.filter(counted_by=user).exists()
