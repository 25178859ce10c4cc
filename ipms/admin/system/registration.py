"""Putting our page in the place of a library's."""

from collections.abc import Callable

from django.contrib import admin
from django.db import models


def replace(*registered: type[models.Model]) -> Callable[[type[admin.ModelAdmin]], type[admin.ModelAdmin]]:
    """Register the decorated class for models whose library may have registered a page of its own."""

    def decorate(page: type[admin.ModelAdmin]) -> type[admin.ModelAdmin]:
        hide(*registered)
        admin.site.register(registered, page)
        return page

    return decorate


def hide(*registered: type[models.Model]) -> None:
    """Take the pages of these models out of the back office."""
    for model in registered:
        if admin.site.is_registered(model):
            admin.site.unregister(model)
