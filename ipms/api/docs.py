"""The OpenAPI document and its readable page, served without any foreign host."""

import json
from functools import lru_cache

from django.http import HttpResponse
from django.utils.cache import patch_cache_control
from django.utils.translation import get_language
from django.views.decorators.http import require_safe
from django.views.generic import TemplateView
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import OpenApiYamlRenderer

_YAML = "application/yaml"


@lru_cache(maxsize=16)
def _document(language: str, media_type: str) -> bytes:
    document = SchemaGenerator().get_schema(request=None, public=True)
    if media_type == _YAML:
        return OpenApiYamlRenderer().render(document)
    return json.dumps(document, ensure_ascii=False, default=str).encode()


@require_safe
def schema(request):
    """Answer with the document, as JSON unless YAML is asked for."""
    accepts_yaml = "yaml" in request.headers.get("Accept", "") or request.GET.get("format") == "yaml"
    media_type = _YAML if accepts_yaml else "application/json"
    response = HttpResponse(_document(get_language() or "", media_type), content_type=media_type)
    response["Vary"] = "Accept"
    patch_cache_control(response, public=True, max_age=300)
    return response


class DocsView(TemplateView):
    """Swagger UI, from our own static files; it needs no exception from the Content-Security-Policy."""

    template_name = "api/docs.html"
    http_method_names = ("get", "head")
