"""`python -m tests.e2e.screenshots [NAME …]`: the pictures of docs/tour.md, of a site with demo data.

What a picture shows is brought about first, as people do it: half a delivery, a count that is under way. The
same day gives the same pictures.
"""

import io
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests import server
from tests.e2e import walk
from tests.e2e.conftest import ARGUMENTS, DESKTOP, PHONE, browser_path
from tests.e2e.demo import facts as facts_of
from tests.e2e.demo.site import DemoSite, demo_site

FOLDER = server.PROJECT / "docs" / "screenshots"
_COLOURS = 48
_PAPER_DPI = 96
_BACK_UP = "from ipms import jobs; jobs.run('backup.nightly')"
#: A worker and a clock, as every running site has them.
_LIVE = "from ipms.health import signs; [signs.give(part) for part in ('tasks', 'beat')]"


@dataclass(frozen=True, kw_only=True)
class Picture:
    """A page as one role sees it; `act` brings about what is looked at."""

    name: str
    role: str
    path: str
    act: Callable[[Any, dict[str, Any]], None] | None = None
    size: dict[str, int] | None = None
    theme: str = "light"
    language: str = "en"


def _scan_three(page: Any, facts: dict[str, Any]) -> None:
    from playwright.sync_api import expect

    expect(page.locator("[name=line-0-item]")).to_be_focused()
    for code, name in zip(facts["codes"][:3], facts["names"], strict=False):
        page.keyboard.type(code)
        page.keyboard.press("Enter")
        expect(page.get_by_text(f"{name} ·").first).to_be_visible()
    page.locator("[name=line-1-quantity]").fill("12")
    page.get_by_label("Reference").fill("Line 2")


