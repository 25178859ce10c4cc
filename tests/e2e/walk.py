"""Walking through every page of the demo site in one browser, as the role that may see it."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from ipms.embedded.schema import DEMO_ACCOUNTS
from tests.e2e.demo.pages import Address
from tests.e2e.demo.site import ACCOUNTS, DemoSite

WIDE = {"width": 1280, "height": 800}
_TOUCHED_BELOW = 600
#: Half of it: what is left at a zoom of 200 %.
HALF = {"width": 640, "height": 400}
NARROW = {"width": 360, "height": 740}
_AXE = (Path(__file__).parent / "vendor" / "axe.min.js").read_text()
_STANDARDS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
#: The rows of a table are alike: the first few tell of all.
_ASK_AXE = """only => axe.run(
    {include: [["html"]], exclude: [["tbody > tr:nth-child(n+7)"]]},
    {runOnly: only, resultTypes: ["violations"]},
).then(found => found.violations)"""
#: What the browser says of an answer that is no 200; whether it should be one is asked of the answer.
_TELLS_OF_STATUS = "Failed to load resource: the server responded with a status of 4"
#: What the driver says where a file comes, or an empty answer.
_NO_PAGE = ("Download is starting", "ERR_ABORTED", "ERR_HTTP_RESPONSE_CODE_FAILURE", "ERR_INVALID_RESPONSE")


@dataclass
class Visit:
    """A page that is open in the browser."""

    address: Address
    role: str
    page: Any
    status: int
    #: Whether it was seen already, as another role or with another record: it is built of the same parts.
    is_again: bool = False

    @property
    def name(self) -> str:
        return f"{self.address.path} as {self.role or 'nobody'}"


@dataclass
class Walk:
    """One browser with a context for each role, each logged in once; what its pages say is kept."""

    site: DemoSite
    browser: Any
    language: str = "en"
    #: What went wrong, a line for each.
    problems: list[str] = field(default_factory=list)
    #: Patterns of which a page was seen, and what became of the others.
    seen: set[str] = field(default_factory=set)
    other: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._pages: dict[str, Any] = {}
        self._devtools: dict[Any, Any] = {}
        self._refusals: set[int] = set()
        self._here = ""

    def visits(self, addresses: list[Address]) -> Iterator[Visit]:
        """Open each page as the most able role that may see it, and where it differs as the others too.

        What is no page (a download, a suggestion, an act that wants a POST) is left out; a page that
        only says that there is nothing to see is shown once.
        """
        for address in addresses:
            if not address.path:
                continue
            for role in address.roles:
                visit = self._open(address, role)
                if visit is None:
                    break
                if visit.status in (403, 404):
                    # The page that says so is the same everywhere.
                    if visit.status not in self._refusals:
                        self._refusals.add(visit.status)
                        yield visit
                    continue
                yield visit
                if not address.differs:
                    break

    def page(self, role: str) -> Any:
        """Return the one page of a role, logged in; of nobody for the empty role."""
        if role not in self._pages:
            self._pages[role] = self._log_in(role)
        return self._pages[role]

    def resize(self, page: Any, size: dict[str, int]) -> None:
        """Show a page in another size; as small as a phone, it is touched."""
        if page not in self._devtools:
            self._devtools[page] = page.context.new_cdp_session(page)
        page.set_viewport_size(size)
        touched = {"enabled": size["width"] < _TOUCHED_BELOW, "maxTouchPoints": 1}
        self._devtools[page].send("Emulation.setTouchEmulationEnabled", touched)

    def complain(self, what: str) -> None:
        self.problems.append(f"{self._here}: {what}")

    def close(self) -> None:
        for page in self._pages.values():
            page.context.close()

    def _log_in(self, role: str) -> Any:
        context = self.browser.new_context(viewport=WIDE, base_url=self.site.url, locale=self.language)
        context.set_default_timeout(30_000)
        context.on("console", self._hear)
        context.on("weberror", lambda error: self.complain(f"script error {error.error}"))
        context.on("request", self._watch)
        page = context.new_page()
        if role:
            self._here = f"login as {role}"
            page.goto("/admin/login/")
            page.fill("[name=username]", ACCOUNTS[role])
            page.fill("[name=password]", DEMO_ACCOUNTS[ACCOUNTS[role]])
            page.click("[type=submit]")
            page.wait_for_url("**/admin/")
        return page

    def _open(self, address: Address, role: str) -> Visit | None:
        from playwright.sync_api import Error

        page = self.page(role)
        self._here = f"{address.path} as {role or 'nobody'}"
        self.resize(page, WIDE)
        if address.is_doubtful and not self._is_page(page, address):
            return None
        try:
            answer = page.goto(address.path)
        except Error as error:
            if not any(word in str(error) for word in _NO_PAGE):
                raise
            # Its place is taken by a page of the browser's own: go on in a new one.
            self._pages[role] = page.context.new_page()
            page.close()
            self.other.setdefault(address.pattern, "a file, or nothing")
            return None
        if "sandbox" in answer.headers.get("content-security-policy", ""):
            self.other.setdefault(address.pattern, "what another wrote, shut in a frame")
            return None
        status, kind = answer.status, answer.headers.get("content-type", "")
        if status == 405 or not kind.startswith("text/html") or b"<html" not in answer.body()[:400]:
            self.other.setdefault(address.pattern, f"{status} {kind}")
            return None
        if urlsplit(page.url).path != address.path.partition("?")[0] and not address.path.endswith(
            "nothing-here/"
        ):
            self.other.setdefault(address.pattern, f"leads to {page.url}")
            return None
        if status >= 500:
            self.complain(f"answered {status}")
            return None
        is_again = address.pattern in self.seen
        if status < 400:
            self.seen.add(address.pattern)
        else:
            self.other.setdefault(address.pattern, str(status))
        return Visit(address, role, page, status, is_again)

    def _is_page(self, page: Any, address: Address) -> bool:
        answer = page.context.request.head(address.path)
        kind = answer.headers.get("content-type", "")
        if answer.status != 405 and kind.startswith("text/html"):
            return True
        self.other.setdefault(address.pattern, f"{answer.status} {kind}")
        return False

    def _hear(self, message: Any) -> None:
        if message.type in ("error", "warning") and not message.text.startswith(_TELLS_OF_STATUS):
            self.complain(f"console: {message.text}")

    def _watch(self, request: Any) -> None:
        # The viewer of PDFs is a page of the browser itself.
        if not request.url.startswith((self.site.url, "data:", "blob:", "chrome")):
            self.complain(f"asks a foreign host: {request.url}")


def one_of_each(addresses: list[Address]) -> list[Address]:
    """Return the first address of each pattern, to be seen as one role alone."""
    first = {address.pattern: replace(address, differs=False) for address in reversed(addresses)}
    return list(first.values())


def part_of(addresses: list[Address], part: int, *, of: int) -> list[Address]:
    """Return a part of the addresses; those of one pattern stay together."""
    places = {pattern: at for at, pattern in enumerate(dict.fromkeys(one.pattern for one in addresses))}
    return [address for address in addresses if places[address.pattern] % of == part]


def violations(page: Any, *, rules: list[str] | None = None) -> list[str]:
    """Return what axe finds that keeps people out: serious and critical breaches of WCAG 2.2, A and AA."""
    only = {"type": "rule", "values": rules} if rules else {"type": "tag", "values": _STANDARDS}
    if not page.evaluate("'axe' in window"):
        page.evaluate(_AXE)
    found = page.evaluate(_ASK_AXE, only)
    return [
        f"{one['id']} ({one['impact']}): {node['target'][0]} — {' '.join(node['failureSummary'].split())}"
        for one in found
        if one["impact"] in ("serious", "critical")
        for node in one["nodes"][:4]
    ]


def wear(page: Any, theme: str) -> None:
    """Show the page in a theme, as its button would, with nothing moving any more."""
    page.evaluate(
        """theme => {
            document.documentElement.dataset.theme = theme;
            document.getAnimations().forEach(animation => animation.finish());
        }""",
        theme,
    )
