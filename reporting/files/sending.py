"""A document on its way: into a file, or into the answer to a request."""

import logging
from collections.abc import Generator, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any

from django.conf import settings
from django.http import FileResponse, HttpResponseBase, StreamingHttpResponse
from django.utils.http import content_disposition_header
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from reporting.files import as_csv, as_pdf, as_xlsx
from reporting.tables import Document

logger = logging.getLogger(__name__)

#: So much is made before anything is sent: most exports then are sent whole or not at all.
_HELD_BACK_BYTES = 1024 * 1024


@dataclass(frozen=True)
class Format:
    """What a file is called in the world."""

    extension: str
    content_type: str


FORMATS = {
    "json": Format("json", "application/json"),
    "csv": Format("csv", "text/csv; charset=utf-8"),
    "xlsx": Format("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    "pdf": Format("pdf", "application/pdf"),
}


def write(document: Document, format: str, file: IO[bytes]) -> None:
    """Write a document as CSV, XLSX or PDF."""
    match format:
        case "csv":
            file.writelines(as_csv.chunks(document))
        case "xlsx":
            as_xlsx.write(document, file, folder=str(_scratch_folder()))
        case "pdf":
            as_pdf.write(document, file)
        case _:
            raise ValueError(f"A document is not written as {format!r}.")


def respond(document: Document, format: str) -> HttpResponseBase:
    """Answer with a document as a download: CSV streams, XLSX and PDF are made on the disk first."""
    name = file_name(document.name, format, document.as_of)
    if format == "csv":
        return stream(as_csv.chunks(document), format, name)
    file = open_scratch()
    try:
        write(document, format, file)
        size = file.tell()
        file.seek(0)
    except BaseException:
        file.close()
        raise
    response = FileResponse(file, content_type=FORMATS[format].content_type)
    response["Content-Length"] = str(size)
    return _as_download(response, name)


def stream(chunks: Iterator[bytes], format: str, name: str) -> StreamingHttpResponse:
    """Answer with what comes in pieces.

    The first megabyte is made before it is sent, so that what fails in it is answered as a failure. What
    breaks off later says so itself: JSON has no end then, and the last line of a CSV file is a sentence.
    """
    held, size, is_whole = [], 0, False
    while size < _HELD_BACK_BYTES and not is_whole:
        chunk = next(chunks, None)
        is_whole = chunk is None
        if chunk is not None:
            held.append(chunk)
            size += len(chunk)
    last_words = _("ERROR: the export broke off here. This file is not complete; please export again.")
    response = StreamingHttpResponse(
        _watched(chain(held, chunks), chunks, name, last_words if format == "csv" else ""),
        content_type=FORMATS[format].content_type,
    )
    if is_whole:
        response["Content-Length"] = str(size)
    return _as_download(response, name)


def file_name(name: str, format: str, at: datetime) -> str:
    """Return a dated name: `inventory-2031-05-31.csv`."""
    return f"{name}-{localtime(at):%Y-%m-%d}.{FORMATS[format].extension}"


def open_scratch() -> IO[bytes]:
    """Open a file that is gone when it is closed, on the disk where the site keeps its data."""
    return TemporaryFile(dir=_scratch_folder())


def _scratch_folder() -> Path:
    folder = Path(settings.EXPORTS_ROOT) / "scratch"
    folder.mkdir(mode=0o750, parents=True, exist_ok=True)
    return folder


def _watched(pieces: Iterable[bytes], source: Any, name: str, last_words: str) -> Generator[bytes]:
    """Pass pieces on. A failure in the middle is logged and goes on, for the server to cut the connection.

    Not every server does: Granian ends the answer as if it were whole. Hence the last words.
    """
    try:
        yield from pieces
    except Exception:
        logger.exception("%s broke off in the middle", name)
        if last_words:
            yield f"\r\n{last_words}\r\n".encode()
        raise
    finally:
        source.close()  # ends the query where the client has gone away


def _as_download(response: Any, name: str) -> Any:
    response["Content-Disposition"] = content_disposition_header(True, name)
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response
