"""The outer form of a backup file: a stream, compressed, cut into chunks that prove themselves.

    IPMS backup 1\\n | length | header (JSON) | chunk | chunk | … | last chunk

A chunk is `length (4 bytes) | is it the last (1 byte) | content | proof`. Without encryption the proof is
the SHA-256 of the proof before it, the two fields and the content, so that each chunk vouches for all
before it, their order and the header. With encryption the content is sealed by AES-256-GCM under a key from
the passphrase (scrypt), with the chunk's number as nonce and the header's hash in what is authenticated.
A file without a last chunk was cut off; only encryption tells an altered file from a forged one.
"""

import hashlib
import hmac
import json
import os
import zlib
from collections.abc import Iterator
from typing import IO, Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.utils.translation import gettext as _

from reporting.backup.errors import BackupError, DamagedBackup

MAGIC = b"IPMS backup 1\n"
CHUNK = 1 << 20
_PROOF, _TAG = 32, 16
#: Nothing that was written is longer; a damaged length must not ask for gigabytes.
_LONGEST_HEADER, _LONGEST_CHUNK = 1 << 20, CHUNK + _TAG
_SCRYPT = {"n": 1 << 15, "r": 8, "p": 1}
_LEVEL = 4


class Writer:
    """Writes a stream of bytes as a backup file; `close()` ends it."""

    def __init__(self, file: IO[bytes], *, passphrase: str, header: dict[str, Any]) -> None:
        self._file = file
        self._squeeze = zlib.compressobj(_LEVEL)
        self._waiting = bytearray()
        self._seal: _Seal
        if passphrase:
            salt = os.urandom(16)
            key, check = _derive(passphrase, salt, _SCRYPT)
            header = {**header, "scrypt": {**_SCRYPT, "salt": salt.hex()}, "check": check}
        text = json.dumps(header).encode()
        start = MAGIC + len(text).to_bytes(4, "big") + text
        self._seal = _Cipher(start, key) if passphrase else _Hash(start)
        file.write(start)

    def write(self, data: bytes | memoryview) -> None:
        self._waiting += self._squeeze.compress(data)
        while len(self._waiting) > CHUNK:
            self._chunk(bytes(self._waiting[:CHUNK]), is_last=False)
            del self._waiting[:CHUNK]

    def close(self) -> None:
        self._waiting += self._squeeze.flush()
        while len(self._waiting) > CHUNK:
            self._chunk(bytes(self._waiting[:CHUNK]), is_last=False)
            del self._waiting[:CHUNK]
        self._chunk(bytes(self._waiting), is_last=True)

    def _chunk(self, content: bytes, *, is_last: bool) -> None:
        flag = bytes([is_last])
        sealed = self._seal.close(content, flag)
        length = len(sealed) - self._seal.proof_length
        self._file.write(length.to_bytes(4, "big") + flag + sealed)


def read_header(file: IO[bytes]) -> tuple[dict[str, Any], bytes]:
    """Return the header of a backup, and its bytes; the file stands behind it.

    Raises `DamagedBackup` where it is no backup of this form.
    """
    file.seek(0)
    magic = file.read(len(MAGIC))
    if magic != MAGIC:
        if magic.startswith(b"IPMS backup "):
            raise DamagedBackup(_("This backup has a form that a newer version of IPMS writes."))
        raise DamagedBackup(_("This file is not a backup of IPMS."))
    length = file.read(4)
    size = int.from_bytes(length, "big")
    text = file.read(size) if size <= _LONGEST_HEADER else b""
    if len(text) < size or len(length) < 4 or not text:
        raise DamagedBackup(_("The backup is cut off or altered at its beginning."))
    try:
        header = json.loads(text)
        return dict(header), magic + length + text
    except ValueError as error:
        raise DamagedBackup(_("The backup is altered at its beginning.")) from error


