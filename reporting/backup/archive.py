"""What stands inside a backup: a manifest, tables, files, figures; one record after the other.

B manifest   T table   D… its rows   E its count and digest   F file   D…   E   Z figures
"""

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, field
from typing import IO, Any

from django.utils.translation import gettext as _

from reporting.backup import container
from reporting.backup.errors import DamagedBackup
from reporting.backup.tables import Figures, Sequence, Table

_FRONT = 5
_LONGEST = 1 << 24


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """What is known before the first row: of which version it is, and what is in it."""

    version: str
    created_at: str
    #: Applied migrations, as (app, name).
    migrations: list[tuple[str, str]]
    tables: list[Table]
    sequences: list[Sequence]


@dataclass(frozen=True, kw_only=True)
class Content:
    """A backup that was read from end to end and found sound."""

    manifest: Manifest
    figures: Figures
    files: list[str] = field(default_factory=list)


class Writer:
    """Writes records through `write`."""

    def __init__(self, write: Callable[[bytes], None]) -> None:
        self._write = write

    def manifest(self, manifest: Manifest) -> None:
        self._note(b"B", asdict(manifest))

    def table(self, table: Table, blocks: Iterable[bytes]) -> tuple[int, str]:
        """Write the rows of a table; return their number and digest."""
        self._note(b"T", {"name": table.name})
        return self._data(blocks)

    def file(self, name: str, blocks: Iterable[bytes]) -> None:
        self._note(b"F", {"name": name})
        self._data(blocks)

    def figures(self, figures: Figures) -> None:
        self._note(b"Z", asdict(figures))

    def _data(self, blocks: Iterable[bytes]) -> tuple[int, str]:
        digest, lines = hashlib.sha256(), 0
        for block in blocks:
            digest.update(block)
            lines += block.count(b"\n")
            self._record(b"D", block)
        self._note(b"E", {"lines": lines, "sha256": digest.hexdigest()})
        return lines, digest.hexdigest()

    def _note(self, kind: bytes, values: dict[str, Any]) -> None:
        self._record(kind, json.dumps(values).encode())

    def _record(self, kind: bytes, content: bytes) -> None:
        self._write(kind + len(content).to_bytes(4, "big") + content)


@dataclass(frozen=True)
class Part:
    """A table or a file of the backup with its blocks, to be read before the next part."""

    kind: str
    name: str
    blocks: Iterator[bytes]


class Reader:
    """Reads a backup once, from its beginning: `manifest`, then `parts()`, then `figures`.

    Raises `DamagedBackup` and `BackupError` as soon as something is found that does not hold.
    """

    def __init__(self, file: IO[bytes], *, passphrase: str) -> None:
        self._records = _records(container.read(file, passphrase=passphrase))
        self.figures: Figures | None = None
        with _understood():
            values = self._take(b"B")
            self.manifest = Manifest(
                version=values["version"],
                created_at=values["created_at"],
                migrations=[(app, name) for app, name in values["migrations"]],
                tables=[Table(**one) for one in values["tables"]],
                sequences=[Sequence(**one) for one in values["sequences"]],
            )

    def parts(self) -> Iterator[Part]:
        for kind, content in self._records:
            if kind == b"Z":
                with _understood():
                    self.figures = Figures(**json.loads(content))
                if next(self._records, None) is not None:
                    raise DamagedBackup(_("The backup is altered: there is something behind its end."))
                return
            if kind not in (b"T", b"F"):
                raise _misplaced()
            with _understood():
                name = str(json.loads(content)["name"])
            yield Part("table" if kind == b"T" else "file", name, self._blocks())
        raise DamagedBackup(_("The backup is cut off: its end is missing."))

    def _blocks(self) -> Iterator[bytes]:
        digest, lines = hashlib.sha256(), 0
        for kind, content in self._records:
            if kind == b"D":
                digest.update(content)
                lines += content.count(b"\n")
                yield content
            elif kind == b"E":
                with _understood():
                    told = json.loads(content)
                if told != {"lines": lines, "sha256": digest.hexdigest()}:
                    raise DamagedBackup(_("The backup is altered: a table does not match its digest."))
                return
            else:
                raise _misplaced()

    def _take(self, wanted: bytes) -> dict[str, Any]:
        kind, content = next(self._records, (b"", b""))
        if kind != wanted:
            raise _misplaced()
        return dict(json.loads(content))


def examine(file: IO[bytes], *, passphrase: str) -> Content:
    """Read a backup from end to end and return what is in it; nothing is changed anywhere."""
    reader = Reader(file, passphrase=passphrase)
    files: list[str] = []
    tables: list[str] = []
    for part in reader.parts():
        (files if part.kind == "file" else tables).append(part.name)
        for _block in part.blocks:
            pass
    if tables != [table.name for table in reader.manifest.tables] or reader.figures is None:
        raise _misplaced()
    return Content(manifest=reader.manifest, figures=reader.figures, files=files)


def _records(stream: Iterator[bytes]) -> Iterator[tuple[bytes, bytes]]:
    waiting = bytearray()
    for block in stream:
        waiting += block
        at = 0
        while len(waiting) - at >= _FRONT:
            length = int.from_bytes(waiting[at + 1 : at + _FRONT], "big")
            if length > _LONGEST:
                raise _misplaced()
            if len(waiting) - at < _FRONT + length:
                break
            yield bytes(waiting[at : at + 1]), bytes(waiting[at + _FRONT : at + _FRONT + length])
            at += _FRONT + length
        del waiting[:at]
    if waiting:
        raise DamagedBackup(_("The backup is cut off: its end is missing."))


class _understood:
    """Whatever cannot be understood inside the block is a damaged backup."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, traceback: Any) -> None:
        if isinstance(error, KeyError | TypeError | ValueError):
            raise _misplaced() from error


def _misplaced() -> DamagedBackup:
    return DamagedBackup(_("The backup is altered: its content cannot be understood."))
