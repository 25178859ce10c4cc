"""The mapping: a small TOML file that says what the columns of a spreadsheet mean.

`docs/importing-orders.md` describes it for those who write one.
"""

import io
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from difflib import get_close_matches
from enum import Enum, auto
from typing import Any

from django.utils.translation import gettext as _

from procurement.order_import.errors import MappingRefused

_SOURCE_LENGTH = 60
DELIMITERS = {"tab": "\t", "comma": ",", "semicolon": ";", "pipe": "|"}
_FILE_TYPES = {"encoding": str, "delimiter": str, "sheet": str, "header_row": int, "quotes": bool}
_DEFAULT_FORMATS = ("%Y-%m-%d",)


class Kind(Enum):
    """What a field takes: one value from the first source that has one, or the text of several columns."""

    TEXT = auto()
    NUMBER = auto()
    DATE = auto()
    COLUMNS = auto()


_T, _N, _D, _C = Kind.TEXT, Kind.NUMBER, Kind.DATE, Kind.COLUMNS
#: What a mapping may name, by section.
FIELDS: dict[str, dict[str, Kind]] = {
    "order": {"number": _T, "ordered_on": _D, "expected_on": _D, "currency": _T, "notes": _C},
    "supplier": {
        **dict.fromkeys(("name", "code", "email", "phone", "contact_person"), _T),
        **dict.fromkeys(("address", "city", "country", "tax_id"), _T),
    },
    "item": {
        **dict.fromkeys(("name", "sku", "unit", "barcode", "tracking"), _T),
        "unit_price": _N,
        "category": _C,
        "description": _C,
    },
    "line": {"quantity": _N, "value": _N, "unit_price": _N, "tax_rate": _N, "description": _T},
    "location": {"name": _T, "code": _T, "kind": _T},
    "delivery": {"on": _D, "quantity": _N, "reference": _T, "lot": _T, "expires_on": _D},
}
_REQUIRED = (
    "order.number",
    "order.ordered_on",
    "order.currency",
    "supplier.name",
    "item.name",
    "line.quantity",
)


@dataclass(frozen=True, kw_only=True)
class Source:
    """Where a value comes from: a column, the earliest date in several columns, or always the same value."""

    columns: tuple[str, ...] = ()
    constant: str | int | float | date | None = None
    formats: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class FileOptions:
    """How the file is written. Without a delimiter it is told from the header."""

    encoding: str = "utf-8"
    delimiter: str = ""
    sheet: str = ""
    header_row: int = 1
    quotes: bool = True


@dataclass(frozen=True, kw_only=True)
class OrderMapping:
    """A mapping that was found to be in order.

    `fields` holds, for a name such as `order.number`, its sources in the order in which they are tried;
    `columns` the columns of a field that takes several. `site` is code and name of what the locations of
    the file stand in.
    """

    source: str
    key: tuple[str, ...]
    file: FileOptions
    empty: tuple[str, ...]
    date_formats: tuple[str, ...]
    decimal_mark: str
    fields: dict[str, tuple[Source, ...]]
    columns: dict[str, tuple[str, ...]]
    site: tuple[str, str] | None

    def all_columns(self) -> list[str]:
        """Return every column that the mapping names, each once."""
        named = list(self.key)
        for sources in self.fields.values():
            named += [column for source in sources for column in source.columns]
        for columns in self.columns.values():
            named += columns
        return list(dict.fromkeys(named))

    def column_of(self, name: str) -> str:
        """Return the column where a person looks for this field; empty where it has none."""
        for source in self.fields.get(name, ()):
            if source.columns:
                return source.columns[0]
        return next(iter(self.columns.get(name, ())), "")


def load(text: str) -> OrderMapping:
    """Read a mapping. Raises `MappingRefused` with a sentence for each mistake."""
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise MappingRefused([_("The mapping is not valid TOML: %(error)s.") % {"error": error}]) from error
    return _Reader(tables).mapping()


