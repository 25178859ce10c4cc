"""What proves to a receiver that a request comes from here, as it was sent, and lately."""

import hashlib
import hmac
import secrets


def new_secret() -> str:
    return f"whsec_{secrets.token_urlsafe(32)}"


def signature(secret: str, *, timestamp: int, body: bytes) -> str:
    """Return the value of X-IPMS-Signature: HMAC-SHA256 of the timestamp, a dot and the body."""
    signed = f"{timestamp}.".encode() + body
    return f"sha256={hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()}"
