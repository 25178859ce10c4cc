"""Spreadsheets through the doors of the domain: every bad row is told at once, and nothing is half imported.

The resources of the apps derive from these. A preview does all that the import would do and rolls it back,
so that it tells also what only the domain can refuse.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, ClassVar

import tablib
from django.core.exceptions import NON_FIELD_ERRORS, FieldDoesNotExist, ValidationError
from django.db import models, transaction
from django.utils.html import escape, format_html
from django.utils.translation import gettext as _
from import_export.resources import Resource
from import_export.results import Error, Result, RowResult

from ipms.columns import KEPT, Column, as_text, by_key
from ipms.errors import DomainError
from ipms.sheets import in_words

NEW, CHANGED, UNCHANGED = (
    RowResult.IMPORT_TYPE_NEW,
    RowResult.IMPORT_TYPE_UPDATE,
    RowResult.IMPORT_TYPE_SKIP,
)


@dataclass(eq=False)
class Row:
    """A row of the file. `values` has the columns that the file has, parsed; `number` is the file's own."""

    number: int
    cells: dict[str, Any]
    values: dict[str, Any] = field(default_factory=dict)
    problems: dict[str, list[str]] = field(default_factory=dict)
    outcome: str = NEW
    #: What stood there before, for what is changed.
    before: dict[str, Any] = field(default_factory=dict)

    def refuse(self, name: str, sentence: Any) -> None:
        """Note what is wrong; `name` is a column, or empty for the whole row."""
        self.problems.setdefault(name, []).append(str(sentence))

    def refuse_all(self, problems: Mapping[str, Any]) -> None:
        for name, sentences in problems.items():
            for sentence in sentences if isinstance(sentences, list | tuple) else [sentences]:
                self.refuse("" if name == NON_FIELD_ERRORS else name, sentence)

    @contextmanager
    def told(self) -> Iterator[None]:
        """Turn what the domain refuses inside the block into problems of this row; the rest goes on."""
        try:
            with transaction.atomic():
                yield
        except ValidationError as error:
            self.refuse_all(error.message_dict if hasattr(error, "error_dict") else {"": error.messages})
        except DomainError as error:
            self.refuse_all(error.details if error.code == "VALIDATION_ERROR" else {"": [str(error)]})


class SheetResource(Resource):
    """Columns of a list. It exports; a subclass with `take` imports too."""

    #: Name of the resource where a page has several.
    title: ClassVar[Any] = ""

    class Meta:
        #: Rows that an export fetches at a time.
        chunk_size = 2000

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        for name, column in self.fields.items():
            column.attribute = column.attribute or name
        self._exported: dict[tuple[str, ...], list[Column]] = {}

    @classmethod
    def get_display_name(cls) -> str:
        return str(cls.title)

    def take(self, rows: Sequence[Row], *, by: Any) -> None:
        """Carry out rows whose cells are in order; say on each its `outcome`, or what is wrong with it."""
        raise NotImplementedError

    def examine(self, rows: Sequence[Row]) -> None:
        """Say what else is wrong with rows that have a cell which cannot be read."""

    def columns(self) -> dict[str, Column]:
        """The columns that an import reads."""
        return {name: column for name, column in self.fields.items() if not column.readonly}

    def get_user_visible_fields(self) -> list[Column]:
        return list(self.columns().values())

    def get_queryset(self) -> models.QuerySet:
        raise NotImplementedError

    def iter_queryset(self, queryset: Any) -> Iterator[Any]:
        """Yield what is to be exported, with everything that the columns look at."""
        paths = {_relations(queryset.model, column.attribute) for column in self.fields.values()} - {""}
        yield from super().iter_queryset(queryset.select_related(*sorted(paths)) if paths else queryset)

    def export_resource(self, instance: Any, selected_fields: Any = None, **kwargs: Any) -> list[Any]:
        # The library would look up the columns anew for each cell.
        chosen = tuple(selected_fields or ())
        if chosen not in self._exported:
            self._exported[chosen] = self.get_export_fields(selected_fields)
        return [column.export(instance) for column in self._exported[chosen]]

    def import_data(
        self, dataset: tablib.Dataset, dry_run: bool = False, *, user: Any, **kwargs: Any
    ) -> Result:
        """Take all rows or none; with `dry_run` none, after seeing what would happen to each."""
        result = Result()
        result.total_rows = len(dataset)
        headers = [as_text(header).lower().replace(" ", "_") for header in dataset.headers or []]
        problems = list(self._problems_of(headers))
        if problems:
            for sentence in problems:
                result.append_base_error(Error(sentence))
            return result
        names = [name for name in headers if name in self.columns()]
        result.diff_headers = names
        with transaction.atomic():
            rows = self._read(dataset, headers)
            self.examine([row for row in rows if row.problems])
            if sound := [row for row in rows if not row.problems]:
                self.take(sound, by=user)
            _tell(result, rows, names)
            if dry_run or result.has_errors() or result.has_validation_errors():
                transaction.set_rollback(True)
        return result

    def _problems_of(self, headers: Sequence[str]) -> Iterator[str]:
        required = [name for name, column in self.columns().items() if column.is_required]
        if missing := [name for name in required if name not in headers]:
            yield _("Columns that are missing: %(names)s.") % {"names": ", ".join(missing)}
        if unknown := [name for name in headers if name and name not in self.fields]:
            yield _("Columns that are not known: %(names)s.") % {"names": ", ".join(unknown)}
        if repeated := [name for name, count in Counter(headers).items() if name and count > 1]:
            yield _("Columns that stand twice: %(names)s.") % {"names": ", ".join(repeated)}

    def _read(self, dataset: tablib.Dataset, headers: Sequence[str]) -> list[Row]:
        first = getattr(dataset, "header_row", 1) + 1
        rows = [
            Row(number, {name: cell for name, cell in zip(headers, cells, strict=True) if name})
            for number, cells in enumerate(dataset, start=first)
            if any(as_text(cell) for cell in cells if cell is not None)
        ]
        for name, column in self.columns().items():
            if name not in headers:
                continue
            column.prepare(row.cells[name] for row in rows if not _is_empty(row.cells[name]))
            for row in rows:
                self._parse(row, name, column)
        return rows

    @staticmethod
    def _parse(row: Row, name: str, column: Column) -> None:
        cell = row.cells[name]
        if _is_empty(cell):
            if column.is_required:
                row.refuse(name, _("This cell is empty."))
            elif column.empty is not KEPT:
                row.values[name] = column.empty
            return
        try:
            row.values[name] = column.parse(cell)
        except ValueError as error:
            row.refuse(name, error)


