"""Where uploaded spreadsheets lie, with what was found wrong in them, until a job deletes them."""

import heapq
import json
import os
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

from django.conf import settings

from ipms.importing import reading
from ipms.importing.reading import Layout, RawRow
from ipms.models import ImportRun

_STRAY_SECONDS = 24 * 3600


def keep(upload: Any, name: str) -> str:
    """Store what was uploaded and return under which name."""
    folder = _folder()
    folder.mkdir(mode=0o750, parents=True, exist_ok=True)
    stored = f"{secrets.token_hex(16)}{Path(name).suffix.lower()[:5]}"
    with (folder / stored).open("wb") as file:
        for chunk in upload.chunks():
            file.write(chunk)
        file.flush()
        os.fsync(file.fileno())
    (folder / stored).chmod(0o640)
    return stored


def path_of(stored: str) -> Path:
    return _folder() / stored


def remove(stored: str) -> None:
    """Delete a file and what was found wrong in it."""
    for path in (path_of(stored), _problems_of(stored)):
        with suppress(FileNotFoundError):
            path.unlink()


def remove_strays() -> None:
    """Delete files that no record names: what was uploaded by a request that failed."""
    if not _folder().is_dir():
        return
    known = set(ImportRun.objects.exclude(file="").values_list("file", flat=True))
    for path in _folder().iterdir():
        name = path.name.removesuffix(".problems").removesuffix(".part")
        if path.is_file() and name not in known and path.stat().st_mtime < time.time() - _STRAY_SECONDS:
            with suppress(FileNotFoundError):
                path.unlink()


def data_rows(run: ImportRun) -> Iterator[RawRow]:
    """Yield the rows below the column names."""
    for number, cells in reading.rows(path_of(run.file), Layout(**run.layout)):
        if number > run.header_row:
            yield number, cells


@contextmanager
def writing_problems(run: ImportRun) -> Iterator[IO[str]]:
    """Write anew what is wrong with rows; who reads meanwhile sees what was written before, or nothing."""
    final = _problems_of(run.file)
    part = final.with_suffix(".problems.part")
    with part.open("w", encoding="utf-8") as file:
        yield file
    part.replace(final)


def add_problem(file: IO[str], number: int, problems: dict[str, list[str]]) -> None:
    file.write(json.dumps([number, problems], ensure_ascii=False) + "\n")


def problems(run: ImportRun) -> Iterator[tuple[int, dict[str, list[str]]]]:
    """Yield what is wrong, in the order of the file: what the check found, and what the import refused."""
    late = {
        int(number): found
        for refused in run.chunks.exclude(refused={}).values_list("refused", flat=True)
        for number, found in refused.items()
    }
    yield from heapq.merge(_found_by_check(run), sorted(late.items()), key=lambda told: told[0])


def _found_by_check(run: ImportRun) -> Iterator[tuple[int, dict[str, list[str]]]]:
    with suppress(FileNotFoundError), _problems_of(run.file).open(encoding="utf-8") as file:
        for line in file:
            number, found = json.loads(line)
            yield number, found


def _problems_of(stored: str) -> Path:
    return path_of(f"{stored}.problems")


def _folder() -> Path:
    return Path(settings.IMPORTS_ROOT)
