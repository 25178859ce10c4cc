"""The codes in a photo. Nothing of it is kept."""

import warnings
from io import BytesIO

import zxingcpp
from django.utils.translation import gettext as _
from PIL import Image, ImageFilter

from ipms.errors import InvalidInput

#: What labels and packages carry; reading for fewer kinds finds fewer that are none.
_FORMATS = zxingcpp.barcode_formats_from_str("Code128,Code39,EAN13,EAN8,UPCA,UPCE,ITF,QRCode,DataMatrix")
_PICTURES = ["JPEG", "PNG", "WEBP"]
#: A small file can hold a picture that fills the memory.
MOST_PIXELS = 50_000_000
#: More is not seen by the decoder than is on paper, and takes longer.
_LONGEST_SIDE = 2000
_MOST_CODES = 8
_SHARPER = ImageFilter.UnsharpMask(radius=6, percent=250, threshold=0)


def codes_in(photo: bytes) -> list[str]:
    """Return the text of each code in a photo, from the largest to the smallest; turned as it may be.

    Raises `InvalidInput` for what is no JPEG, PNG or WebP, or has more than `MOST_PIXELS`.
    """
    picture = _opened(photo)
    found = zxingcpp.read_barcodes(picture, formats=_FORMATS)
    if not found:  # held too near, or in bad light
        found = zxingcpp.read_barcodes(picture.filter(_SHARPER), formats=_FORMATS)
    largest_first = sorted(found, key=_size, reverse=True)
    return list(dict.fromkeys(code.text for code in largest_first if code.text))[:_MOST_CODES]


def _opened(photo: bytes) -> Image.Image:
    refusal = InvalidInput({"photo": [_("This is no photo that can be read.")]})
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            file = Image.open(BytesIO(photo), formats=_PICTURES)
            if file.width * file.height > MOST_PIXELS:
                raise refusal
            # A JPEG is made smaller while it is read.
            file.draft("L", (_LONGEST_SIDE, _LONGEST_SIDE))
            picture = file.convert("L")
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError, Warning) as error:
        raise refusal from error
    picture.thumbnail((_LONGEST_SIDE, _LONGEST_SIDE))
    return picture


def _size(code: zxingcpp.Barcode) -> int:
    corners = code.position
    across = (corners.top_left.x - corners.bottom_right.x) ** 2
    return across + (corners.top_left.y - corners.bottom_right.y) ** 2
