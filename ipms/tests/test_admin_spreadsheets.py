"""The import page: a preview first, all bad rows at once, and a second click imports nothing."""

import re

import pytest
from django.apps import apps
from django.contrib.messages import get_messages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from ipms.admin import once

pytestmark = pytest.mark.django_db

IMPORT = "admin:inventory_category_import"


@pytest.fixture
def back_office(client, manager):
    client.force_login(manager)
    return client


def upload(back_office, text, name="categories.csv"):
    file = SimpleUploadedFile(name, text.encode())
    return back_office.post(reverse(IMPORT), {"resource": "0", "import_file": file})


def confirm(back_office, preview):
    fields = dict(preview.context["confirm_form"].initial)
    fields[once.FIELD] = preview.context["once_token"]
    return back_office.post(reverse("admin:inventory_category_process_import"), fields)


def categories():
    return sorted(apps.get_model("inventory", "Category").objects.values_list("slug", flat=True))


def test_preview_shows_what_would_happen_and_imports_nothing(back_office):
    preview = upload(back_office, "slug,name\nbolts,Bolts\nnuts,Nuts\n")

    html = preview.content.decode()
    assert "<strong>2</strong> New" in html
    assert not re.search(r"\sstyle=", html)
    assert categories() == []


def test_confirmed_import_sent_twice_is_carried_out_once(back_office):
    preview = upload(back_office, "slug,name\nbolts,Bolts\n")

    first = confirm(back_office, preview)
    second = confirm(back_office, preview)

    assert categories() == ["bolts"]
    assert (first.status_code, second.status_code) == (302, 302)
    told = [str(message) for message in get_messages(second.wsgi_request)]
    assert "Import finished: 1 new, 0 changed, 0 deleted, 0 unchanged." in told


def test_all_bad_rows_are_shown_at_once_and_none_is_imported(back_office):
    page = upload(back_office, "slug,name,parent\nbolts,Bolts,\nnuts,,\nwashers,Washers,nowhere\n")

    html = page.content.decode()
    assert "2 rows cannot be taken" in html
    assert re.findall(r'<th scope="row" class="numeric">(\d+)</th>', html) == ["3", "4"]
    assert "Confirm import" not in html
    assert categories() == []


@pytest.mark.parametrize("name", ["categories.pdf", "categories"], ids=["another format", "no format"])
def test_file_of_another_kind_is_refused_in_words(back_office, name):
    page = upload(back_office, "slug,name\n", name)

    assert "must be a CSV or an XLSX file" in page.content.decode()


def test_file_above_the_limit_is_refused_in_words(back_office, settings):
    settings.MAX_IMPORT_BYTES = 10

    page = upload(back_office, "slug,name\nbolts,Bolts\n")

    assert "The file is larger than" in page.content.decode()


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
