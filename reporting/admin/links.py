"""From the row of a report to the page of the record that it speaks of."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib.auth import get_permission_codename
from django.db import models
from django.http import HttpRequest
from django.urls import reverse


@dataclass(frozen=True)
class Link:
    """Leads to the record of `model` whose id the row has under `key`."""

    model: type[models.Model]
    key: str = "id"

    def is_open_to(self, request: HttpRequest) -> bool:
        meta = self.model._meta
        return request.user.has_perm(f"{meta.app_label}.{get_permission_codename('view', meta)}")

    def url(self, row: Mapping[str, Any]) -> str:
        meta = self.model._meta
        pk = row.get(self.key)
        return reverse(f"admin:{meta.app_label}_{meta.model_name}_change", args=[pk]) if pk else ""
