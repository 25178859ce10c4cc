"""Exports of a list."""

import pytest
from django.apps import apps
from django.urls import reverse

pytestmark = pytest.mark.django_db


@pytest.fixture
def back_office(client, manager):
    client.force_login(manager)
    return client


def test_export_of_selected_rows_keeps_to_them(back_office):
    category = apps.get_model("inventory", "Category")
    bolts = category.objects.create(slug="bolts", name="Bolts")
    category.objects.create(slug="nuts", name="Nuts")
    page = back_office.post(
        reverse("admin:inventory_category_changelist"),
        {"_selected_action": [bolts.pk], "action": "export_admin_action", "index": "0"},
    )
    form = page.context["form"]
    columns = {field.html_name: "on" for group in form.column_groups() for field in group["fields"]}

    file = back_office.post(
        reverse("admin:inventory_category_export"),
        {"resource": "0", "format": "1", "export_items": [bolts.pk], **columns},
    )

    assert "1 selected row" in page.content.decode()
    assert b"bolts" in file.content
    assert b"nuts" not in file.content


def test_export_larger_than_memory_allows_is_refused_in_words(back_office, monkeypatch):
    monkeypatch.setattr("ipms.admin.spreadsheets.EXPORT_ROWS", 1)
    category = apps.get_model("inventory", "Category")
    category.objects.create(slug="bolts", name="Bolts")
    category.objects.create(slug="nuts", name="Nuts")
    form = back_office.get(reverse("admin:inventory_category_export")).context["form"]
    columns = {field.html_name: "on" for group in form.column_groups() for field in group["fields"]}

    page = back_office.post(
        reverse("admin:inventory_category_export"), {"resource": "0", "format": "1", **columns}
    )

    assert "narrow the list by its filters" in page.content.decode()
