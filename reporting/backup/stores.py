"""Where backups are kept: a folder, or a bucket of an S3-compatible store."""

import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from django.conf import settings
from django.utils.translation import gettext as _

from reporting.backup.errors import BackupError
from reporting.backup.s3 import Bucket

_DRAFT = ".unfinished-"
_ABANDONED_SECONDS = 24 * 3600


@dataclass(frozen=True, kw_only=True)
class Kept:
    """A backup as it is kept."""

    name: str
    size: int


class Store(Protocol):
    """A place that keeps backups."""

    @property
    def place(self) -> str:
        """Its name for people."""

    @contextmanager
    def draft(self) -> Iterator[Path]:
        """Lend a file to write into, which is gone afterwards unless it was kept."""

    def keep(self, draft: Path, name: str) -> Kept:
        """Keep a finished file under a name, whole or not at all."""

    def kept(self) -> list[Kept]:
        """Return what is kept, by name."""

    @contextmanager
    def fetched(self, name: str) -> Iterator[Path]:
        """Lend a kept backup as a file."""

    def delete(self, name: str) -> None: ...


def store_of(address: str = "") -> Store:
    """Return the store of an address: a folder, `s3://bucket/prefix`, or nothing for that of BACKUP_TO."""
    address = address or settings.BACKUP_TO
    if address.startswith("s3://"):
        bucket, _slash, prefix = address.removeprefix("s3://").partition("/")
        return S3(Bucket.from_settings(bucket), prefix.strip("/"))
    return Folder(Path(address))


@contextmanager
def found(address: str) -> Iterator[Path]:
    """Lend the backup of a path, of `s3://bucket/prefix/name`, or of a name in BACKUP_TO.

    Raises `BackupError` where there is none.
    """
    if address.startswith("s3://"):
        place, _slash, name = address.rpartition("/")
        store = store_of(place)
    elif Path(address).exists() or "/" in address:
        store, name = Folder(Path(address).parent), Path(address).name
    else:
        store, name = store_of(), address
    with store.fetched(name) as path:
        yield path


@dataclass(frozen=True)
class Folder:
    folder: Path

    @property
    def place(self) -> str:
        return str(self.folder)

    @contextmanager
    def draft(self) -> Iterator[Path]:
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for abandoned in self.folder.glob(f"{_DRAFT}*"):
            if abandoned.stat().st_mtime < time.time() - _ABANDONED_SECONDS:
                abandoned.unlink(missing_ok=True)
        descriptor, name = tempfile.mkstemp(prefix=_DRAFT, dir=self.folder)
        os.close(descriptor)
        try:
            yield Path(name)
        finally:
            Path(name).unlink(missing_ok=True)

    def keep(self, draft: Path, name: str) -> Kept:
        draft.rename(self.folder / name)
        descriptor = os.open(self.folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        return Kept(name=name, size=(self.folder / name).stat().st_size)

    def kept(self) -> list[Kept]:
        if not self.folder.is_dir():
            return []
        return [
            Kept(name=path.name, size=path.stat().st_size)
            for path in sorted(self.folder.iterdir())
            if path.is_file() and not path.name.startswith(".")
        ]

    @contextmanager
    def fetched(self, name: str) -> Iterator[Path]:
        path = self.folder / name
        if not path.is_file():
            raise BackupError(_("There is no backup %(name)s.") % {"name": path})
        yield path

    def delete(self, name: str) -> None:
        (self.folder / name).unlink(missing_ok=True)


@dataclass(frozen=True)
class S3:
    bucket: Bucket
    prefix: str

    @property
    def place(self) -> str:
        return f"s3://{self.bucket.name}/{self.prefix}"

    @contextmanager
    def draft(self) -> Iterator[Path]:
        with Folder(settings.VAR / "backups" / "unfinished").draft() as path:
            yield path

    def keep(self, draft: Path, name: str) -> Kept:
        self.bucket.put(self._key(name), draft)
        return Kept(name=name, size=draft.stat().st_size)

    def kept(self) -> list[Kept]:
        start = self._key("")
        return [
            Kept(name=key.removeprefix(start), size=size)
            for key, size in self.bucket.list(start)
            if "/" not in key.removeprefix(start)
        ]

    @contextmanager
    def fetched(self, name: str) -> Iterator[Path]:
        with self.draft() as path:
            self.bucket.get(self._key(name), path)
            yield path

    def delete(self, name: str) -> None:
        self.bucket.delete(self._key(name))

    def _key(self, name: str) -> str:
        return f"{self.prefix}/{name}" if self.prefix else name
