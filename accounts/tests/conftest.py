from contextlib import contextmanager

import pytest
from django.contrib.auth.hashers import MD5PasswordHasher


@pytest.fixture
def hashes(monkeypatch):
    """Hold that a password is hashed so many times inside a block: `with hashes(1):`."""

    @contextmanager
    def expect(times):
        done = []
        encode = MD5PasswordHasher.encode
        with monkeypatch.context() as patch:
            patch.setattr(MD5PasswordHasher, "encode", lambda *args: done.append(1) or encode(*args))
            yield
        assert len(done) == times

    return expect


@pytest.fixture
def at(monkeypatch):
    """Let logins and tokens believe inside a block that it is another time: `with at(moment):`."""

    @contextmanager
    def believe(moment):
        with monkeypatch.context() as patch:
            for name in (
                "django.utils.timezone.now",
                "axes.handlers.proxy.now",
                "rest_framework_simplejwt.tokens.aware_utcnow",
            ):
                patch.setattr(name, lambda: moment)
            yield

    return believe
