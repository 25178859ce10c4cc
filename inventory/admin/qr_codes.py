"""What a scanner types that reads the QR code of one of our labels: the address of a record."""

import re
from collections.abc import Sequence

from django.urls import reverse

from inventory.models import Item, Lot
from ipms import mail


def opened(texts: Sequence[str]) -> list[str]:
    """Return the texts, with the number of what it opens in the place of each QR code of our labels."""
    pattern = re.escape(mail.absolute(reverse("admin:index"))) + r"inventory/(item|lot)/([0-9]{1,18})/change/"
    found_in = {text: found.groups() for text in texts if (found := re.fullmatch(pattern, text.strip()))}
    if not found_in:
        return list(texts)
    named: dict[tuple[str, str], str] = {}
    for model, field in ((Item, "sku"), (Lot, "number")):
        name = model._meta.model_name or ""
        keys = [key for of, key in found_in.values() if of == name]
        rows = model._default_manager.filter(pk__in=keys).values_list("pk", field)
        named |= {(name, str(key)): number for key, number in rows}
    return [
        named.get((found_in[text][0], found_in[text][1]), text) if text in found_in else text
        for text in texts
    ]
