"""Lists by page, and feeds by cursor."""

import base64
import binascii
import math
import re
from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.pagination import BasePagination
from rest_framework.response import Response

_PER_PAGE = 20
_PER_PAGE_MOST = 200


def _integer(request, name: str, default: int) -> int:
    text = request.query_params.get(name)
    if text is None:
        return default
    if not re.fullmatch(r"-?[0-9]{1,30}", text, re.ASCII):
        raise ValidationError({name: [_("A whole number is needed.")]})
    return int(text)


def _per_page(request) -> int:
    wanted = _integer(request, "per_page", _PER_PAGE)
    if not 1 <= wanted <= _PER_PAGE_MOST:
        raise ValidationError({"per_page": [_("Between 1 and %(most)s.") % {"most": _PER_PAGE_MOST}]})
    return wanted


class PageNumberPagination(BasePagination):
    """Pages from 1; an empty list has one page, which is empty."""

    def paginate_queryset(self, queryset, request, view=None):
        self.per_page = _per_page(request)
        self.page = _integer(request, "page", 1)
        if self.page < 1:
            raise NotFound
        self.total = queryset.count()
        self.pages = max(1, math.ceil(self.total / self.per_page))
        if self.page > self.pages:
            raise NotFound
        first = (self.page - 1) * self.per_page
        return list(queryset[first : first + self.per_page])

    def get_paginated_response(self, data):
        return Response(
            {
                "data": data,
                "pagination": {
                    "page": self.page,
                    "pages": self.pages,
                    "per_page": self.per_page,
                    "total": self.total,
                    "has_next": self.page < self.pages,
                    "has_prev": self.page > 1,
                },
            }
        )

    def get_schema_operation_parameters(self, view):
        return [
            _parameter("page", _("The page, from 1."), {"type": "integer", "minimum": 1, "default": 1}),
            _parameter(
                "per_page",
                _("Rows on a page."),
                {"type": "integer", "minimum": 1, "maximum": _PER_PAGE_MOST, "default": _PER_PAGE},
            ),
        ]

    def get_paginated_response_schema(self, schema):
        return {
            "type": "object",
            "required": ["data", "pagination"],
            "properties": {"data": schema, "pagination": _described("Pagination")},
        }


class FeedPagination(PageNumberPagination):
    """Pages as any list, and with `cursor=` a feed, newest first, whose cost does not grow with depth.

    The newest row is the one with the highest key. `cursor=` without a value begins the feed.
    """

    def paginate_queryset(self, queryset, request, view=None):
        self.is_feed = "cursor" in request.query_params
        if not self.is_feed:
            return super().paginate_queryset(queryset, request, view)
        if request.query_params.get("ordering"):
            raise ValidationError(
                {"ordering": [_("A feed with a cursor is newest first: leave the ordering out.")]}
            )
        self.per_page = _per_page(request)
        direction, key = _decode(request.query_params["cursor"])
        if direction == "newer":
            rows = list(queryset.filter(pk__gt=key).order_by("pk")[: self.per_page + 1])
            has_newer, has_older = len(rows) > self.per_page, True
            rows = rows[: self.per_page][::-1]
        else:
            older = queryset if key is None else queryset.filter(pk__lt=key)
            rows = list(older.order_by("-pk")[: self.per_page + 1])
            has_newer, has_older = key is not None, len(rows) > self.per_page
            rows = rows[: self.per_page]
        newest = rows[0].pk if rows else (key or 0) - (direction == "older")
        oldest = rows[-1].pk if rows else (key or 0) + 1
        self.next = _encode("older", oldest) if has_older else None
        self.previous = _encode("newer", newest) if has_newer else None
        return rows

    def get_paginated_response(self, data):
        if not self.is_feed:
            return super().get_paginated_response(data)
        pagination = {"next": self.next, "previous": self.previous, "per_page": self.per_page}
        return Response({"data": data, "pagination": pagination})

    def get_schema_operation_parameters(self, view):
        return [
            *super().get_schema_operation_parameters(view),
            _parameter(
                "cursor",
                _("Read as a feed: empty to begin, then the `next` or `previous` of the last answer."),
                {"type": "string"},
                allowEmptyValue=True,
            ),
        ]

    def get_paginated_response_schema(self, schema):
        return {
            "type": "object",
            "required": ["data", "pagination"],
            "properties": {
                "data": schema,
                "pagination": _described("Pagination", "FeedPagination"),
            },
        }


def _parameter(name: str, description: Any, schema: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "name": name,
        "in": "query",
        "required": False,
        "description": str(description),
        "schema": schema,
        **more,
    }


def _described(*components: str) -> dict[str, Any]:
    """Return the schema of `pagination`; the documentation's examples of lists need an example in it."""
    references = [{"$ref": f"#/components/schemas/{name}"} for name in components]
    example = {"page": 1, "pages": 1, "per_page": 20, "total": 1, "has_next": False, "has_prev": False}
    return {"allOf" if len(references) == 1 else "oneOf": references, "example": example}


def _encode(direction: str, key: int) -> str:
    return base64.urlsafe_b64encode(f"{direction}:{key}".encode()).decode().rstrip("=")


def _decode(cursor: str) -> tuple[str, int | None]:
    if not cursor:
        return "older", None
    try:
        text = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True).decode(
            "ascii"
        )
    except (binascii.Error, ValueError):
        text = ""
    if not (found := re.fullmatch(r"(older|newer):([0-9]{1,18})", text)):
        raise ValidationError(
            {"cursor": [_("Not a cursor of this feed: send `next` or `previous` as it came.")]}
        )
    return found[1], int(found[2])
