"""How suppliers enter the register, and how they leave it."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.exceptions import ValidationError
from django.db import connection

from suppliers import registry
from suppliers.models import Supplier
from suppliers.tests.factories import SupplierFactory

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("name", "code"),
    [
        pytest.param("Kigali Steel Ltd", "KIGALI-STEEL-LTD", id="words"),
        pytest.param("Établissements N'Diaye & Fils", "ETABLISSEMENTS-NDIAYE-FILS", id="accents and signs"),
        pytest.param("ብረታ ብረት", "ብረታ-ብረት", id="another script"),
        pytest.param("***", "SUPPLIER", id="no letter at all"),
        pytest.param(
            "United Bolts and Fasteners of Dar es Salaam",
            "UNITED-BOLTS-AND-FASTENERS-OF-DAR-ES-SAL",
            id="long",
        ),
    ],
)
def test_a_code_is_made_from_the_name(name, code):
    assert registry.create(name=name).code == code


def test_a_second_supplier_of_a_name_gets_another_code():
    codes = [registry.create(name="Kigali Steel").code for _ in range(3)]
    long_codes = [registry.create(name="A" * 60).code for _ in range(2)]

    assert codes == ["KIGALI-STEEL", "KIGALI-STEEL-2", "KIGALI-STEEL-3"]
    assert long_codes == ["A" * 40, "A" * 38 + "-2"]


def test_codes_for_many_names_differ_among_themselves_too():
    SupplierFactory(code="acme")

    codes = registry.free_codes(["Acme", "Bolts", "ACME", "acme"])

    assert codes == ["ACME-2", "BOLTS", "ACME-3", "ACME-4"]


def test_a_code_is_unique_without_regard_to_case():
    registry.create(name="Kigali Steel", code="KS")

    with pytest.raises(ValidationError) as refusal:
        registry.create(name="Kampala Sugar", code="ks")

    assert refusal.value.message_dict == {"code": ["A supplier with this code exists."]}


def test_country_and_currency_are_kept_in_capitals():
    supplier = registry.create(name="Kigali Steel", country="rw", currency="rwf")

    assert (supplier.country.code, supplier.currency) == ("RW", "RWF")


def test_the_currency_defaults_to_the_base_currency():
    assert registry.create(name="Kigali Steel").currency == "USD"


def test_what_cannot_be_is_refused_on_its_field():
    with pytest.raises(ValidationError) as refusal:
        registry.create(name="", country="XX", currency="XXX", code="has space", payment_terms_days=-1)

    assert set(refusal.value.message_dict) == {"name", "country", "currency", "code", "payment_terms_days"}


@pytest.mark.django_db(transaction=True)
def test_suppliers_entered_at_once_under_one_name_get_codes_of_their_own():
    together = threading.Barrier(8)

    def enter(_number):
        try:
            together.wait()
            return registry.create(name="Kigali Steel").code
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        codes = list(pool.map(enter, range(8)))

    assert sorted(codes) == ["KIGALI-STEEL", *(f"KIGALI-STEEL-{number}" for number in range(2, 9))]
    assert Supplier.objects.count() == 8
