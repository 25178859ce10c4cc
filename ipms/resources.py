"""Spreadsheets through the doors of the domain: columns of a list, and what a row of a file does.

The resources of the apps derive from these. A row that cannot be taken says why and stops no other; a
preview does all that the import would do and rolls it back, so that it tells also what only the domain can
refuse.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, ClassVar, Self

from django.core.exceptions import NON_FIELD_ERRORS, FieldDoesNotExist, ValidationError
from django.db import models, transaction
from django.db.models.deletion import ProtectedError
from django.utils.translation import gettext as _
from import_export.resources import Resource

from ipms.columns import ERRORS, KEPT, Column, by_key
from ipms.errors import DomainError, InUse
from ipms.importing.notation import Notation
from ipms.money import plain
from ipms.sheets import in_words

NEW, CHANGED, UNCHANGED, BAD = "new", "changed", "unchanged", "bad"


@dataclass(eq=False)
class Row:
    """A row of the file. `values` has the columns that the file has, parsed; `number` is the file's own."""

    number: int
    cells: dict[str, Any]
    values: dict[str, Any] = field(default_factory=dict)
    problems: dict[str, list[str]] = field(default_factory=dict)
    outcome: str = NEW
    #: What the preview said would happen, where there was one.
    expected: str = ""
    #: What stood there before, for what is changed.
    before: dict[str, Any] = field(default_factory=dict)
    #: The record that the row made or changed.
    record: Any = None

    def refuse(self, name: str, sentence: Any) -> None:
        """Note what is wrong; `name` is a column, or empty for the whole row."""
        told = self.problems.setdefault(name, [])
        if str(sentence) not in told:
            told.append(str(sentence))

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

    @property
    def differing(self) -> dict[str, Any]:
        """The values that a known record is to get."""
        return {name: self.values[name] for name in self.before}


@dataclass(frozen=True, kw_only=True)
class Kept:
    """Something that an import did and that cannot be undone."""

    row: int
    label: str
    reason: str

    @classmethod
    def by(cls, trace: Mapping[str, Any], attempt: Row) -> "Iterator[Kept]":
        """Say of a trace what the attempt to undo it was refused for."""
        for sentences in attempt.problems.values():
            yield from (cls(row=trace["row"], label=trace["label"], reason=why) for why in sentences)


