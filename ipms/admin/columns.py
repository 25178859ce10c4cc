"""What many lists show alike."""

from typing import TypeVar

from django.conf import settings
from django.db import models
from django.db.models import Subquery, Value
from django.db.models.functions import Coalesce

from ipms.models import SiteSettings

_Rows = TypeVar("_Rows", bound=models.QuerySet)


def with_base_currency(queryset: _Rows) -> _Rows:
    """Annotate each row with `base_currency`, so that a page of values asks for it once and not by row."""
    stored = SiteSettings.objects.filter(pk=1).values("base_currency")
    return queryset.annotate(base_currency=Coalesce(Subquery(stored), Value(settings.BASE_CURRENCY)))
