"""A PDF file that is written while it is drawn: a page goes to the disk when it is full.

ReportLab keeps every page until the end, uncompressed, and then the whole file twice. Here its objects are
written as soon as they are whole; what stays in memory is where in the file each of them lies. It builds on
the inside of the pinned ReportLab (`PDFDocument.format`): a newer one has to pass the tests of these files.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any

from reportlab.pdfbase import pdfdoc
from reportlab.pdfgen.canvas import Canvas

_VERSION = (1, 4)


class _SpooledFile(pdfdoc.PDFFile):
    """ReportLab's collector of strings, with a file in the place of its list."""

    def __init__(self, file: IO[bytes]) -> None:
        self.offset = 0
        self.write = file.write
        self.add(b"%%PDF-%d.%d\n%%\223\214\213\236\n" % _VERSION)


class _SpooledDocument(pdfdoc.PDFDocument):
    """ReportLab's document, whose pages are written, and forgotten, when they are finished."""

    def __init__(self, file: IO[bytes]) -> None:
        super().__init__(compression=1, pdfVersion=_VERSION)
        self._file = _SpooledFile(file)

    def addPage(self, page: Any) -> None:
        name = self.thisPageName()
        super().addPage(page)
        page.check_format(self)
        page.Contents.filters = [pdfdoc.PDFZCompress]  # without text on top of it, which makes it larger
        self._write(self.Reference(page.Contents).name)
        self._write(name)
        self.Pages.pages[-1] = pdfdoc.PDFObjectReference(name)

    def finish(self) -> None:
        """Write what is left: fonts, images, the tree of pages, and the table of where all of it lies."""
        for font in self.delayedFonts:
            font.addObjects(self)
        self.info.digest(self.signature)
        self.Catalog.Outlines = None
        root, info = self.Reference(self.Catalog), self.Reference(self.info)
        number = 0
        while (number := number + 1) in self.numberToId:  # writing one may register more
            if (name := self.numberToId[number]) not in self.idToOffset:
                self._write(name)
        names = [self.numberToId[place] for place in range(1, number)]
        table = pdfdoc.PDFCrossReferenceTable()
        table.addsection(0, names)
        start = self._file.add(table.format(self))
        trailer = pdfdoc.PDFTrailer(startxref=start, Size=number, Root=root, Info=info, ID=self.ID())
        self._file.add(trailer.format(self))

    def _write(self, name: str) -> None:
        content = pdfdoc.PDFIndirectObject(name, self.idToObject[name]).format(self)
        self.idToOffset[name] = self._file.add(content)
        self.idToObject[name] = None


class SpooledCanvas(Canvas):
    """A canvas that draws into a file, page by page; `finish` stands in the place of `save`."""

    _code: list[str]

    def __init__(self, file: IO[bytes]) -> None:
        super().__init__(filename=None, pageCompression=1)
        self._doc = _SpooledDocument(file)
        self._make_preamble()  # it names a font of the document

    @property
    def document(self) -> Any:
        return self._doc

    def add(self, operators: str) -> None:
        """Add operators of PDF to the page."""
        self._code.append(operators)

    @contextmanager
    def recorded(self) -> Iterator[list[str]]:
        """Collect the operators that are drawn meanwhile, for the page to have them once or more often."""
        page, self._code = self._code, []
        try:
            yield self._code
        finally:
            self._code = page

    def promise_form(self, name: str, *, width: float, height: float) -> Any:
        """Return a form that pages use (`doForm`) before it is drawn (`setStreamList`)."""
        form = pdfdoc.PDFFormXObject(0, 0, width, height)
        form.compression = 1
        self._doc.Reference(form, pdfdoc.xObjectName(name))
        return form

    def finish(self) -> None:
        """Write the end of the file."""
        if len(self._code):
            self.showPage()
        self._doc.finish()
