"""`python -m bench.flows`: what the daily work costs a person's hands, and how long the machine takes.

Each flow begins on the first page, logged in, on a site of its own with the demo data, served as in
production. Counted are clicks (or taps), keys that are typed, and scans: a scanner's code with its Enter is
one. The seconds are those between an input and what one then sees, together; what a person thinks meanwhile
is not in them.
"""

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bench import report
from bench.report import Table

#: Each flow is done so often; the quicker one is told, as the first finds nothing in the server's memory.
_ROUNDS = 2


class Hands:
    """Two hands at one page: they count what they do, and how long the page takes to show it."""

    def __init__(self, page: Any) -> None:
        self.page = page
        self.clicks = self.keys = self.scans = 0
        self.seconds = 0.0

    def click(self, target: Any, *, sees: Any) -> None:
        self.clicks += 1
        self._wait(target.click, sees)

    def type(self, text: str) -> None:
        """Type where the cursor stands."""
        self.keys += len(text)
        self.page.keyboard.type(text)

    def replace(self, field: Any, text: str) -> None:
        """Go to a field by a click and type over what it holds."""
        self.clicks += 1
        self.keys += len(text)
        field.fill(text)

    def press(self, key: str, *, sees: Any) -> None:
        self.keys += 1
        self._wait(lambda: self.page.keyboard.press(key), sees)

    def scan(self, code: str, *, sees: Any) -> None:
        self.scans += 1

        def act() -> None:
            self.page.keyboard.type(code)
            self.page.keyboard.press("Enter")

        self._wait(act, sees)

    def _wait(self, act: Callable[[], None], sees: Any) -> None:
        from playwright.sync_api import expect

        began = time.monotonic()
        act()
        expect(sees).to_be_visible(timeout=30_000)
        self.seconds += time.monotonic() - began


@dataclass(frozen=True, kw_only=True)
class Flow:
    name: str
    role: str
    act: Callable[[Hands, dict[str, Any]], None]


def _link(page: Any, name: str) -> Any:
    return page.locator("#sidebar").get_by_role("link", name=name, exact=True)


def _heading(page: Any, name: str) -> Any:
    return page.get_by_role("heading", name=name, level=1)


def _due(page: Any, facts: dict[str, Any]) -> Any:
    """Return the way to receive an order, one without lots where there is one on the page."""
    found = page.locator("main a[href*='/do/receive/']")
    for link in found.all():
        if int(link.get_attribute("href").split("/purchaseorder/")[1].split("/")[0]) in facts["plain_orders"]:
            return link
    return found.first


def receive_as_ordered(hands: Hands, facts: dict[str, Any]) -> None:
    page = hands.page
    post = page.get_by_role("button", name="Post receipt")
    hands.click(_due(page, facts), sees=post)
    # What comes in lots asks for their numbers.
    for number, lot in enumerate(page.locator("main [name$=-lot]").all()):
        hands.replace(lot, f"L{int(time.time()) % 100_000}{number}")
    hands.click(post, sees=page.get_by_text("Nothing stays open."))


def receive_a_part(hands: Hands, facts: dict[str, Any]) -> None:
    page = hands.page
    post = page.get_by_role("button", name="Post receipt")
    hands.click(page.locator("main a[href*='/do/receive/']").first, sees=post)
    hands.click(page.get_by_role("button", name="Clear all"), sees=post)
    hands.replace(page.locator("main [name$=-quantity]:visible").first, "1")
    lot = page.locator("main [data-line]").first.locator("[name$=-lot]")
    if lot.count():
        hands.replace(lot.first, f"P{int(time.time()) % 100_000}")
    hands.click(post, sees=page.get_by_text("Still to come:"))


def issue_three(hands: Hands, facts: dict[str, Any]) -> None:
    _handle(hands, facts, 3)


