"""Requests that nobody sent: what a view is asked by an export."""

from collections.abc import Mapping

from django.http import HttpRequest, QueryDict
from rest_framework.request import Request

from accounts.models import User


def asked(filters: Mapping[str, str], by: User) -> Request:
    """Return a request of `by` with these values in its address."""
    request = HttpRequest()
    request.method = "GET"
    request.GET = QueryDict(mutable=True)
    request.GET.update(dict(filters))
    wrapped = Request(request)
    wrapped.user = by
    return wrapped
