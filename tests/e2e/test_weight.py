"""What a page weighs on the line: measured in the browser, on the site as production serves it."""

import pytest

from ipms.embedded.schema import DEMO_ACCOUNTS
from tests.e2e.demo.site import ACCOUNTS

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

#: Bytes on the line, headers too: with nothing in the browser's cache, and with what any page leaves there.
_FIRST = 150_000
_AFTERWARDS = 40_000


@pytest.fixture(scope="module")
def pages(demo):
    """The working pages, with records of the demo data: (role, path)."""
    order, item, count = demo.run(
        "from inventory.models import Item, StockCount\n"
        "from procurement.models import PurchaseOrder\n"
        "print(PurchaseOrder.objects.filter(status='approved').latest('pk').pk)\n"
        "print(Item.objects.earliest('pk').pk)\n"
        "print(StockCount.objects.filter(status='counting').latest('pk').pk)"
    ).split()
    return [
        ("", "/admin/login/"),
        ("staff", "/admin/"),
        ("manager", "/admin/"),
        ("admin", "/admin/"),
        ("staff", "/admin/inventory/item/"),
        ("staff", f"/admin/inventory/item/{item}/change/"),
        ("manager", f"/admin/inventory/item/{item}/change/"),
        ("staff", "/admin/inventory/issue-and-transfer/"),
        ("staff", f"/admin/procurement/purchaseorder/{order}/do/receive/"),
        ("staff", f"/admin/inventory/stockcount/{count}/enter/"),
        ("manager", "/admin/procurement/purchaseorder/?status=pending"),
        ("manager", "/admin/procurement/reorder-suggestions/"),
        ("manager", "/admin/reports/inventory/"),
        ("manager", "/admin/reports/purchase-orders/"),
        ("staff", "/admin/search/?q=bolt"),
        # A hundred rows and more.
        ("manager", "/admin/inventory/stockmovement/?all="),
        ("manager", "/admin/inventory/stockbalance/?all="),
    ]


class Scales:
    """Weighs what the browser fetches from a site: every byte of each answer, as it came over the line."""

    def __init__(self, chromium, demo, role):
        self.context = chromium.new_context(base_url=demo.url)
        self.context.set_default_timeout(60_000)
        self.page = self.context.new_page()
        self._devtools = self.context.new_cdp_session(self.page)
        self._devtools.send("Network.enable")
        self._devtools.on("Network.loadingFinished", self._finished)
        self._bytes = 0
        if role:
            self.page.goto("/admin/login/")
            self.page.fill("[name=username]", ACCOUNTS[role])
            self.page.fill("[name=password]", DEMO_ACCOUNTS[ACCOUNTS[role]])
            self.page.click("[type=submit]")
            self.page.wait_for_url("**/admin/")

    def weigh(self, path, *, empties):
        if empties:
            self._devtools.send("Network.clearBrowserCache")
        self._bytes = 0
        self.page.goto(path)
        self.page.wait_for_load_state("networkidle")
        return self._bytes

    def _finished(self, event):
        self._bytes += event["encodedDataLength"]


def test_working_pages_are_light_on_the_line(chromium, demo, pages, capsys):
    table, heavy = [], []
    for role in dict.fromkeys(role for role, _path in pages):
        scales = Scales(chromium, demo, role)
        for path in [path for of, path in pages if of == role]:
            first = scales.weigh(path, empties=True)
            # Another page was open before: what all pages share is there, what this one alone needs is not.
            scales.weigh("/admin/" if role and path != "/admin/" else "/admin/login/", empties=True)
            next_ = scales.weigh(path, empties=False)
            again = scales.weigh(path, empties=False)
            table.append(
                f"{first / 1000:8.1f} {next_ / 1000:8.1f} {again / 1000:8.1f}  {path} ({role or 'nobody'})"
            )
            if first > _FIRST or again > _AFTERWARDS:
                heavy.append(table[-1])
        scales.context.close()

    with capsys.disabled():
        print("\nkB: first, after another page, again", *table, sep="\n")  # noqa: T201 - what it is for
    assert heavy == []
