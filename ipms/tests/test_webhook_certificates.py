"""TLS of webhooks: whoever cannot prove to be the host gets nothing."""

import socket
import ssl
import threading
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from ipms.webhooks import posting


def test_a_certificate_that_nobody_signed_is_refused(settings, tmp_path):
    settings.WEBHOOK_ALLOW_PRIVATE = True
    got = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*_own_certificate(tmp_path))
        threading.Thread(target=_accept, args=(server, context, got), daemon=True).start()
        answer = posting.post(f"https://127.0.0.1:{server.getsockname()[1]}/", b"{}", {}, timeout=2)

    assert answer.status is None
    assert "certificate" in answer.error
    assert got == []


def _accept(server, context, got):
    with suppress(OSError):
        caller, _address = server.accept()
        with caller, context.wrap_socket(caller, server_side=True) as secured:
            got.append(secured.recv(1000))


def _own_certificate(folder):
    """Return the files of a certificate for 127.0.0.1 that is signed by itself, and of its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    files = folder / "certificate.pem", folder / "key.pem"
    files[0].write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    files[1].write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return files