@dataclass
class _Reader:
    tables: dict[str, Any]
    mistakes: list[str] = field(default_factory=list)
    fields: dict[str, tuple[Source, ...]] = field(default_factory=dict)
    columns: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def mapping(self) -> OrderMapping:
        self._refuse_unknown("", self.tables, ["source", "key", "file", "values", *FIELDS])
        source = self._source_name()
        key = self._texts("key", self.tables.get("key"))
        if not key:
            self._mistake(_("Name the column (or columns) that identify a row: key = …."))
        options = self._file_options()
        values = self._table("values")
        self._refuse_unknown("values", values, ["empty", "date_formats", "decimal_mark"])
        formats = self._formats("values.date_formats", values.get("date_formats", list(_DEFAULT_FORMATS)))
        decimal_mark = values.get("decimal_mark", ".")
        if decimal_mark not in (".", ","):
            self._mistake(_("values.decimal_mark is “.” or “,”."))
        site = self._read_fields()
        self._check_whole(site)
        if self.mistakes:
            raise MappingRefused(self.mistakes)
        return OrderMapping(
            source=source,
            key=key,
            file=options,
            empty=self._texts("values.empty", values.get("empty", [])),
            date_formats=formats,
            decimal_mark=decimal_mark,
            fields=self.fields,
            columns=self.columns,
            site=site,
        )

    def _source_name(self) -> str:
        name = self.tables.get("source")
        if not isinstance(name, str) or not name.strip() or len(name) > _SOURCE_LENGTH:
            sentence = _("Name the spreadsheet: source = “…”, at most %(count)s characters.")
            self._mistake(sentence % {"count": _SOURCE_LENGTH})
            return ""
        return name.strip()

    def _file_options(self) -> FileOptions:
        table = self._table("file")
        self._refuse_unknown("file", table, list(_FILE_TYPES))
        given: dict[str, Any] = {}
        for name, value in table.items():
            wanted = _FILE_TYPES.get(name)
            if wanted is None:
                continue
            if type(value) is not wanted:
                kinds = {str: _("a text"), int: _("a whole number"), bool: _("true or false")}
                self._mistake(_("file.%(name)s is %(kind)s.") % {"name": name, "kind": kinds[wanted]})
                continue
            given[name] = value
        if "encoding" in given and not _is_encoding(given["encoding"]):
            sentence = _("file.encoding: “%(name)s” is not an encoding, such as utf-8 or cp1252.")
            self._mistake(sentence % {"name": given.pop("encoding")})
        if "delimiter" in given:
            delimiter = DELIMITERS.get(given["delimiter"], given["delimiter"])
            if delimiter not in DELIMITERS.values():
                self._mistake(_("file.delimiter is one of: %(names)s.") % {"names": ", ".join(DELIMITERS)})
            given["delimiter"] = delimiter
        if given.get("header_row", 1) < 1:
            self._mistake(_("file.header_row counts from 1."))
        return FileOptions(**given)

    def _read_fields(self) -> tuple[str, str] | None:
        site = None
        for section, kinds in FIELDS.items():
            table = self._table(section)
            known = [*kinds, "site"] if section == "location" else list(kinds)
            self._refuse_unknown(section, table, known)
            for name, value in table.items():
                if section == "location" and name == "site":
                    site = self._site(value)
                elif name in kinds:
                    self._read_field(f"{section}.{name}", value, kinds[name])
        return site

    def _read_field(self, name: str, value: Any, kind: Kind) -> None:
        if kind is Kind.COLUMNS:
            self.columns[name] = self._texts(name, value)
            return
        sources = [self._source(name, one, kind) for one in (value if isinstance(value, list) else [value])]
        if not sources:
            self._mistake(_("%(name)s names no column.") % {"name": name})
        self.fields[name] = tuple(source for source in sources if source)

    def _source(self, name: str, value: Any, kind: Kind) -> Source | None:
        if isinstance(value, str):
            return Source(columns=self._texts(name, value))
        if not isinstance(value, Mapping):
            sentence = _("%(name)s is a column, a list of columns, or a table such as { constant = “USD” }.")
            self._mistake(sentence % {"name": name})
            return None
        kinds = [one for one in ("column", "earliest", "constant") if one in value]
        self._refuse_unknown(name, value, ["column", "earliest", "constant", "formats"])
        if len(kinds) != 1:
            self._mistake(_("%(name)s takes one of: column, earliest, constant.") % {"name": name})
            return None
        if kind is not Kind.DATE and ("earliest" in value or "formats" in value):
            self._mistake(_("%(name)s is not a date: it has no earliest or formats.") % {"name": name})
            return None
        if "constant" in value:
            constant = value["constant"]
            if isinstance(constant, bool) or not isinstance(constant, str | int | float | date):
                self._mistake(_("%(name)s: the constant is a text, number or date.") % {"name": name})
                return None
            return Source(constant=constant)
        return Source(
            columns=self._texts(name, value[kinds[0]]),
            formats=self._formats(f"{name}.formats", value.get("formats", [])),
        )

    def _site(self, value: Any) -> tuple[str, str] | None:
        if not isinstance(value, Mapping) or not all(_is_text(value.get(name)) for name in ("code", "name")):
            self._mistake(_("location.site is a table with code and name."))
            return None
        self._refuse_unknown("location.site", value, ["code", "name"])
        return value["code"].strip(), value["name"].strip()

    def _check_whole(self, site: tuple[str, str] | None) -> None:
        for name in _REQUIRED:
            if name not in self.fields:
                self._mistake(_("%(name)s is missing: say where it comes from.") % {"name": name})
        if not {"line.value", "line.unit_price"} & self.fields.keys():
            self._mistake(_("Say where the price comes from: line.value or line.unit_price."))
        if "delivery.on" not in self.fields and self.tables.get("delivery"):
            self._mistake(_("A delivery needs its day: delivery.on."))
        if "location.name" not in self.fields and (site or self.tables.get("location")):
            self._mistake(_("A location needs its name: location.name."))
        if "location.name" not in self.fields and "delivery.on" in self.fields:
            self._mistake(_("Say where deliveries go: location.name."))

    def _table(self, name: str) -> Mapping[str, Any]:
        table = self.tables.get(name, {})
        if isinstance(table, Mapping):
            return table
        self._mistake(_("“%(name)s” is a section: [%(name)s].") % {"name": name})
        return {}

    def _texts(self, name: str, value: Any) -> tuple[str, ...]:
        texts = [value] if isinstance(value, str) else value
        if texts is None:
            return ()
        if not isinstance(texts, list) or not all(_is_text(text) for text in texts):
            self._mistake(_("%(name)s is a text or a list of texts, none of them empty.") % {"name": name})
            return ()
        return tuple(" ".join(text.split()) for text in texts)

    def _formats(self, name: str, value: Any) -> tuple[str, ...]:
        formats = self._texts(name, value)
        for one in formats:
            if not _is_date_format(one):
                sentence = _("%(name)s: “%(format)s” is not a date format with day, month and year.")
                self._mistake(sentence % {"name": name, "format": one})
        return formats

    def _refuse_unknown(self, section: str, table: Mapping[str, Any], known: list[str]) -> None:
        for name in table:
            if name in known:
                continue
            where = f"{section}.{name}" if section else name
            near = get_close_matches(name, known, n=1)
            sentence = (
                _("There is no “%(name)s” in a mapping; did you mean “%(near)s”?")
                if near
                else _("There is no “%(name)s” in a mapping; there is: %(known)s.")
            )
            hints = {"name": where, "near": near[0] if near else "", "known": ", ".join(known)}
            self._mistake(sentence % hints)

    def _mistake(self, sentence: str) -> None:
        self.mistakes.append(sentence)


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _is_encoding(name: str) -> bool:
    try:
        io.TextIOWrapper(io.BytesIO(), encoding=name)
    except (LookupError, ValueError):
        return False
    return True


def _is_date_format(text: str) -> bool:
    christmas = datetime(2031, 12, 25)  # noqa: DTZ001 - only its date counts
    try:
        return datetime.strptime(christmas.strftime(text), text).date() == christmas.date()  # noqa: DTZ007
    except ValueError:
        return False