def _begin_to_receive(page: Any, facts: dict[str, Any]) -> None:
    first = page.locator("main [data-line]").first
    quantity = first.locator("[name$=-quantity]").first
    quantity.fill(str(max(int(float(quantity.input_value())) // 2, 1)))
    lot = first.locator("[name$=-lot]")
    if lot.count():
        lot.first.fill("L-2027-114")


def _count_one(page: Any, facts: dict[str, Any]) -> None:
    from playwright.sync_api import expect

    expect(page.locator("#count-scan")).to_be_focused()
    page.keyboard.type(facts["uncounted"])
    page.keyboard.press("Enter")
    figure = page.locator("input[name=counted]")
    expect(figure).to_be_visible()
    figure.fill("24")


def _open_lines(page: Any, facts: dict[str, Any]) -> None:
    page.locator(".decision__more summary").first.click()


def _upload(page: Any, facts: dict[str, Any]) -> None:
    from playwright.sync_api import expect

    kept = zip(facts["skus"], facts["names"], facts["prices"], strict=True)
    rows = ["sku,name,unit_price", *(f'{sku},"{name}",{price}' for sku, name, price in kept)]
    rows += ["NEW-1,Bearing 6204,3.10", "NEW-2,,4.00", "NEW-3,V-belt A42,cheap"]
    file = {"name": "prices.csv", "mimeType": "text/csv", "buffer": "\n".join(rows).encode()}
    page.locator("input[type=file]").set_input_files(file)
    page.locator("main form button[type=submit]").first.click()
    expect(page.locator(".import-result")).to_be_visible()


PICTURES = [
    Picture(name="home-storekeeper", role="staff", path="/admin/"),
    Picture(name="home-manager", role="manager", path="/admin/"),
    Picture(name="home-administrator", role="admin", path="/admin/"),
    Picture(name="home-dark", role="manager", path="/admin/", theme="dark"),
    Picture(name="item-page", role="manager", path="/admin/inventory/item/{item}/change/"),
    Picture(
        name="receive",
        role="staff",
        path="/admin/procurement/purchaseorder/{order}/do/receive/",
        act=_begin_to_receive,
    ),
    Picture(name="approve", role="manager", path="/admin/procurement/approve/", act=_open_lines),
    Picture(
        name="issue",
        role="staff",
        path="/admin/inventory/issue-and-transfer/",
        act=_scan_three,
    ),
    Picture(name="reorder", role="staff", path="/admin/procurement/reorder-suggestions/"),
    Picture(
        name="count-phone",
        role="staff",
        path="/admin/inventory/stockcount/{count}/enter/",
        act=_count_one,
        size=PHONE,
    ),
    Picture(name="import", role="manager", path="/admin/inventory/item/import/", act=_upload),
    # What people read is theirs: after this they all read Arabic.
    Picture(name="item-arabic", role="manager", path="/admin/inventory/item/{item}/change/", language="ar"),
]


def main() -> None:
    """Take those pictures that are named, or all."""
    from playwright.sync_api import sync_playwright

    wanted = set(sys.argv[1:])
    with demo_site() as site, sync_playwright() as playwright:
        site.run(_BACK_UP)
        facts = facts_of.of(site)
        browser = playwright.chromium.launch(executable_path=browser_path(), args=ARGUMENTS)
        walks = {"en": walk.Walk(site, browser)}
        store = walks["en"].page("staff")
        for name, take, share in (("paper-receipt", _receipt, 0.52), ("labels", _labels, 0.26)):
            if not wanted or name in wanted:
                _keep(name, _top(take(store, facts), share))
        for picture in PICTURES:
            if wanted and picture.name not in wanted:
                continue
            if picture.path == "/admin/":
                site.run(_LIVE)
            if picture.language not in walks:
                walks[picture.language] = _walk(site, browser, picture.language)
            _take(walks[picture.language].page(picture.role), picture, facts)
        browser.close()


def _walk(site: DemoSite, browser: Any, language: str) -> walk.Walk:
    site.run(f"from accounts.models import User; User.objects.update(language={language!r})")
    return walk.Walk(site, browser, language=language)


def _receipt(page: Any, facts: dict[str, Any]) -> bytes:
    return page.context.request.get(f"/admin/papers/receipts/{facts['receipt']}/").body()


def _labels(page: Any, facts: dict[str, Any]) -> bytes:
    page.goto(f"/admin/labels/items/?id={','.join(map(str, facts['items']))}")
    filled = page.evaluate(
        "Object.fromEntries(new FormData(document.querySelector('main form[action*=labels]')))"
    )
    headers = {"Referer": page.url}
    return page.context.request.post("/admin/labels/items/", form=filled, headers=headers).body()


def _take(page: Any, picture: Picture, facts: dict[str, Any]) -> None:
    page.set_viewport_size(picture.size or DESKTOP)
    page.goto(picture.path.format(**facts))
    walk.wear(page, picture.theme)
    if picture.act:
        picture.act(page, facts)
        page.evaluate("scrollTo(0, 0)")
    # A cursor blinks: it would be in one picture and not in the next.
    _keep(picture.name, page.screenshot(animations="disabled", caret="hide"))


def _top(document: bytes, share: float) -> bytes:
    """Draw the upper part of the first page of a PDF: below it is empty, and says when it was printed."""
    import pypdfium2

    picture = pypdfium2.PdfDocument(document)[0].render(scale=_PAPER_DPI / 72).to_pil()
    content = io.BytesIO()
    picture.crop((0, 0, picture.width, round(picture.height * share))).save(content, "PNG")
    return content.getvalue()


def _keep(name: str, content: bytes) -> None:
    """Write a picture with few colours, which is small."""
    from PIL import Image

    with Image.open(io.BytesIO(content)) as picture:
        small = picture.convert("RGB").quantize(_COLOURS, dither=Image.Dither.NONE)
        path = FOLDER / f"{name}.png"
        small.save(path, optimize=True)
    print(f"{path.relative_to(Path.cwd())}: {path.stat().st_size / 1000:.0f} kB")  # noqa: T201 - a command


if __name__ == "__main__":
    main()
