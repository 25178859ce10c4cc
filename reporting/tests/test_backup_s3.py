"""Backups in an S3-compatible store: a small one of our own on the loopback, that checks every signature."""

import hashlib
import threading
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit
from xml.sax.saxutils import escape

import pytest
from django.core.management import call_command

from reporting.backup import archive, s3
from reporting.backup.errors import BackupError
from reporting.backup.s3 import Bucket
from reporting.backup.stores import found, store_of

#: Of Amazon's documentation.
EXAMPLE = Bucket(
    name="examplebucket",
    endpoint="https://examplebucket.s3.amazonaws.com",
    region="us-east-1",
    access_key="AKIAIOSFODNN7EXAMPLE",
    secret_key="wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
)
_NOTHING = hashlib.sha256(b"").hexdigest()


class Shelf(BaseHTTPRequestHandler):
    """Keeps objects in memory. It lists one at a time, so that a list has several pages."""

    def answer(self):
        address = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(address.query, keep_blank_values=True).items()}
        key = unquote(address.path).removeprefix("/shelf/").removeprefix("/shelf")
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if not self._is_signed(address, body):
            return self._say(
                403, "<Error><Code>SignatureDoesNotMatch</Code><Message>Not signed so.</Message></Error>"
            )
        shelf, parts = self.server.shelf, self.server.parts
        match self.command, sorted(query):
            case "PUT", ["partNumber", "uploadId"]:
                parts.setdefault(query["uploadId"], {})[int(query["partNumber"])] = body
                return self._say(200, tag=hashlib.md5(body).hexdigest())  # noqa: S324 - as stores do
            case "PUT", []:
                shelf[key] = body
                return self._say(200, tag="whole")
            case "POST", ["uploads"]:
                return self._say(200, f"<R xmlns='s3'><UploadId>up-{len(parts)}</UploadId></R>")
            case "POST", ["uploadId"]:
                if self.server.loses_uploads:
                    return self._say(200, "<Error><Message>We lost it.</Message></Error>")
                given = parts.pop(query["uploadId"])
                shelf[key] = b"".join(given[number] for number in sorted(given))
                return self._say(200, "<R xmlns='s3'><ETag>whole</ETag></R>")
            case "DELETE", ["uploadId"]:
                parts.pop(query["uploadId"])
                return self._say(204)
            case "DELETE", []:
                shelf.pop(key, None)
                return self._say(204)
            case "GET", []:
                return (
                    self._say(200, shelf[key])
                    if key in shelf
                    else self._say(404, "<Error><Message>No such key.</Message></Error>")
                )
        names = sorted(name for name in shelf if name.startswith(query["prefix"]))
        at = int(query.get("continuation-token", 0))
        more = f"<NextContinuationToken>{at + 1}</NextContinuationToken>" if at + 1 < len(names) else ""
        found = "".join(
            f"<Contents><Key>{escape(name)}</Key><Size>{len(shelf[name])}</Size></Contents>"
            for name in names[at : at + 1]
        )
        return self._say(200, f"<R xmlns='http://s3.amazonaws.com/doc/2006-03-01/'>{found}{more}</R>")

    do_GET = do_PUT = do_POST = do_DELETE = answer

    def _is_signed(self, address, body):
        if hashlib.sha256(body).hexdigest() != self.headers["X-Amz-Content-Sha256"]:
            return False
        names = self.headers["Authorization"].split("SignedHeaders=")[1].split(",")[0].split(";")
        at = datetime.strptime(self.headers["X-Amz-Date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
        headers = {name: self.headers[name] for name in names if name != "x-amz-date"}
        wanted = s3.sign(
            self.command, address.path, address.query, headers=headers, bucket=self.server.bucket, at=at
        )
        return wanted["authorization"] == self.headers["Authorization"]

    def _say(self, status, body=b"", tag=""):
        content = body.encode() if isinstance(body, str) else body
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        if tag:
            self.send_header("ETag", f'"{tag}"')
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *args):
        pass


@pytest.fixture
def server(settings):
    with ThreadingHTTPServer(("127.0.0.1", 0), Shelf) as server:
        settings.BACKUP_S3_ENDPOINT = f"http://127.0.0.1:{server.server_port}"
        settings.BACKUP_S3_ACCESS_KEY, settings.BACKUP_S3_SECRET_KEY = "key", "secret"
        server.shelf, server.parts, server.loses_uploads = {}, {}, False
        server.bucket = Bucket.from_settings("shelf")
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def keep(store, name, content):
    with store.draft() as draft:
        draft.write_bytes(content)
        return store.keep(draft, name)


@pytest.mark.parametrize(
    ("method", "path", "query", "headers", "signature"),
    [
        pytest.param(
            "GET",
            "/test.txt",
            "",
            {"range": "bytes=0-9", "x-amz-content-sha256": _NOTHING},
            "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41",
            id="get",
        ),
        pytest.param(
            "GET",
            "/",
            "max-keys=2&prefix=J",
            {"x-amz-content-sha256": _NOTHING},
            "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7",
            id="list",
        ),
        pytest.param(
            "PUT",
            "/test%24file.text",
            "",
            {
                "date": "Fri, 24 May 2013 00:00:00 GMT",
                "x-amz-content-sha256": hashlib.sha256(b"Welcome to Amazon S3.").hexdigest(),
                "x-amz-storage-class": "REDUCED_REDUNDANCY",
            },
            "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd",
            id="put",
        ),
    ],
)
def test_signatures_are_those_of_the_documentation(method, path, query, headers, signature):
    headers = {"host": "examplebucket.s3.amazonaws.com", **headers}

    signed = s3.sign(
        method, path, query, headers=headers, bucket=EXAMPLE, at=datetime(2013, 5, 24, tzinfo=UTC)
    )

    assert signed["authorization"].endswith(f"Signature={signature}")


def test_what_was_kept_is_listed_and_fetched(server):
    store = store_of("s3://shelf/site 1/nightly")
    for name in ("b.backup", "a.backup", "c.backup"):
        keep(store, name, name.encode() * 1000)
    server.shelf["site 1/nightly-of-others"] = b"x"

    assert [(one.name, one.size) for one in store.kept()] == [
        ("a.backup", 8000),
        ("b.backup", 8000),
        ("c.backup", 8000),
    ]
    with store.fetched("b.backup") as path:
        assert path.read_bytes() == b"b.backup" * 1000


def test_a_large_file_is_sent_in_parts(server, monkeypatch):
    monkeypatch.setattr(s3, "PART", 1000)
    content = bytes(range(256)) * 11

    keep(store_of("s3://shelf"), "large.backup", content)

    assert server.shelf == {"large.backup": content}


def test_an_upload_that_the_store_lost_is_told_and_its_parts_are_given_up(server, monkeypatch):
    monkeypatch.setattr(s3, "PART", 1000)
    server.loses_uploads = True

    with pytest.raises(BackupError, match="We lost it"):
        keep(store_of("s3://shelf"), "large.backup", b"x" * 2500)

    assert (server.shelf, server.parts) == ({}, {})


def test_what_was_deleted_is_gone(server):
    store = store_of("s3://shelf/nightly")
    keep(store, "a.backup", b"x")

    store.delete("a.backup")

    assert store.kept() == []


def test_a_wrong_key_is_told_in_the_words_of_the_store(server, settings):
    settings.BACKUP_S3_SECRET_KEY = "wrong"

    with pytest.raises(BackupError, match="403 Not signed so"):
        keep(store_of("s3://shelf"), "a.backup", b"x")


def test_a_store_that_is_away_is_told(server, settings):
    settings.BACKUP_S3_ENDPOINT = "http://127.0.0.1:9"

    with pytest.raises(BackupError, match="does not answer"):
        store_of("s3://shelf").kept()


def test_keys_that_are_missing_are_asked_for(settings):
    settings.BACKUP_S3_ACCESS_KEY = ""

    with pytest.raises(BackupError, match="Set BACKUP_S3_ACCESS_KEY"):
        store_of("s3://shelf")


@pytest.mark.django_db(transaction=True)
def test_a_backup_goes_to_the_store_and_comes_back_sound(server, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    call_command("backup", to="s3://shelf/site 1")

    (kept,) = store_of("s3://shelf/site 1").kept()
    with found(f"s3://shelf/site 1/{kept.name}") as path, path.open("rb") as file:
        content = archive.examine(file, passphrase="")

    assert "inventory_stockmovement" in content.figures.rows


def test_a_backup_that_the_store_does_not_have_is_told(server):
    with pytest.raises(BackupError, match="404"), found("s3://shelf/nothing.backup"):
        pass
