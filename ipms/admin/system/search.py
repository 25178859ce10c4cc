"""The page of the search over everything, and the list that drops down from its field."""

from django.contrib import admin
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from ipms.admin import finder
from ipms.admin.pages import Page

#: Of one kind.
_IN_THE_LIST, _ON_THE_PAGE = 8, 25
#: From fewer letters too much would be found.
_SHORTEST = 2


@require_GET
@never_cache
def page(request: HttpRequest) -> HttpResponse:
    """Lead straight to the record whose number was typed or scanned, else show what is like it.

    With `all` it shows what there is in any case.
    """
    text = finder.typed(request.GET.get("q", ""))
    sources = admin.site.sources
    if "all" not in request.GET:
        address = finder.address_in(text, request) or finder.only_exact(sources, request, text)
        if address:
            return HttpResponseRedirect(address)
    context = {
        **admin.site.each_context(request),
        "title": _("Search"),
        "text": text,
        "found": finder.find(sources, request, text, limit=_ON_THE_PAGE),
    }
    return TemplateResponse(request, "admin/finder/page.html", context)


@require_GET
@never_cache
def suggestions(request: HttpRequest) -> HttpResponse:
    """Answer the list below the field: a piece of a page."""
    text = finder.typed(request.GET.get("q", ""))
    found = []
    if len(text) >= _SHORTEST:
        found = finder.find(admin.site.sources, request, text, limit=_IN_THE_LIST)
    context = {"text": text, "found": found, "total": sum(len(kind.hits) for kind in found)}
    return TemplateResponse(request, "admin/finder/suggestions.html", context)


admin.site.register_page(Page(name="search", route="search/", view=page))
admin.site.register_page(Page(name="search_suggestions", route="search/suggestions/", view=suggestions))