def transfer_one(hands: Hands, facts: dict[str, Any]) -> None:
    page = hands.page
    line = page.locator("[name=line-0-item]")
    hands.click(_link(page, "Issue and transfer"), sees=line)
    hands.click(
        page.locator("#handling").get_by_text("Transfer", exact=True), sees=page.get_by_label("To place")
    )
    hands.replace(page.get_by_label("To place"), facts["other_place"])
    page.keyboard.press("Enter")
    hands.keys += 1
    hands.scan(facts["codes"][0], sees=page.get_by_text(f"{facts['names'][0]} ·").first)
    hands.click(
        page.get_by_role("button", name="Post", exact=True), sees=page.get_by_text("1 line was posted.")
    )


def undo_one(hands: Hands, facts: dict[str, Any]) -> None:
    page = hands.page
    hands.click(_link(page, "Issue and transfer"), sees=page.locator("[name=line-0-item]"))
    undo = page.get_by_role("button", name="Undo this").first
    hands.click(page.locator(".handling__undo summary").first, sees=undo)
    hands.click(undo, sees=page.get_by_text(": undone."))


def count_an_item(hands: Hands, facts: dict[str, Any]) -> None:
    """Count an item wherever it stands: make the count from its page, scan, type, hand over."""
    page = hands.page
    count = page.get_by_role("link", name="Count", exact=True)
    scan = page.locator("#count-scan")
    hands.scan(facts["codes"][4], sees=count)
    hands.click(count, sees=page.get_by_role("button", name="Save", exact=True))
    hands.click(page.get_by_role("button", name="Save", exact=True), sees=count)
    hands.click(count, sees=scan)
    figure = page.locator("input[name=counted]")
    hand_over = page.get_by_role("link", name="Hand over for review")
    while not hand_over.count():
        place = page.locator("section[aria-label='Still to count'] .counting__place").first
        code = place.inner_text().partition(" ")[0]
        expect_focus(scan)
        hands.scan(code, sees=figure)
        hands.type("10")
        hands.press("Enter", sees=scan)
        expect_focus(scan)
    button = page.get_by_role("button", name="Hand over for review")
    hands.click(hand_over, sees=button)
    hands.click(button, sees=page.get_by_text("was handed over for review."))


def expect_focus(field: Any) -> None:
    from playwright.sync_api import expect

    expect(field).to_be_focused(timeout=30_000)


def review_a_count(hands: Hands, facts: dict[str, Any]) -> None:
    page = hands.page
    approve = page.get_by_role("button", name="Approve and post")
    count = page.get_by_role("region", name="Stock counts").locator("a[href$='/lines/']").first
    hands.click(count, sees=approve)
    hands.click(approve, sees=page.get_by_text(" was posted: "))


def approve_one(hands: Hands, facts: dict[str, Any]) -> None:
    page = hands.page
    hands.click(
        page.locator("main a[href$='/procurement/approve/']").first, sees=_heading(page, "Approve orders")
    )
    button = page.locator("button[name=approve]").first
    hands.click(button, sees=page.get_by_text("1 order was approved"))


def approve_all(hands: Hands, facts: dict[str, Any]) -> None:
    page = hands.page
    hands.click(
        page.locator("main a[href$='/procurement/approve/']").first, sees=_heading(page, "Approve orders")
    )
    tick = page.get_by_label("All on this page that you may approve")
    button = page.get_by_role("button", name="Approve all ticked")
    hands.click(tick, sees=button)
    hands.click(button, sees=page.locator(".messagelist .success"))


def reorder_from_one(hands: Hands, facts: dict[str, Any]) -> None:
    page = hands.page
    button = page.get_by_role("button", name="Make draft order", exact=True).first
    hands.click(page.locator("main a[href$='/reorder-suggestions/']").first, sees=button)
    hands.click(button, sees=page.get_by_text("Draft orders made:"))


def open_an_item(hands: Hands, facts: dict[str, Any]) -> None:
    page = hands.page
    hands.scan(facts["codes"][1], sees=page.get_by_text("Where it stands").first)


