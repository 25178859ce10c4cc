"""The camera as a scanner: read by the browser where it can, else from a photo by the server."""

from io import BytesIO

import pytest
import zxingcpp
from PIL import Image

from accounts.tests.factories import UserFactory
from inventory import counting
from inventory.count_scope import Scope
from inventory.models import StockMovement
from inventory.tests.factories import ItemFactory, LocationFactory, stock
from tests.e2e.conftest import DESKTOP, PASSWORD, PHONE

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]

#: A camera that shows a grey picture, and a browser that finds in it what the test holds there.
SEES = """
window.held = [];
navigator.mediaDevices.getUserMedia = async () => {
    const canvas = document.createElement("canvas");
    canvas.width = 640;
    canvas.height = 480;
    canvas.getContext("2d").fillRect(0, 0, 640, 480);
    window.given = canvas.captureStream(10);
    return window.given;
};
window.BarcodeDetector = class {
    static async getSupportedFormats() { return ["qr_code", "code_128"]; }
    async detect() {
        return window.held.map((rawValue, place) =>
            ({ rawValue, boundingBox: { x: 270 + place * 200, y: 190, width: 100, height: 100 } }));
    }
};
"""
#: A browser that reads no codes, and whose photos are weighed as they leave.
WEIGHED = """
delete window.BarcodeDetector;
const send = window.fetch;
window.fetch = (url, how) => {
    window.sentBytes = how && how.body ? how.body.size : window.sentBytes;
    return send(url, how);
};
"""
REFUSED = """
window.BarcodeDetector = class { static async getSupportedFormats() { return ["qr_code"]; } };
navigator.mediaDevices.getUserMedia = async () => { throw new DOMException("no", "NotAllowedError"); };
"""


@pytest.fixture
def keeper(transactional_db):
    return UserFactory(password=PASSWORD)


@pytest.fixture
def shelf():
    return LocationFactory(code="SHELF")


@pytest.fixture
def bolt(shelf):
    item = ItemFactory(sku="BOLT-8", name="Bolt M8", barcode="5901234123457", location=shelf)
    stock(item, shelf, 50)
    return item


@pytest.fixture
def nut(shelf):
    item = ItemFactory(sku="NUT-8", name="Nut M8", location=shelf)
    stock(item, shelf, 50)
    return item


def seen_by(page, script):
    page.add_init_script(script)
    page.reload()
    return page


def hold(page, *codes):
    page.evaluate("codes => { window.held = codes; }", list(codes))


def photo(text):
    drawn = memoryview(zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode).to_image(scale=20))
    rows, columns = drawn.shape
    paper = Image.new("L", (3000, 4000), 170)
    paper.paste(Image.frombytes("L", (columns, rows), drawn.tobytes()), (1000, 1500))
    file = BytesIO()
    paper.rotate(90, expand=True).save(file, "JPEG")
    return {"name": "photo.jpg", "mimeType": "image/jpeg", "buffer": file.getvalue()}


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_several_codes_one_after_the_other_are_lines_to_be_posted(open_as, keeper, bolt, nut, viewport):
    page = seen_by(open_as(keeper, "/admin/inventory/issue-and-transfer/", viewport), SEES)
    page.get_by_role("button", name="Scan with the camera").first.click()
    hold(page, "5901234123457")
    page.get_by_text("Bolt M8 ·").wait_for()
    hold(page, "NUT-8", "something in the corner")
    page.get_by_text("Nut M8 ·").wait_for()
    hold(page)

    page.get_by_role("dialog", name="Scan a code").get_by_role("button", name="Close").click()
    assert page.evaluate("window.given.getTracks().every((track) => track.readyState === 'ended')")
    page.get_by_role("button", name="Post", exact=True).click()
    page.get_by_text("2 lines were posted").wait_for()

    issued = StockMovement.objects.filter(kind="issue").order_by("pk")
    assert [(one.item.sku, one.quantity) for one in issued] == [("BOLT-8", 1), ("NUT-8", 1)]


def test_a_code_leads_to_its_line_of_a_count(open_as, keeper, bolt, shelf):
    count = counting.create(Scope(location=shelf), by=keeper)
    page = seen_by(open_as(keeper, f"/admin/inventory/stockcount/{count.pk}/enter/", PHONE), SEES)
    page.get_by_role("button", name="Scan with the camera").click()
    hold(page, "BOLT-8")

    page.get_by_role("heading", name="Bolt M8").wait_for()

    assert page.get_by_role("dialog").count() == 0
    assert page.evaluate("document.activeElement.name") == "counted"


def test_a_browser_that_reads_no_codes_sends_a_photo(open_as, keeper, bolt):
    page = open_as(keeper, "/admin/inventory/issue-and-transfer/", PHONE)
    page = seen_by(page, WEIGHED)
    page.get_by_role("button", name="Scan with the camera").first.click()
    page.get_by_text("Take a photo of the code instead.").wait_for()

    page.locator(".camera input[type=file]").set_input_files(photo("BOLT-8"))

    page.get_by_text("Bolt M8 ·").wait_for()
    assert 1000 < page.evaluate("window.sentBytes") < 400_000


def test_a_camera_that_was_not_allowed_says_so_and_closes_with_escape(open_as, keeper, bolt):
    page = seen_by(open_as(keeper, "/admin/inventory/issue-and-transfer/", DESKTOP), REFUSED)
    button = page.get_by_role("button", name="Scan with the camera").first
    button.click()
    page.get_by_text("The camera was not allowed.").wait_for()

    page.keyboard.press("Escape")

    assert page.get_by_role("dialog").count() == 0
    assert button.evaluate("button => button === document.activeElement")


def test_a_photo_without_a_code_says_what_to_do(open_as, keeper, bolt):
    page = open_as(keeper, "/admin/inventory/issue-and-transfer/", PHONE)
    page.get_by_role("button", name="Scan with the camera").first.click()
    blank = BytesIO()
    Image.new("L", (800, 600), 120).save(blank, "JPEG")

    page.locator(".camera input[type=file]").set_input_files(
        {"name": "blank.jpg", "mimeType": "image/jpeg", "buffer": blank.getvalue()}
    )

    page.get_by_text("No code was found in the photo.").wait_for()