def read(file: IO[bytes], *, passphrase: str) -> Iterator[bytes]:
    """Yield the stream of a backup file, each block proven before it is handed out.

    Raises `DamagedBackup` where the file is cut off or altered, and `BackupError` where it is encrypted and
    the passphrase is missing or wrong.
    """
    header, start = read_header(file)
    seal = _seal_of(header, start, passphrase)
    expand = zlib.decompressobj()
    is_last = False
    while not is_last:
        front = file.read(5)
        length = int.from_bytes(front[:4], "big")
        if len(front) == 5 and (front[4] > 1 or length > _LONGEST_CHUNK):
            raise DamagedBackup(_("The backup is altered: it cannot be used."))
        sealed = file.read(length + seal.proof_length) if len(front) == 5 else b""
        if len(front) < 5 or len(sealed) < length + seal.proof_length:
            raise DamagedBackup(_("The backup is cut off: its end is missing."))
        is_last = bool(front[4])
        content = seal.open(sealed, front[4:])
        try:
            # A chunk that expands without bounds is handed out in pieces.
            while content:
                yield expand.decompress(content, CHUNK)
                content = expand.unconsumed_tail
        except zlib.error as error:
            raise DamagedBackup(_("The backup is altered: it cannot be used.")) from error
    yield expand.flush()
    if not expand.eof or file.read(1):
        raise DamagedBackup(_("The backup is altered: there is something behind its end."))


class _Seal:
    proof_length: int

    def close(self, content: bytes, flag: bytes) -> bytes:
        """Return the content with its proof."""
        raise NotImplementedError

    def open(self, sealed: bytes, flag: bytes) -> bytes:
        """Return the content. Raises `DamagedBackup` where it is not what was closed."""
        raise NotImplementedError


class _Hash(_Seal):
    proof_length = _PROOF

    def __init__(self, start: bytes) -> None:
        self._before = hashlib.sha256(start).digest()

    def close(self, content: bytes, flag: bytes) -> bytes:
        self._before = hashlib.sha256(self._before + flag + content).digest()
        return content + self._before

    def open(self, sealed: bytes, flag: bytes) -> bytes:
        content, proof = sealed[:-_PROOF], sealed[-_PROOF:]
        self._before = hashlib.sha256(self._before + flag + content).digest()
        if not hmac.compare_digest(proof, self._before):
            raise DamagedBackup(_("The backup is altered: a checksum does not match."))
        return content


class _Cipher(_Seal):
    #: The tag is within the length of the chunk.
    proof_length = 0

    def __init__(self, start: bytes, key: bytes) -> None:
        self._cipher = AESGCM(key)
        self._start = hashlib.sha256(start).digest()
        self._number = 0

    def close(self, content: bytes, flag: bytes) -> bytes:
        return self._cipher.encrypt(self._nonce(), content, self._start + flag)

    def open(self, sealed: bytes, flag: bytes) -> bytes:
        try:
            return self._cipher.decrypt(self._nonce(), sealed, self._start + flag)
        except InvalidTag as error:
            raise DamagedBackup(_("The backup is altered: a chunk does not match its seal.")) from error

    def _nonce(self) -> bytes:
        # The key is this file's alone, by its salt: a number is enough for what must not come twice.
        self._number += 1
        return self._number.to_bytes(12, "big")


def _seal_of(header: dict[str, Any], start: bytes, passphrase: str) -> _Seal:
    if "scrypt" not in header:
        return _Hash(start)
    if not passphrase:
        raise BackupError(_("The backup is encrypted: set BACKUP_PASSPHRASE to its passphrase."))
    try:
        cost = {name: int(header["scrypt"][name]) for name in _SCRYPT}
        if cost != _SCRYPT:
            raise ValueError(cost)
        key, check = _derive(passphrase, bytes.fromhex(header["scrypt"]["salt"]), cost)
        is_right = hmac.compare_digest(check, header["check"])
    except (KeyError, TypeError, ValueError) as error:
        raise DamagedBackup(_("The backup is altered at its beginning.")) from error
    if not is_right:
        raise BackupError(_("The passphrase in BACKUP_PASSPHRASE is not the one of this backup."))
    return _Cipher(start, key)


def _derive(passphrase: str, salt: bytes, cost: dict[str, int]) -> tuple[bytes, str]:
    """Return the key, and a check by which a wrong passphrase is told from an altered file."""
    derived = hashlib.scrypt(passphrase.encode(), salt=salt, **cost, maxmem=1 << 26, dklen=64)
    return derived[:32], derived[32:48].hex()
