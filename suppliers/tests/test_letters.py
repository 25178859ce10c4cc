"""The language in which a supplier is written to."""

import pytest

from suppliers import letters
from suppliers.models import Supplier


@pytest.mark.parametrize(
    ("own", "of_site", "expected"),
    [
        pytest.param("fr", "sw", "fr", id="its own"),
        pytest.param("", "sw", "sw", id="the site's"),
        pytest.param("ar", "fr", "ar", id="one that runs from right to left"),
        pytest.param("xx", "fr", "fr", id="not one that nobody knows"),
        pytest.param("", "xx", "en", id="English where nothing else is left"),
    ],
)
def test_a_supplier_is_written_to_in_its_language(own, of_site, expected):
    assert letters.language_of(Supplier(language=own), otherwise=of_site) == expected
