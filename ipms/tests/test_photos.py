"""Photos of codes as telephones take them: turned, blurred, askew, far too large, or no photo at all."""

from io import BytesIO
from random import Random

import pytest
import zxingcpp
from django.urls import reverse
from PIL import Image, ImageDraw, ImageFilter

from ipms import photos
from ipms.errors import InvalidInput
from ipms.testing.back_office import count_queries, enter

CAMERA = reverse("admin:camera")


def symbol(text, kind=zxingcpp.BarcodeFormat.QRCode, *, scale=8):
    drawn = memoryview(zxingcpp.create_barcode(text, kind).to_image(scale=scale))
    rows, columns = drawn.shape
    bare = Image.frombytes("L", (columns, rows), drawn.tobytes())
    if rows < columns // 4:  # bars are as high as a finger
        bare = bare.resize((columns, columns // 3))
    label = Image.new("L", (bare.width + 160, bare.height + 120), 255)
    label.paste(bare, (80, 60))
    return label


def on_a_shelf(*symbols, size=(2400, 1800)):
    """Return a photo in which symbols lie on a grey shelf with edges and shadows about them."""
    random = Random(7)  # noqa: S311 - chance that repeats itself is wanted
    shelf = Image.new("L", size, 150)
    draw = ImageDraw.Draw(shelf)
    for _stripe in range(60):
        x, y = random.randrange(size[0]), random.randrange(size[1])
        draw.line([(x, 0), (x + random.randrange(-80, 80), size[1])], fill=random.randrange(90, 200), width=5)
        draw.rectangle([x, y, x + 40, y + 25], outline=random.randrange(60, 220))
    for number, drawn in enumerate(symbols):
        shelf.paste(drawn, (200 + number * 1000, 400))
    return shelf


def jpeg(picture, quality=80):
    file = BytesIO()
    picture.convert("RGB").save(file, "JPEG", quality=quality)
    return file.getvalue()


@pytest.mark.parametrize(
    "taken",
    [
        pytest.param(lambda photo: photo, id="straight"),
        pytest.param(lambda photo: photo.rotate(90, expand=True), id="turned on its side"),
        pytest.param(lambda photo: photo.rotate(180), id="upside down"),
        pytest.param(lambda photo: photo.rotate(17, expand=True, fillcolor=140), id="askew"),
        pytest.param(lambda photo: photo.filter(ImageFilter.GaussianBlur(4)), id="blurred"),
        pytest.param(lambda photo: photo.point(lambda level: 30 + level // 6), id="in the dark"),
        pytest.param(lambda photo: photo.resize((800, 600)), id="small"),
        pytest.param(lambda photo: photo.resize((4800, 3600)), id="of 17 megapixels"),
        pytest.param(
            lambda photo: photo.transform(
                photo.size, Image.Transform.QUAD, (60, 0, 0, 1800, 2400, 1700, 2250, 120), fillcolor=140
            ),
            id="from aside",
        ),
    ],
)
@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (zxingcpp.BarcodeFormat.QRCode, "https://stores.example/admin/inventory/item/7/change/"),
        (zxingcpp.BarcodeFormat.Code128, "FG-1001"),
        (zxingcpp.BarcodeFormat.EAN13, "5901234123457"),
    ],
    ids=["QR", "Code 128", "EAN"],
)
def test_a_code_is_read_however_the_photo_was_taken(kind, text, taken):
    photo = taken(on_a_shelf(symbol(text, kind)))

    assert photos.codes_in(jpeg(photo)) == [text]


def test_a_shaky_photo_of_poor_quality_is_read():
    shaky = on_a_shelf(symbol("FG-1001", scale=12)).filter(ImageFilter.BoxBlur(4))

    assert photos.codes_in(jpeg(shaky, quality=35)) == ["FG-1001"]


def test_the_largest_of_several_codes_comes_first():
    photo = on_a_shelf(symbol("SMALL", scale=6), symbol("LARGE", scale=20))

    assert photos.codes_in(jpeg(photo)) == ["LARGE", "SMALL"]


def test_a_photo_without_a_code_has_none():
    assert photos.codes_in(jpeg(on_a_shelf())) == []


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"%PDF-1.7 not a photo", id="a paper"),
        pytest.param(jpeg(Image.new("L", (600, 600), 90))[:400], id="one that was cut off"),
        pytest.param(b"GIF89a\x01\x00\x01\x00\x00\x00\x00;", id="a picture of another kind"),
    ],
)
def test_what_is_no_photo_is_refused(sent):
    with pytest.raises(InvalidInput, match="no photo"):
        photos.codes_in(sent)


def test_a_small_file_that_would_fill_the_memory_is_refused_before_it_is_opened():
    file = BytesIO()
    Image.new("1", (12_000, 12_000)).save(file, "PNG")

    with pytest.raises(InvalidInput, match="no photo"):
        photos.codes_in(file.getvalue())


@pytest.mark.django_db
class TestPage:
    def post(self, user, content):
        return enter(user).post(CAMERA, content, content_type="image/jpeg")

    def test_answers_the_codes_of_the_photo_that_is_its_body(self, staff):
        answer = self.post(staff, jpeg(on_a_shelf(symbol("FG-1001"))))

        assert answer.json() == {"codes": ["FG-1001"]}

    def test_says_in_words_why_it_read_none(self, staff):
        answer = self.post(staff, b"not a photo")

        assert (answer.status_code, answer.json()) == (400, {"error": "This is no photo that can be read."})

    def test_takes_no_photo_that_was_not_made_smaller(self, staff):
        answer = self.post(staff, b"\xff" * (4 * 1024 * 1024 + 1))

        assert (answer.status_code, answer.json()) == (413, {"error": "The photo is too large."})

    def test_is_for_who_may_enter_the_back_office(self, client):
        answer = client.post(CAMERA, b"x", content_type="image/jpeg")

        assert answer.status_code == 302
        assert "/login/" in answer["Location"]

    def test_reads_nothing_by_its_address(self, staff):
        assert enter(staff).get(CAMERA).status_code == 405

    def test_writes_nothing(self, staff):
        client = enter(staff)
        content = jpeg(on_a_shelf(symbol("FG-1001")))

        assert count_queries(lambda: client.post(CAMERA, content, content_type="image/jpeg")) == 2  # who asks
