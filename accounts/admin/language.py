"""The choice of a language, at the door and in the person's own menu."""

from django.conf import settings
from django.contrib import admin
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from accounts import languages
from ipms.admin.pages import Page


@require_POST
def choose(request: HttpRequest) -> HttpResponse:
    """Keep the choice and go back to the page that it was made on."""
    back = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(back, {request.get_host()}, require_https=request.is_secure()):
        back = reverse("admin:index")
    response = HttpResponseRedirect(back)
    language = request.POST.get("language", "")
    if not languages.is_known(language):
        return response
    languages.put_cookie(response, language)
    if request.user.is_authenticated:
        languages.keep(request.user, language)
    else:
        response.set_cookie(
            languages.CHOSEN_COOKIE,
            language,
            max_age=languages.CHOSEN_SECONDS,
            httponly=True,
            samesite="Lax",
            secure=settings.SESSION_COOKIE_SECURE,
        )
    return response


admin.site.register_page(Page(name="language", route="language/", view=choose, is_open=True))
