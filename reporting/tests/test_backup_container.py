"""The file of a backup: what was written comes back, and nothing else passes."""

import io
import random
import tracemalloc
import zlib

import pytest

from reporting.backup import container
from reporting.backup.errors import BackupError, DamagedBackup

TEXT = b"steel bolts, M8\n" * 200


def written(data=TEXT, *, passphrase="", header=None):
    file = io.BytesIO()
    stream = container.Writer(file, passphrase=passphrase, header=header or {"version": "1"})
    stream.write(data)
    stream.close()
    return file.getvalue()


def read(content, *, passphrase=""):
    return b"".join(container.read(io.BytesIO(content), passphrase=passphrase))


@pytest.fixture
def small_chunks(monkeypatch):
    monkeypatch.setattr(container, "CHUNK", 64)


@pytest.mark.parametrize("passphrase", ["", "correct horse"], ids=["plain", "encrypted"])
def test_what_was_written_comes_back(passphrase):
    noise = random.Random(1).randbytes(3 << 20)  # noqa: S311 - incompressible, not secret

    assert read(written(noise, passphrase=passphrase), passphrase=passphrase) == noise


def test_a_large_stream_goes_through_in_constant_memory(tmp_path):
    block = random.Random(1).randbytes(1 << 18)  # noqa: S311 - incompressible, not secret
    tracemalloc.start()

    with (tmp_path / "large").open("w+b") as file:
        stream = container.Writer(file, passphrase="correct horse", header={})
        for _number in range(200):
            stream.write(block)
        stream.close()
        length = sum(len(part) for part in container.read(file, passphrase="correct horse"))

    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert length == 200 << 18
    assert peak < 12 << 20


@pytest.mark.parametrize("passphrase", ["", "correct horse"], ids=["plain", "encrypted"])
def test_nothing_shorter_passes(passphrase, small_chunks, monkeypatch):
    monkeypatch.setattr(container, "_SCRYPT", {"n": 2, "r": 8, "p": 1})
    content = written(random.Random(1).randbytes(400), passphrase=passphrase)  # noqa: S311

    for length in range(len(content)):
        with pytest.raises(DamagedBackup):
            read(content[:length], passphrase=passphrase)


@pytest.mark.parametrize("passphrase", ["", "correct horse"], ids=["plain", "encrypted"])
def test_no_byte_can_be_altered(passphrase, small_chunks, monkeypatch):
    monkeypatch.setattr(container, "_SCRYPT", {"n": 2, "r": 8, "p": 1})
    content = written(random.Random(1).randbytes(400), passphrase=passphrase)  # noqa: S311

    for place in range(len(content)):
        altered = bytearray(content)
        altered[place] ^= 1
        # In the header of an encrypted file it may look like a wrong passphrase; it is refused as well.
        with pytest.raises(BackupError):
            read(bytes(altered), passphrase=passphrase)


def test_chunks_cannot_change_places(small_chunks):
    content = written(random.Random(1).randbytes(400))  # noqa: S311
    begin = content.index(b"}") + 1
    chunk = 5 + 64 + 32
    swapped = content[:begin] + content[begin + chunk : begin + 2 * chunk] + content[begin : begin + chunk]

    with pytest.raises(DamagedBackup):
        read(swapped + content[begin + 2 * chunk :])


def test_something_behind_the_end_is_refused():
    with pytest.raises(DamagedBackup, match="behind its end"):
        read(written() + b"x")


@pytest.mark.parametrize(
    "content", [b"", b"PGDMP" + b"\0" * 400, b"\x1f\x8b" * 300], ids=["empty", "pg_dump", "gzip"]
)
def test_a_foreign_file_is_named_as_such(content):
    with pytest.raises(DamagedBackup, match="not a backup of IPMS"):
        read(content)


def test_a_wrong_passphrase_is_one_clear_sentence():
    with pytest.raises(BackupError, match="not the one of this backup"):
        read(written(passphrase="correct horse"), passphrase="battery staple")


def test_a_missing_passphrase_is_asked_for():
    with pytest.raises(BackupError, match="set BACKUP_PASSPHRASE"):
        read(written(passphrase="correct horse"))


def test_an_encrypted_file_shows_nothing_of_its_content():
    content = written(passphrase="correct horse")

    assert b"steel" not in content
    assert zlib.compress(TEXT, 4)[:30] not in content


def test_the_same_content_is_sealed_otherwise_each_time():
    assert written(passphrase="correct horse") != written(passphrase="correct horse")
