"""A paper on its way to a browser or a program."""

from io import BytesIO

from django.http import HttpResponse
from django.utils import translation
from django.utils.http import content_disposition_header

from reporting.papers import drawing
from reporting.papers.form import Form


def drawn(form: Form, *, is_download: bool = False) -> HttpResponse:
    """Answer with the paper."""
    file = BytesIO()
    with translation.override(form.language or translation.get_language()):
        drawing.write(form, file)
    return answer(file.getvalue(), form.file_name, is_download=is_download)


def answer(content: bytes, name: str, *, is_download: bool = False) -> HttpResponse:
    """Answer with a PDF, to be looked at in the browser or kept."""
    response = HttpResponse(content, content_type="application/pdf")
    response["Content-Disposition"] = content_disposition_header(is_download, name) or "inline"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    # What a page may load is no matter of a PDF, and some browsers take it for their own viewer's.
    response._csp_exempt = True  # type: ignore[attr-defined]
    return response
