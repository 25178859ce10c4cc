"""Every page of the back office: nobody is kept out, nothing complains, everything fits."""

import os

import pytest

from tests.e2e import walk
from tests.e2e.walk import Walk

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

#: Pages that the demo cannot have: no mail server, no mail to send again.
_WITHOUT = {"ipms.outgoingmail: <path:object_id>/do/<slug:action_name>/send-again"}
#: What every page has, asked of the page itself; a sentence for each thing it lacks.
_SHAPE = """() => {
    const lacks = [];
    const shown = element => element.checkVisibility();
    const heads = [...document.querySelectorAll("h1")].filter(shown);
    if (heads.length !== 1) lacks.push(`has ${heads.length} headings of the first rank`);
    if (!document.title.trim()) lacks.push("has no title");
    if (!document.documentElement.lang) lacks.push("does not say its language");
    const skip = document.querySelector("a.skip-link");
    if (document.querySelector(".sidebar") && !skip) lacks.push("has no skip link");
    if (skip && !document.querySelector(skip.getAttribute("href"))) lacks.push("has a skip link to nothing");
    for (const table of document.querySelectorAll("table")) {
        if (!table.querySelector("th[scope]")) lacks.push(`has a table without headings: ${table.className}`);
    }
    return lacks;
}"""
#: Whether one has to scroll sideways, and what sticks out.
_FIT = """() => {
    const root = document.documentElement;
    if (root.scrollWidth <= innerWidth) return [];
    const out = [...document.body.querySelectorAll("*")].filter(element => {
        if (!element.checkVisibility()) return false;
        const box = element.getBoundingClientRect();
        if (box.width === 0 || (box.right <= innerWidth + 1 && box.left >= -1)) return false;
        for (let above = element.parentElement; above; above = above.parentElement) {
            if (getComputedStyle(above).overflowX !== "visible" && above !== document.body) return false;
        }
        return true;
    });
    const name = element => `${element.tagName.toLowerCase()}.${element.className}`.slice(0, 60);
    return [`is ${root.scrollWidth} px wide at ${innerWidth}: ${out.slice(0, 4).map(name).join(" | ")}`];
}"""
#: What is too small for a finger. A link within a text is as high as the text.
_TOUCH = """() => {
    const small = element => {
        const box = element.getBoundingClientRect();
        return box.width > 2 && box.height < 43.5;
    };
    const wanted = ".button, button, summary, select, "
        + "input:not([type=checkbox], [type=radio], [type=hidden])";
    const unwanted = ".visually-hidden, .link, .select2-hidden-accessible, [aria-hidden=true] *";
    return [...document.querySelectorAll(wanted)]
        .filter(element => element.checkVisibility({visibilityProperty: true}))
        .filter(element => !element.matches(unwanted) && small(element))
        .slice(0, 3)
        .map(element => `is hard to touch: ${element.outerHTML.slice(0, 90)}`);
}"""


#: What another theme or size may break.
_DARK_AND_NARROW = ["color-contrast", "scrollable-region-focusable"]
#: Else each page is seen once, as the most able role and with one record; the whole takes twice as long.
_IN_EVERY_STATE = "WALK_EVERY_STATE" in os.environ
#: The walk is told in parts, so that several processes share it.
_PARTS = 8


@pytest.fixture
def arabic(demo):
    demo.speak("ar")
    yield "ar"
    demo.speak("en")


@pytest.mark.parametrize("part", range(_PARTS))
def test_every_page_is_open_to_everybody(chromium, demo, part):
    walked = Walk(demo, chromium)

    addresses = demo.addresses() if _IN_EVERY_STATE else walk.one_of_each(demo.addresses())
    for visit in walked.visits(walk.part_of(addresses, part, of=_PARTS)):
        for sentence in [*visit.page.evaluate(_SHAPE), *visit.page.evaluate(_FIT)]:
            walked.complain(sentence)
        if not visit.is_again:
            walk.wear(visit.page, "light")
            for sentence in walk.violations(visit.page):
                walked.complain(sentence)
        walked.resize(visit.page, walk.HALF)
        for sentence in visit.page.evaluate(_FIT):
            walked.complain(sentence)
        walked.resize(visit.page, walk.NARROW)
        for sentence in [*visit.page.evaluate(_FIT), *visit.page.evaluate(_TOUCH)]:
            walked.complain(sentence)
        if not visit.is_again:
            walk.wear(visit.page, "dark")
            for sentence in walk.violations(visit.page, rules=_DARK_AND_NARROW):
                walked.complain(f"dark, narrow: {sentence}")
    walked.close()

    assert walked.problems == [], "\n".join(walked.problems)


def test_the_demo_has_a_record_for_every_page(demo):
    without = {address.pattern for address in demo.addresses() if not address.path}

    assert without <= _WITHOUT, "tests/e2e/demo/furnishing.py is the place to add one"


@pytest.mark.parametrize("part", range(2))
def test_every_page_fits_from_right_to_left(chromium, demo, arabic, part):
    walked = Walk(demo, chromium, language=arabic)

    for visit in walked.visits(walk.part_of(walk.one_of_each(demo.addresses()), part, of=2)):
        if visit.page.evaluate("document.documentElement.dir") != "rtl":
            walked.complain("does not run from right to left")
        for size in (walk.WIDE, walk.NARROW):
            walked.resize(visit.page, size)
            for sentence in visit.page.evaluate(_FIT):
                walked.complain(sentence)
    walked.close()

    assert walked.problems == [], "\n".join(walked.problems)
