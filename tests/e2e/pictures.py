"""Pictures of every page, for a person to look at.

    python -m tests.e2e.pictures --out DIR [--width 1280 360] [--theme light dark] [--language en ar]
        [--only PART_OF_A_PATH] [--sheets]

starts a site of its own with the demo data, walks through it and writes a picture for each page, role,
width, theme and language. With `--sheets` they are put together as well, several on a sheet with their names.
"""

import argparse
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.e2e import walk
from tests.e2e.conftest import ARGUMENTS, browser_path
from tests.e2e.demo.site import demo_site

_HEIGHT = 800
#: A picture of a long page ends here.
_LONGEST = 2400
#: On a sheet, in pixels.
_CELL = {True: (560, 620), False: (240, 620)}
_ACROSS = {True: 3, False: 7}
_DOWN = 2


def main() -> None:
    """Take the pictures that the arguments ask for."""
    given = _arguments()
    from playwright.sync_api import sync_playwright

    with demo_site() as site, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_path(), args=ARGUMENTS)
        for language in given.language:
            site.speak(language)
            walked = walk.Walk(site, browser, language=language)
            addresses = [address for address in site.addresses() if given.only in address.path]
            for visit in walked.visits(addresses):
                _take(walked, visit, given, language)
            walked.close()
            print("\n".join(walked.problems))  # noqa: T201 - a command
        browser.close()
    if given.sheets:
        for folder in sorted(path for path in given.out.iterdir() if path.is_dir()):
            _lay_out(folder)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.e2e.pictures", description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--width", type=int, nargs="+", default=[walk.WIDE["width"], walk.NARROW["width"]])
    parser.add_argument("--theme", nargs="+", default=["light", "dark"], choices=["light", "dark"])
    parser.add_argument("--language", nargs="+", default=["en"])
    parser.add_argument("--only", default="", help="a part of the path of the pages that are wanted")
    parser.add_argument("--sheets", action="store_true", help="put the pictures together on sheets too")
    return parser.parse_args()


def _take(walked: walk.Walk, visit: walk.Visit, given: argparse.Namespace, language: str) -> None:
    name = re.sub(r"[^a-z0-9]+", "-", visit.address.path.removeprefix("/admin/").lower()).strip("-") or "home"
    for theme in given.theme:
        walk.wear(visit.page, theme)
        for width in given.width:
            folder = given.out / f"{language}-{theme}-{width}"
            folder.mkdir(parents=True, exist_ok=True)
            walked.resize(visit.page, {"width": width, "height": _HEIGHT})
            height = visit.page.evaluate("document.documentElement.scrollHeight")
            # As high as the page: what sticks to the window's edge is where it comes to rest.
            walked.resize(visit.page, {"width": width, "height": min(max(height, _HEIGHT), _LONGEST)})
            name_of_file = f"{name}--{visit.role or 'nobody'}.png"
            visit.page.screenshot(path=folder / name_of_file, animations="disabled")


def _lay_out(folder: Path) -> None:
    """Write sheets with several pictures of a folder on each, beside it."""
    pictures = sorted(folder.glob("*.png"))
    is_wide = not folder.name.endswith(("-360", "-375", "-390", "-412"))
    most = _ACROSS[is_wide] * _DOWN
    for number, start in enumerate(range(0, len(pictures), most), start=1):
        sheet = _sheet(pictures[start : start + most], is_wide=is_wide)
        sheet.save(folder.parent / f"{folder.name}-sheet-{number:02}.png")


def _sheet(pictures: Sequence[Path], *, is_wide: bool) -> Any:
    from PIL import Image, ImageDraw

    width, height = _CELL[is_wide]
    sheet = Image.new("RGB", (_ACROSS[is_wide] * width, _DOWN * height), "#888888")
    draw = ImageDraw.Draw(sheet)
    for place, path in enumerate(pictures):
        left, top = place % _ACROSS[is_wide] * width, place // _ACROSS[is_wide] * height
        with Image.open(path) as picture:
            inner = width - 8
            small = picture.convert("RGB").resize((inner, round(picture.height * inner / picture.width)))
            sheet.paste(small.crop((0, 0, inner, min(small.height, height - 24))), (left + 4, top + 20))
        draw.text((left + 6, top + 4), path.stem[: width // 6], fill="white")
    return sheet


if __name__ == "__main__":
    main()