class SheetResource(Resource):
    """Columns of a list. It exports; a subclass with `take` imports too."""

    #: Name of the resource where a page has several.
    title: ClassVar[Any] = ""
    #: Whether all rows of a file are one act: some only make sense together.
    is_whole: ClassVar[bool] = False
    #: What a page says of an import before it is begun.
    advice: ClassVar[Any] = ""

    class Meta:
        #: Rows that an export fetches at a time.
        chunk_size = 2000

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        for name, column in self.fields.items():
            column.attribute = column.attribute or name
        self._exported: dict[tuple[str, ...], list[Column]] = {}
        self._first_rows: dict[Any, int] = {}

    @classmethod
    def get_display_name(cls) -> str:
        return str(cls.title)

    # In.

    def reading(self, notation: Notation) -> Self:
        """Read numbers and days as the file writes them."""
        for column in self.fields.values():
            column.notation = notation
        return self

    def bring_in(self, rows: Sequence[Row], *, by: Any) -> None:
        """Take the rows that are in order, and say on each its `outcome` or what is wrong with it.

        Call it in a transaction, with one part of a file after the other: the resource remembers what stood
        in the parts before. The number of queries does not depend on that of the rows.
        """
        for name, column in self.columns().items():
            self._parse_column(rows, name, column)
        self.locate(rows)
        self.examine([row for row in rows if row.problems])
        self._refuse_repetitions(rows)
        if sound := [row for row in rows if not row.problems]:
            self.take(sound, by=by)

    def locate(self, rows: Sequence[Row]) -> None:
        """Find the records that the rows are about, where the resource knows them by a key."""

    def examine(self, rows: Sequence[Row]) -> None:
        """Say what else is wrong with rows that have a cell which cannot be read."""

    def take(self, rows: Sequence[Row], *, by: Any) -> None:
        """Carry out rows whose cells are in order; say on each its `outcome`, or what is wrong with it.

        What has no problem afterwards has been done.
        """
        raise NotImplementedError

    def key_of(self, row: Row) -> Any:
        """Return what may stand once only in a file; None where nothing is known of it."""
        return None

    def trace(self, row: Row) -> dict[str, Any] | None:
        """Return what is kept of a row that was taken, in JSON, so that it can be undone."""
        return None

    def undo(self, traces: Sequence[dict[str, Any]], *, by: Any) -> list[Kept]:
        """Undo what rows did; return what has to stay, and why."""
        raise NotImplementedError

    def columns(self) -> dict[str, Column]:
        """The columns that an import reads."""
        return {name: column for name, column in self.fields.items() if not column.readonly}

    def required(self) -> list[str]:
        """The columns that every file has."""
        return [name for name, column in self.columns().items() if column.is_required]

    def label_of(self, name: str) -> str:
        """Return what people call a column, in their language."""
        return str(self.fields[name].label or self.usual_label(name))

    def usual_label(self, name: str) -> Any:
        """Return what a column is called that has no label of its own."""
        return name.replace("_", " ")

    def _parse_column(self, rows: Sequence[Row], name: str, column: Column) -> None:
        filled = []
        for row in rows:
            if name not in row.cells:
                if column.is_required:
                    self.miss(row, name)
            elif is_empty(cell := row.cells[name]):
                if column.is_required:
                    self.miss(row, name)
                elif column.empty is not KEPT:
                    row.values[name] = column.empty
            elif isinstance(cell, str) and cell in ERRORS:
                row.refuse(name, _("The spreadsheet shows an error in this cell."))
            else:
                filled.append(row)
        column.prepare(row.cells[name] for row in filled)
        for row in filled:
            try:
                row.values[name] = column.parse(row.cells[name])
            except ValueError as error:
                row.refuse(name, error)

    def miss(self, row: Row, name: str) -> None:
        """Say that a cell that is needed is empty."""
        row.refuse(name, _("This cell is empty."))

    def _refuse_repetitions(self, rows: Sequence[Row]) -> None:
        for row in rows:
            if (key := self.key_of(row)) is None:
                continue
            earlier = self._first_rows.setdefault(key, row.number)
            if earlier != row.number:
                row.refuse(
                    self.required()[0], _("This stands in row %(number)d already.") % {"number": earlier}
                )

    # Out.

    def get_export_order(self) -> list[str]:
        return [name for name in super().get_export_order() if not self.fields[name].is_import_only]

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


