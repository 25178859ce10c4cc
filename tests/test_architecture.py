"""The shape of the house: who may import whom, and pages that are generated from the code."""

from io import StringIO

import pytest
from django.conf import settings
from django.core.management import call_command
from importlinter.cli import EXIT_STATUS_SUCCESS, lint_imports


def test_apps_import_only_from_their_right():
    status = lint_imports(config_filename=str(settings.BASE_DIR / "pyproject.toml"), no_cache=True)

    assert status == EXIT_STATUS_SUCCESS


def test_the_page_of_the_database_schema_is_up_to_date():
    call_command("generate_schema_docs", check=True, stdout=StringIO())


@pytest.mark.django_db
def test_models_have_no_migration_missing():
    call_command("makemigrations", check=True, dry_run=True, stdout=StringIO())
