"""The few requests to an S3-compatible store that backups need, signed with AWS Signature Version 4.

Source: Amazon Simple Storage Service API Reference, "Authenticating Requests (AWS Signature Version 4)".
"""

import builtins
import hashlib
import hmac
import shutil
import ssl
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from pathlib import Path
from typing import IO, Any
from urllib.parse import quote, urlencode, urlsplit

from django.conf import settings
from django.utils.translation import gettext as _

from reporting.backup.errors import BackupError

#: A larger file is sent in parts of this size; a store takes no more than 10,000 of them.
PART = 64 << 20
_MOST_PARTS = 10_000
_SECONDS = 60
_EMPTY = hashlib.sha256(b"").hexdigest()
#: Stores differ in the namespace of their answers.
_ANY = "{*}"


@dataclass(frozen=True, kw_only=True)
class Bucket:
    """One bucket; `endpoint` is the address of the store, which takes the bucket's name in the path."""

    name: str
    endpoint: str
    region: str
    access_key: str
    secret_key: str

    @classmethod
    def from_settings(cls, name: str) -> "Bucket":
        """Raises `BackupError` where the keys are missing."""
        if not (settings.BACKUP_S3_ACCESS_KEY and settings.BACKUP_S3_SECRET_KEY):
            raise BackupError(_("Set BACKUP_S3_ACCESS_KEY and BACKUP_S3_SECRET_KEY to use an S3 store."))
        region = settings.BACKUP_S3_REGION
        return cls(
            name=name,
            endpoint=settings.BACKUP_S3_ENDPOINT or f"https://s3.{region}.amazonaws.com",
            region=region,
            access_key=settings.BACKUP_S3_ACCESS_KEY,
            secret_key=settings.BACKUP_S3_SECRET_KEY,
        )

    def put(self, key: str, path: Path) -> None:
        """Store a file, large ones in parts; it is there whole or not at all."""
        with path.open("rb") as file:
            size = path.stat().st_size
            if size <= PART:
                self._send(file, size, key)
                return
            part = max(PART, -(-size // _MOST_PARTS))
            with self._ask("POST", key, {"uploads": ""}) as answer:
                upload = _text(answer, "UploadId")
            try:
                tags: builtins.list[str] = []
                for number, at in enumerate(range(0, size, part), start=1):
                    query = {"partNumber": str(number), "uploadId": upload}
                    tags.append(self._send(file, min(part, size - at), key, query))
                self._complete(key, upload, tags)
            except BaseException:
                with suppress(BackupError), self._ask("DELETE", key, {"uploadId": upload}):
                    pass  # else the parts stay, and cost
                raise

    def get(self, key: str, path: Path) -> None:
        """Fetch a file."""
        with self._ask("GET", key) as answer, path.open("wb") as file:
            shutil.copyfileobj(answer, file)
            if answer.length:
                raise BackupError(_("The connection to the store of backups broke off."))

    def list(self, prefix: str) -> Iterator[tuple[str, int]]:
        """Yield key and size of what begins with `prefix`, by key."""
        query = {"list-type": "2", "prefix": prefix}
        while True:
            with self._ask("GET", "", query) as answer:
                tree = ElementTree.fromstring(answer.read())  # noqa: S314 - the store's own answer
            for one in tree.iterfind(f"{_ANY}Contents"):
                yield one.findtext(f"{_ANY}Key", ""), int(one.findtext(f"{_ANY}Size", "0"))
            token = tree.findtext(f"{_ANY}NextContinuationToken")
            if not token:
                return
            query = {**query, "continuation-token": token}

    def delete(self, key: str) -> None:
        with self._ask("DELETE", key):
            pass

    def _send(self, file: IO[bytes], size: int, key: str, query: Mapping[str, str] | None = None) -> str:
        """Send the next `size` bytes of a file; return the tag that the store gives them."""
        begin, digest, left = file.tell(), hashlib.sha256(), size
        while left and (block := file.read(min(left, 1 << 20))):
            digest.update(block)
            left -= len(block)
        file.seek(begin)
        with self._ask("PUT", key, query, body=_Window(file, size), digest=digest.hexdigest()) as answer:
            return answer.headers.get("ETag", "")

    def _complete(self, key: str, upload: str, tags: Sequence[str]) -> None:
        parts = "".join(
            f"<Part><PartNumber>{number}</PartNumber><ETag>{tag}</ETag></Part>"
            for number, tag in enumerate(tags, start=1)
        )
        body = f"<CompleteMultipartUpload>{parts}</CompleteMultipartUpload>".encode()
        with self._ask(
            "POST", key, {"uploadId": upload}, body=body, digest=hashlib.sha256(body).hexdigest()
        ) as answer:
            # The store answers 200 before it knows, and says in the body how it went.
            _text(answer, "ETag")

    @contextmanager
    def _ask(
        self,
        method: str,
        key: str,
        query: Mapping[str, str] | None = None,
        *,
        body: Any = None,
        digest: str = _EMPTY,
    ) -> Iterator[HTTPResponse]:
        """Send one request and lend its answer. Raises `BackupError` for any but a good one."""
        address = urlsplit(self.endpoint)
        path = quote(f"{address.path.rstrip('/')}/{self.name}/{key}".rstrip("/") or "/", safe="/-_.~")
        asked = urlencode(sorted((query or {}).items()), quote_via=quote, safe="")
        headers = sign(
            method,
            path,
            asked,
            headers={"host": address.netloc, "x-amz-content-sha256": digest},
            bucket=self,
            at=datetime.now(UTC),
        )
        if body is not None:
            headers["content-length"] = str(len(body))
        connection: HTTPConnection
        if address.scheme == "https":
            trusted = ssl.create_default_context()
            connection = HTTPSConnection(address.netloc, timeout=_SECONDS, context=trusted)
        else:
            connection = HTTPConnection(address.netloc, timeout=_SECONDS)
        try:
            connection.request(method, f"{path}?{asked}" if asked else path, body=body, headers=headers)
            answer = connection.getresponse()
            if answer.status >= 300:
                raise BackupError(_refusal(answer, self.name))
            yield answer
        except (OSError, HTTPException) as error:
            sentence = _("The store of backups at %(endpoint)s does not answer: %(reason)s.")
            raise BackupError(sentence % {"endpoint": self.endpoint, "reason": error}) from error
        finally:
            connection.close()


def sign(
    method: str, path: str, query: str, *, headers: Mapping[str, str], bucket: Bucket, at: datetime
) -> dict[str, str]:
    """Return the headers of a request with its signature; `path` and `query` are as they are sent."""
    moment, day = f"{at:%Y%m%dT%H%M%SZ}", f"{at:%Y%m%d}"
    signed = {**headers, "x-amz-date": moment}
    names = ";".join(sorted(signed))
    canonical = "\n".join(
        [
            method,
            path,
            query,
            *(f"{name}:{signed[name]}" for name in sorted(signed)),
            "",
            names,
            signed["x-amz-content-sha256"],
        ]
    )
    scope = f"{day}/{bucket.region}/s3/aws4_request"
    to_sign = "\n".join(["AWS4-HMAC-SHA256", moment, scope, hashlib.sha256(canonical.encode()).hexdigest()])
    key = f"AWS4{bucket.secret_key}".encode()
    for step in (day, bucket.region, "s3", "aws4_request"):
        key = hmac.digest(key, step.encode(), "sha256")
    signature = hmac.digest(key, to_sign.encode(), "sha256").hex()
    credential = f"{bucket.access_key}/{scope}"
    signed["authorization"] = (
        f"AWS4-HMAC-SHA256 Credential={credential}, SignedHeaders={names}, Signature={signature}"
    )
    return signed


class _Window:
    """The next bytes of a file, as a body that is read while it is sent."""

    def __init__(self, file: IO[bytes], size: int) -> None:
        self._file = file
        self._left = self._size = size

    def __len__(self) -> int:
        return self._size

    def read(self, size: int = -1) -> bytes:
        block = self._file.read(self._left if size < 0 else min(size, self._left))
        self._left -= len(block)
        return block


def _text(answer: HTTPResponse, name: str) -> str:
    body = answer.read()
    try:
        tree = ElementTree.fromstring(body)  # noqa: S314 - the store's own answer
    except ElementTree.ParseError as error:
        raise BackupError(_("The store of backups gave an answer that cannot be read.")) from error
    text = tree.findtext(f"{_ANY}{name}")
    if text is None:
        reason = tree.findtext(f"{_ANY}Message") or tree.tag
        raise BackupError(_("The store of backups refused: %(reason)s") % {"reason": reason})
    return text


def _refusal(answer: HTTPResponse, bucket: str) -> str:
    try:
        tree = ElementTree.fromstring(answer.read())  # noqa: S314 - the store's own answer
        reason = tree.findtext(f"{_ANY}Message") or tree.findtext(f"{_ANY}Code") or answer.reason
    except ElementTree.ParseError:
        reason = answer.reason
    sentence = _("The bucket %(bucket)s refused: %(status)d %(reason)s")
    return sentence % {"bucket": bucket, "status": answer.status, "reason": reason}