class RecordResource(SheetResource):
    """One row is one record, known by its natural key: made where it is new, changed where it differs.

    A column that is needed is so of new records alone: a file with keys and levels changes levels.
    """

    model: ClassVar[type[models.Model]]
    #: What every export and every comparison looks at besides the record itself.
    related: ClassVar[tuple[str, ...]] = ()
    #: The column that names the record, and the field of the model.
    key: ClassVar[str]

    def get_queryset(self) -> models.QuerySet:
        records = self.model._default_manager.all()
        return records.select_related(*self.related) if self.related else records

    def usual_label(self, name: str) -> Any:
        try:
            named = getattr(self.model._meta.get_field(name), "verbose_name", "")
        except FieldDoesNotExist:
            named = ""
        return named or super().usual_label(name)

    def create(self, values: dict[str, Any], *, by: Any) -> models.Model:
        """Make a record through the domain."""
        raise NotImplementedError

    def change(self, record: models.Model, values: dict[str, Any], *, by: Any) -> None:
        """Change a record through the domain; `values` has only what differs."""
        raise NotImplementedError

    def remove(self, record: models.Model) -> None:
        """Delete a record through the domain."""
        try:
            record.delete()
        except ProtectedError as error:
            raise InUse(_("Something else depends on it.")) from error

    def create_many(self, rows: Sequence[Row], *, by: Any) -> None:
        """Make the records that are new. Override it where the domain makes many with one call."""
        for row in rows:
            with row.told():
                row.record = self.create(row.values, by=by)

    def change_many(self, rows: Sequence[Row], *, by: Any) -> None:
        """Change records. Override it where the domain changes many with one call."""
        for row in rows:
            with row.told():
                self.change(row.record, row.differing, by=by)

    def required(self) -> list[str]:
        return [self.key]

    def key_of(self, row: Row) -> Any:
        value = row.values.get(self.key)
        return None if value is None else str(value).lower()

    def stored(self, rows: Sequence[Row]) -> Mapping[Any, models.Model]:
        """Return the records that the rows name, by their key, and keep them from being changed meanwhile."""
        locked = self.get_queryset().select_for_update(of=("self",), no_key=True)
        return by_key(locked, self.key, (self.key_of(row) for row in rows))

    def locate(self, rows: Sequence[Row]) -> None:
        stored = self.stored([row for row in rows if self.key_of(row) is not None])
        for row in rows:
            row.record = stored.get(self.key_of(row))
            if row.record is not None:
                self._refuse_where(row, NEW, _("Somebody has made this meanwhile: check the file again."))
                continue
            self._refuse_where(row, CHANGED, _("Somebody has deleted this meanwhile: check the file again."))
            for name, column in self.columns().items():
                if column.is_required and name != self.key and is_empty(row.cells.get(name)):
                    row.refuse(name, _("This cell is empty: a new record needs it."))

    def _refuse_where(self, row: Row, expected: str, sentence: str) -> None:
        if row.expected == expected:
            row.refuse(self.key, sentence)

    def miss(self, row: Row, name: str) -> None:
        if name in self.required():
            super().miss(row, name)

    def examine(self, rows: Sequence[Row]) -> None:
        fields = [field.name for field in self.model._meta.concrete_fields if not field.is_relation]
        for row in rows:
            values = {name: row.values[name] for name in fields if name in row.values}
            others = [field.name for field in self.model._meta.concrete_fields if field.name not in values]
            try:
                self.model(**values).clean_fields(exclude=others)
            except ValidationError as error:
                row.refuse_all(error.message_dict)

    def take(self, rows: Sequence[Row], *, by: Any) -> None:
        for row in rows:
            if row.record is not None:
                self.compare(row)
        if new := [row for row in rows if row.record is None]:
            self.create_many(new, by=by)
        if changed := [row for row in rows if row.outcome == CHANGED]:
            self.change_many(changed, by=by)

    def compare(self, row: Row) -> None:
        """Say where the row differs from the stored record."""
        row.before = {
            name: getattr(row.record, name)
            for name, value in row.values.items()
            if name != self.key and self.differs(row.record, name, value)
        }
        row.outcome = CHANGED if row.before else UNCHANGED

    def differs(self, record: models.Model, name: str, value: Any) -> bool:
        return bool(value != getattr(record, name))

    # Undoing.

    def trace(self, row: Row) -> dict[str, Any] | None:
        if row.outcome == UNCHANGED:
            return None
        values = row.differing if row.outcome == CHANGED else row.values
        fields = {field.name for field in row.record._meta.concrete_fields}
        return {
            "row": row.number,
            "outcome": row.outcome,
            "pk": row.record.pk,
            "label": str(row.record),
            "before": {name: packed(value) for name, value in row.before.items()},
            "after": {name: packed(value) for name, value in values.items() if name in fields},
        }

    def undo(self, traces: Sequence[dict[str, Any]], *, by: Any) -> list[Kept]:
        keys = [trace["pk"] for trace in traces]
        records = self.get_queryset().select_for_update(of=("self",), no_key=True).in_bulk(keys)
        kept: list[Kept] = []
        # What was made last goes first: it may stand below what was made before it.
        for trace in sorted(traces, key=lambda trace: -trace["pk"]):
            record = records.get(trace["pk"])
            attempt = Row(trace["row"], {})
            if record is None:
                if trace["outcome"] == CHANGED:
                    attempt.refuse("", _("It was deleted since."))
            elif trace["outcome"] == NEW:
                self._undo_new(record, trace, attempt)
            else:
                self._undo_change(record, trace, attempt, by=by)
            kept += Kept.by(trace, attempt)
        return kept

    def _undo_new(self, record: models.Model, trace: dict[str, Any], attempt: Row) -> None:
        if names := [
            name for name in trace["after"] if packed(getattr(record, name)) != trace["after"][name]
        ]:
            words = {"columns": ", ".join(map(self.label_of, names))}
            attempt.refuse("", _("It was changed since: %(columns)s.") % words)
            return
        with attempt.told():
            self.remove(record)

    def _undo_change(self, record: models.Model, trace: dict[str, Any], attempt: Row, *, by: Any) -> None:
        same = {
            name: text
            for name, text in trace["before"].items()
            if packed(getattr(record, name)) == trace["after"][name]
        }
        if since := [name for name in trace["before"] if name not in same]:
            words = {"columns": ", ".join(map(self.label_of, since))}
            attempt.refuse("", _("It was changed since: %(columns)s.") % words)
        if same:
            with attempt.told():
                self.change(
                    record, {name: unpacked(record, name, text) for name, text in same.items()}, by=by
                )


