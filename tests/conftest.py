import pytest

from tests import server


@pytest.fixture(scope="session")
def site():
    """A running site for the tests that press or kill one; each leaves it running and makes its own items."""
    with server.site() as lent:
        yield lent
