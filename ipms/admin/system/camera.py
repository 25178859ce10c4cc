"""The server's part of scanning with a telephone: it reads the photo where the browser cannot.

Any field gets a camera by a button, on a page that has `{% include "admin/includes/camera.html" %}` once:

    {% include "admin/includes/camera_button.html" with field="find-item" %}

static/ipms/camera.js then does what a scanner does: it types the code into the field, and presses Enter.
"""

from django.contrib import admin
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, JsonResponse
from django.utils.translation import gettext as _

from ipms import photos
from ipms.admin.pages import Page
from ipms.errors import InvalidInput

#: A photo is made smaller before it is sent; what is so large was not.
MOST_BYTES = 4 * 1024 * 1024


def read_photo(request: HttpRequest) -> HttpResponse:
    """Answer the codes in the photo that is the body of a POST; it is read in memory and forgotten."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    declared = request.META.get("CONTENT_LENGTH") or ""
    if declared.isdecimal() and int(declared) > MOST_BYTES:
        return JsonResponse({"error": _("The photo is too large.")}, status=413)
    try:
        return JsonResponse({"codes": photos.codes_in(request.body)})
    except InvalidInput as refusal:
        (sentences,) = refusal.details.values()
        return JsonResponse({"error": " ".join(map(str, sentences))}, status=400)


admin.site.register_page(Page(name="camera", route="camera/", view=read_photo))