def search(hands: Hands, facts: dict[str, Any]) -> None:
    page = hands.page
    typed = facts["skus"][2]
    field = page.get_by_role("combobox", name="Search everything")
    hands.press("Control+k", sees=field)
    hands.type(typed)
    hands.press("ArrowDown", sees=page.get_by_role("option").first)
    hands.press("Enter", sees=page.get_by_text("Where it stands").first)


def _handle(hands: Hands, facts: dict[str, Any], number: int) -> None:
    page = hands.page
    hands.click(_link(page, "Issue and transfer"), sees=page.locator("[name=line-0-item]"))
    for code, name in zip(facts["codes"][:number], facts["names"], strict=False):
        hands.scan(code, sees=page.get_by_text(f"{name} ·").first)
    post = page.get_by_role("button", name="Post", exact=True)
    hands.press("Enter", sees=post)
    hands.press("Enter", sees=page.get_by_text(f"{number} lines were posted."))


FLOWS = [
    Flow(name="Receive an order, all as ordered", role="staff", act=receive_as_ordered),
    Flow(name="Receive a part of an order", role="staff", act=receive_a_part),
    Flow(name="Issue three items by scan", role="staff", act=issue_three),
    Flow(name="Transfer one item by scan", role="staff", act=transfer_one),
    Flow(name="Undo one line", role="staff", act=undo_one),
    Flow(name="Count an item at its places, from making the count", role="staff", act=count_an_item),
    Flow(name="Review a count and post it", role="manager", act=review_a_count),
    Flow(name="Approve one order", role="manager", act=approve_one),
    Flow(name="Reorder from one supplier", role="staff", act=reorder_from_one),
    Flow(name="Open an item by scan", role="staff", act=open_an_item),
    Flow(name="Find an item by the search's keys", role="staff", act=search),
    Flow(name="Approve all that wait", role="manager", act=approve_all),
]


def main() -> None:
    """Do every flow some times and print what it cost."""
    from playwright.sync_api import sync_playwright

    from ipms.embedded.schema import DEMO_ACCOUNTS
    from tests.e2e.conftest import ARGUMENTS, DESKTOP, browser_path
    from tests.e2e.demo import facts as facts_of
    from tests.e2e.demo.site import ACCOUNTS, demo_site

    report.say("Starting a site with demo data")
    done: dict[str, list[Hands]] = {flow.name: [] for flow in FLOWS}
    with demo_site() as site, sync_playwright() as playwright:
        facts = facts_of.of(site)
        browser = playwright.chromium.launch(executable_path=browser_path(), args=ARGUMENTS)
        pages = {}
        for role in ("staff", "manager"):
            pages[role] = page = browser.new_context(viewport=DESKTOP, base_url=site.url).new_page()
            page.goto("/admin/login/")
            page.fill("[name=username]", ACCOUNTS[role])
            page.fill("[name=password]", DEMO_ACCOUNTS[ACCOUNTS[role]])
            page.click("[type=submit]")
            page.wait_for_url("**/admin/")
        for number in range(_ROUNDS):
            for flow in FLOWS:
                if flow.act is approve_all and number < _ROUNDS - 1:
                    continue  # none would wait any more
                page = pages[flow.role]
                page.goto("/admin/")
                hands = Hands(page)
                flow.act(hands, facts)
                done[flow.name].append(hands)
        browser.close()
        report.say(site.verify_ledger().strip())
    table = Table("The daily work", ["Flow", "Role", "Clicks", "Keys", "Scans", "Machine, s"])
    for flow in FLOWS:
        best = min(done[flow.name], key=lambda hands: hands.seconds)
        figures = [str(best.clicks), str(best.keys), str(best.scans), f"{best.seconds:.1f}"]
        table.rows.append([flow.name, flow.role, *figures])
    report.say(f"\n{table}\n")


if __name__ == "__main__":
    sys.exit(main())
