"""The running site."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ipms.embedded import paths
from ipms.embedded.schema import DEMO_ACCOUNTS
from tests import server
from tests.e2e.demo.pages import Address

#: Email addresses by role.
ACCOUNTS = {email.partition("@")[0]: email for email in DEMO_ACCOUNTS}


class DemoSite(server.Site):
    """A site with a year of demo data, and one record at least of everything that has a page."""

    web_command = ("-m", "ipms.serve", "web")

    def __init__(self, var: Path) -> None:
        super().__init__(var)
        self.environment |= {"DJANGO_SETTINGS_MODULE": "tests.e2e.demo.settings", "WEB_WORKERS": "1"}
        self._addresses: list[Address] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def prepare(self) -> None:
        for name in ("static", "media"):
            paths.make_public(self.var / name)
        for arguments in (
            ("migrate", "-v0"),
            ("load_demo", "--yes-demo"),
            ("collectstatic", "-v0", "--no-input"),
        ):
            self._python("manage.py", *arguments)

    def furnish(self) -> None:
        """Add a record of what the demo has none of."""
        self._python("-m", "tests.e2e.demo.furnishing", str(self.port))

    def addresses(self) -> list[Address]:
        """Return every page that the registry of the back office and its addresses know."""
        if self._addresses is None:
            told = json.loads(self._python("-m", "tests.e2e.demo.pages"))
            self._addresses = [Address(**{**one, "roles": tuple(one["roles"])}) for one in told]
        return self._addresses

    def speak(self, language: str) -> None:
        """Let everybody's pages be in a language from now on."""
        self.run(f"from accounts.models import User\nUser.objects.update(language={language!r})")

    def run(self, code: str) -> str:
        """Run Python code with the project loaded, on the site's own database."""
        done = subprocess.run(
            [sys.executable, "-c", f"import django; django.setup()\n{code}"],
            cwd=server.PROJECT,
            env=self.environment,
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout


@contextmanager
def demo_site() -> Iterator[DemoSite]:
    """Lend a running site with demo data."""
    with server.site(DemoSite) as lent:
        lent.furnish()
        yield lent
