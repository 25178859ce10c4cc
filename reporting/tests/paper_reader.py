"""Papers as others see them: the text of their pages, and what a decoder reads in their pictures."""

from io import BytesIO

import pypdfium2
import zxingcpp
from pypdf import PdfReader


def text_of(content):
    return "\n".join(page.extract_text() for page in PdfReader(BytesIO(content), strict=True).pages)


def pictures_of(content, *, dpi=300):
    """Return each page as a picture, as a printer of so many dots an inch puts it on paper."""
    document = pypdfium2.PdfDocument(content)
    try:
        return [page.render(scale=dpi / 72).to_pil() for page in document]
    finally:
        document.close()


def codes_on(picture):
    """Return (format, text) of all symbols that a decoder finds."""
    return [(found.format.name, found.text) for found in zxingcpp.read_barcodes(picture)]


def symbols_of(content, *, page=0, dpi=300):
    """Return what the decoder tells of each symbol of a page."""
    return zxingcpp.read_barcodes(pictures_of(content, dpi=dpi)[page])
