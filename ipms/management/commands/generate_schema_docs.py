"""`manage.py generate_schema_docs`: the page of the database schema, from the models."""

from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import models
from django.utils.translation import override

OWN_APPS = ("ipms", "accounts", "inventory", "suppliers", "procurement", "reporting")
HEADER = """# Database schema

Generated from the models by `make docs`; do not edit. Tables of other packages are left out.
Quantities are `numeric(18, 4)` in the item's stock unit, unit prices `numeric(20, 8)`, amounts
`numeric(24, 4)` rounded to the minor unit of their currency.
"""


class Command(BaseCommand):
    help = "Write docs/database-schema.md from the models; with --check, fail where it is out of date."

    def add_arguments(self, parser):
        parser.add_argument("--check", action="store_true", help="Write nothing; exit 1 where it differs.")

    def handle(self, *args, check, **options):
        path: Path = settings.BASE_DIR / "docs" / "database-schema.md"
        with override("en"):
            text = schema()
        if not check:
            path.write_text(text, encoding="utf-8")
            self.stdout.write(f"Wrote {path.relative_to(settings.BASE_DIR)}.")
        elif not path.exists() or path.read_text(encoding="utf-8") != text:
            raise CommandError("docs/database-schema.md is out of date: run make docs.")


def schema() -> str:
    """Return the page: a section for each app, a table for each model."""
    parts = [HEADER]
    for label in OWN_APPS:
        config = apps.get_app_config(label)
        tables = [_table(model) for model in config.get_models()]
        if tables:
            parts.append(f"## {config.verbose_name} (`{label}`)\n\n" + "\n".join(tables))
    return "\n".join(parts)


def _table(model: type[models.Model]) -> str:
    meta = model._meta
    lines = [f"### `{meta.db_table}`", ""]
    if purpose := _first_paragraph(model):
        lines += [purpose, ""]
    if getattr(model, "append_only", False):
        lines += ["**Append-only**, by trigger and by rights.", ""]
    lines += ["| column | type | null | refers to |", "| --- | --- | --- | --- |"]
    lines += [_column(field) for field in meta.concrete_fields]
    rules = [
        *(_constraint(rule) for rule in meta.constraints),
        *(f"index `{index.name}`" for index in meta.indexes),
    ]
    if rules:
        lines += ["", "Rules: " + "; ".join(rules) + "."]
    return "\n".join(lines) + "\n"


def _column(field: models.Field) -> str:
    target = f"`{field.related_model._meta.db_table}`" if field.related_model else ""
    return f"| `{field.column}` | {_type(field)} | {'yes' if field.null else ''} | {target} |"


def _type(field: models.Field) -> str:
    if isinstance(field, models.DecimalField):
        return f"numeric({field.max_digits}, {field.decimal_places})"
    if isinstance(field, models.ForeignKey):
        return _type(field.target_field)
    if isinstance(field, models.GeneratedField):
        return f"generated {field.output_field.__class__.__name__.removesuffix('Field').lower()}"
    kind = field.get_internal_type().removesuffix("Field").lower()
    if kind.endswith("auto"):
        return "bigint"
    return f"varchar({field.max_length})" if kind in ("char", "slug", "email") else kind


def _constraint(rule: models.BaseConstraint) -> str:
    kind = "unique" if isinstance(rule, models.UniqueConstraint) else "check"
    return f"{kind} `{rule.name}`"


def _first_paragraph(model: type[models.Model]) -> str:
    text = (model.__doc__ or "").strip()
    if text.startswith(f"{model.__name__}("):
        return ""  # Django's own, where a model has none
    return " ".join(text.split("\n\n")[0].split())
