"""Walks the back office in a language that shouts: what does not shout was never marked for translation."""

import re
from datetime import date
from decimal import Decimal
from zoneinfo import available_timezones

import pytest
from django.apps import apps
from django.conf import settings
from django.contrib import admin as back_office
from django.db import models
from django.urls import NoReverseMatch, reverse
from django_countries import countries

from inventory.tests.factories import ItemFactory, LocationFactory, stock
from ipms.models import ExchangeRate
from ipms.money import MINOR_UNITS
from ipms.testing.back_office import enter
from procurement.tests.factories import approved_order, line, order
from tests.shouting import shouting, whispered

pytestmark = pytest.mark.django_db

#: Names that are the same everywhere, and what programs call things.
_NAMES = {
    *(name for _code, name in settings.LANGUAGES),
    *available_timezones(),
    *MINOR_UNITS,
    *["IPMS", "CSV", "XLSX", "PDF", "JSON", "UTC", "API", "GTIN", "SKU", "QR", "(m/h/dM/MY/d)", "ID"],
}
_WORD = re.compile(r"[A-Za-z]{2,}")
#: Names by which programs call topics, tasks and jobs.
_PROGRAMS = re.compile(r"(?<![\w./-])[a-z_-]+(?:\.[a-z_*-]+)+(?![\w/])")
#: Tables of Django's own English: permissions and the names of models.
_ENGLISH = {"auth.Permission", "contenttypes.ContentType", "accounts.AuditEntry"}


@pytest.fixture
def business(admin, manager):
    """One record of most kinds."""
    shelf = LocationFactory(code="SH-1", name="Xylo")
    item = ItemFactory(sku="BLT-1", name="Xbolt", description="Xzinc")
    stock(item, shelf, 10)
    made = order(line(item=item), reference="RQ-7")
    approved_order(line(item=item))
    ExchangeRate.objects.create(
        currency="RWF", rate=Decimal("0.0007"), valid_from=date(2031, 1, 2), created_by=manager
    )
    return made


def addresses():
    """Return the lists, forms and further pages of the back office."""
    yield reverse("admin:index")
    for model, _page in sorted(back_office.site._registry.items(), key=lambda pair: pair[0]._meta.label):
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        yield reverse(f"{name}_changelist")
        record = model._default_manager.order_by("-pk").first()
        views = [("add", [])] + (
            [(view, [record.pk]) for view in ("change", "history", "delete")] if record else []
        )
        for view, arguments in views:
            yield reverse(f"{name}_{view}", args=arguments)
    for page in back_office.site._pages:
        if not page.is_open:
            try:
                yield page.url
            except NoReverseMatch:  # a page about one record
                continue


def data():
    """Return every text that is stored: what people wrote is theirs, in whatever language."""
    texts = {word.lower() for name in _NAMES for word in _WORD.findall(name)}
    for model in apps.get_models():
        names = [
            field.attname
            for field in model._meta.concrete_fields
            if isinstance(field, models.CharField | models.TextField | models.JSONField) and not field.choices
        ]
        if names and model._meta.label not in _ENGLISH:
            texts |= {
                word.lower()
                for row in model._base_manager.values_list(*names)
                for value in row
                for word in _WORD.findall(str(value or ""))
            }
    return texts


def test_every_word_of_the_back_office_is_marked_for_translation(admin, business):
    browser, stored, seen = enter(admin), data(), {}

    for address in [*addresses()]:
        with shouting():
            response = browser.get(address, follow=True)
        if response.status_code == 200 and "html" in response.headers["Content-Type"]:
            for text in whispered(_PROGRAMS.sub("", response.content.decode()), data=stored):
                seen.setdefault(text, address)

    # The library keeps the names of countries once it was asked for them; that each has a translation is for
    # tests/test_languages.py to say. The letters of a person's initials are no word.
    kept = {str(name) for _code, name in countries}
    assert {text: page for text, page in seen.items() if len(text) > 2 and text not in kept} == {}, seen