class RecordResource(SheetResource):
    """One row is one record, known by its natural key: made where it is new, changed where it differs."""

    #: The column that names the record, and the field of the model.
    key: ClassVar[str]

    def create(self, values: dict[str, Any], *, by: Any) -> models.Model:
        """Make a record through the domain."""
        raise NotImplementedError

    def create_many(self, rows: Sequence[Row], *, by: Any) -> None:
        """Make the records that are new. Override it where the domain makes many with one call."""
        for row in rows:
            with row.told():
                self.create(row.values, by=by)

    def change(self, record: models.Model, values: dict[str, Any], *, by: Any) -> None:
        """Change a record through the domain; `values` has only what differs."""
        raise NotImplementedError

    def take(self, rows: Sequence[Row], *, by: Any) -> None:
        self.take_each(self._without_repetitions(rows), by=by)

    def examine(self, rows: Sequence[Row]) -> None:
        model = self.get_queryset().model
        fields = [field.name for field in model._meta.concrete_fields if not field.is_relation]
        for row in rows:
            values = {name: row.values[name] for name in fields if name in row.values}
            others = [field.name for field in model._meta.concrete_fields if field.name not in values]
            try:
                model(**values).clean_fields(exclude=others)
            except ValidationError as error:
                row.refuse_all(error.message_dict)

    def take_each(self, rows: Sequence[Row], *, by: Any) -> None:
        """Take rows of which each is another record."""
        stored = by_key(self.get_queryset(), self.key, map(self.key_of, rows))
        new = []
        for row in rows:
            if record := stored.get(self.key_of(row)):
                self.compare(row, record, by=by)
            else:
                new.append(row)
        if new:
            self.create_many(new, by=by)

    def key_of(self, row: Row) -> str:
        return str(row.values[self.key]).lower()

    def _without_repetitions(self, rows: Sequence[Row]) -> list[Row]:
        first: dict[str, Row] = {}
        for row in rows:
            earlier = first.setdefault(self.key_of(row), row)
            if earlier is not row:
                sentence = _("This stands in row %(number)d already.")
                row.refuse(self.key, sentence % {"number": earlier.number})
        return list(first.values())

    def compare(self, row: Row, record: models.Model, *, by: Any) -> None:
        """Change a stored record where the row differs from it."""
        differing = {
            name: value
            for name, value in row.values.items()
            if name != self.key and value != getattr(record, name)
        }
        row.outcome = CHANGED if differing else UNCHANGED
        row.before = {name: getattr(record, name) for name in differing}
        if differing:
            with row.told():
                self.change(record, differing, by=by)


def list_of(name: str, /, **columns: str) -> type[SheetResource]:
    """Return a resource that only exports: column = path of an attribute, such as `sku="item__sku"`."""
    attributes = {column: Column(path, is_readonly=True) for column, path in columns.items()}
    return type(name, (SheetResource,), attributes)


def _relations(model: type[models.Model], path: str) -> str:
    """Return as much of a path as leads to other records."""
    found = []
    for name in path.split("__"):
        try:
            step = model._meta.get_field(name)
        except FieldDoesNotExist:
            break
        if step.name != name or not (step.many_to_one or step.one_to_one):
            break
        found.append(name)
        model = step.related_model
    return "__".join(found)


def _tell(result: Result, rows: Sequence[Row], names: Sequence[str]) -> None:
    for row in rows:
        told = RowResult()
        told.import_type = RowResult.IMPORT_TYPE_INVALID if row.problems else row.outcome
        if row.problems:
            problems = {name or NON_FIELD_ERRORS: texts for name, texts in row.problems.items()}
            told.validation_error = ValidationError(problems)
            cells = {name: row.cells.get(name) for name in names}
            result.append_invalid_row(row.number, cells, told.validation_error)
        else:
            told.diff = [_difference(row, name) for name in names]
        result.increment_row_result_total(told)
        result.append_row_result(told)


def _difference(row: Row, name: str) -> Any:
    now = _shown(row.values[name]) if name in row.values else ""
    if name in row.before:
        return format_html("<del>{}</del> <ins>{}</ins>", _shown(row.before[name]), now)
    return escape(now)


def _shown(value: Any) -> str:
    return str(value) if isinstance(value, str | models.Model) else in_words(value)


def _is_empty(cell: Any) -> bool:
    return cell is None or (isinstance(cell, str) and not cell.strip())
