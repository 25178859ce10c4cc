"""The letterhead: whose paper it is, from the site's settings."""

import logging
from typing import Any

from reportlab.lib.utils import ImageReader

from reporting.files.as_pdf.paper import LINE, QUIET, Paper, fit, wrap

logger = logging.getLogger(__name__)

_LOGO_WIDTH, _LOGO_HEIGHT = 130.0, 44.0
_MOST_LINES = 5


def draw(paper: Paper, settings: Any, *, right_room: float = 0, least_height: float = 0) -> None:
    """Draw logo, name and address of the organisation, and a line below them.

    It keeps `right_room` on the right free for what else stands up there, and takes `least_height` at least.
    """
    top = paper.y
    logo = _logo(settings)
    left = paper.left
    if logo is not None:
        width, height = logo.getSize()
        scale = min(_LOGO_WIDTH / width, _LOGO_HEIGHT / height)
        at = paper.place(left, width * scale)
        paper.canvas.drawImage(logo, at, top - height * scale, width * scale, height * scale, mask="auto")
        left += width * scale + 14
    room = paper.right - right_room - left
    name = fit(settings.organisation, paper.bold, 13, room)
    paper.text(left, top - 12, name, size=13, font=paper.bold)
    address = [*settings.address.splitlines(), *_country(settings)]
    lines = [line for part in address for line in wrap(part, paper.regular, 8, min(320, room))]
    for number, line in enumerate(lines[:_MOST_LINES]):
        paper.text(left, top - 24 - number * 10, line, size=8, colour=QUIET)
    paper.y = top - max(least_height, _LOGO_HEIGHT if logo else 0, 20 + 10 * min(len(lines), _MOST_LINES)) - 8
    paper.line(paper.left, paper.y, paper.right, paper.y, colour=LINE, width=0.8)


def _logo(settings: Any) -> ImageReader | None:
    """Return the organisation's logo, if it has one that can be read."""
    if not settings.logo:
        return None
    try:
        with settings.logo.open("rb") as file:
            logo = ImageReader(file)
            logo.getRGBData()
            return logo if min(logo.getSize()) > 0 else None
    except (OSError, ValueError, SyntaxError):
        logger.warning("the logo of the letterhead cannot be read", exc_info=True)
        return None


def _country(settings: Any) -> list[str]:
    """Return the country's name unless the address ends with it already."""
    name = str(settings.country.name) if settings.country else ""
    return [name] if name and name.casefold() not in settings.address.casefold() else []