def list_of(name: str, /, **columns: str) -> type[SheetResource]:
    """Return a resource that only exports: column = path of an attribute, such as `sku="item__sku"`."""
    attributes = {column: Column(path, is_readonly=True) for column, path in columns.items()}
    return type(name, (SheetResource,), attributes)


def take_lines(rows: Sequence[Row], act: Any, *, refusal: type[DomainError], lines: Any) -> list[Any]:
    """Let the domain take all rows with one call; where it refuses some, the others with one more.

    `act` takes rows and answers with a result for each; `lines` tells of a refusal the problems of each row,
    by its place. Returns the results, in the order of the rows that have no problem.
    """
    sound = [row for row in rows if not row.problems]
    while sound:
        try:
            with transaction.atomic():
                return list(act(sound))
        except refusal as error:
            told = {place: problems for place, problems in lines(error) if problems}
            if not told:
                raise
            for place, problems in told.items():
                sound[place].refuse_all(problems)
        sound = [row for row in sound if not row.problems]
    return []


def change_records(rows: Sequence[Row], save: Callable[[list[Any], set[str]], Any]) -> list[Any]:
    """Set on each record what differs, and let `save` write the named fields of all of them."""
    for row in rows:
        for name, value in row.differing.items():
            setattr(row.record, name, value)
    records = [row.record for row in rows]
    save(records, {name for row in rows for name in row.before})
    return records


def lines_of(error: DomainError) -> Iterable[tuple[int, Any]]:
    """Return the problems of each line of an `InvalidInput`, by its place."""
    lines = error.details.get("lines", [])
    return enumerate(lines) if isinstance(lines, list) else []


def packed(value: Any) -> Any:
    """Return a value of a record as JSON keeps it."""
    match value:
        case models.Model():
            return value.pk
        case Decimal():
            return plain(value)
        case date():
            return value.isoformat()
        case None | bool() | int():
            return value
    return str(value)


def unpacked(record: models.Model, name: str, value: Any) -> Any:
    """Return the value of a record's field that `packed` was given."""
    stored = record._meta.get_field(name)
    if value is None:
        return None
    if isinstance(stored, models.ForeignKey):
        return stored.related_model._default_manager.filter(pk=value).first()
    return stored.to_python(value)


def shown(value: Any) -> str:
    """Return a value as a preview shows it."""
    return str(value) if isinstance(value, str | models.Model) else in_words(value)


def is_empty(cell: Any) -> bool:
    return cell is None or (isinstance(cell, str) and not cell.strip())


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
