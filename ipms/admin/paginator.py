"""Pages of large tables: nobody waits for a count of a million rows."""

from functools import cached_property

from django.core.paginator import Paginator
from django.db import connections
from django.db.models import QuerySet


class CappedPaginator(Paginator):
    """Counts exactly up to `count_limit`; beyond it the whole table is estimated, a selection of it cut off.

    `is_estimated` and `is_capped` tell the page which words to put before the number.
    """

    count_limit = 10_000

    @cached_property
    def count(self) -> int:
        if not isinstance(self.object_list, QuerySet):
            return len(self.object_list)
        found = self.object_list.order_by()[: self.count_limit + 1].count()
        if found <= self.count_limit:
            return found
        if not self.object_list.query.where and (estimate := self._estimate()) > self.count_limit:
            self.is_estimated = True
            return estimate
        self.is_capped = True
        return self.count_limit

    is_estimated = False
    is_capped = False

    def _estimate(self) -> int:
        table = self.object_list.model._meta.db_table
        with connections[self.object_list.db].cursor() as cursor:
            cursor.execute(
                "SELECT reltuples::bigint FROM pg_class WHERE oid = to_regclass(%s)", [f'"{table}"']
            )
            row = cursor.fetchone()
        return row[0] if row else 0
