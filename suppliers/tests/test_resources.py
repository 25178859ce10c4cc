import pytest

from ipms.testing.back_office import count_queries
from ipms.testing.sheets import bring_in
from suppliers.models import Supplier
from suppliers.resources import SupplierResource
from suppliers.tests.factories import SupplierFactory

pytestmark = pytest.mark.django_db


def take(user, *rows):
    return bring_in(SupplierResource, *rows, by=user)


def test_suppliers_are_made_and_changed_by_their_code(manager):
    SupplierFactory(code="STEEL", city="Kigali")

    take(
        manager,
        ["code", "name", "country", "currency", "on_hold", "payment_terms_days"],
        ["steel", "Kigali Steel", "rw", "rwf", "yes", 45],
        ["OILS", "Coast Oils", "", "", "no", ""],
    )

    steel, oils = Supplier.objects.get(code="STEEL"), Supplier.objects.get(code="OILS")
    assert (steel.name, steel.country.code, steel.currency) == ("Kigali Steel", "RW", "RWF")
    assert (steel.on_hold, steel.payment_terms_days, steel.city) == (True, 45, "Kigali")
    assert (oils.currency, oils.payment_terms_days) == ("USD", 30)


def test_suppliers_cost_the_same_queries_for_one_as_for_thirty(manager):
    def bring(numbers, name):
        return take(manager, ["code", "name"], *([f"S-{number}", name] for number in numbers))

    bring([99], "Before")
    one = count_queries(lambda: bring([0], "New"))
    assert count_queries(lambda: bring(range(1, 31), "New")) == one

    one = count_queries(lambda: bring([0], "Changed"))
    assert count_queries(lambda: bring(range(1, 31), "Changed")) == one
    assert Supplier.objects.get(code="S-30").name == "Changed"


def test_all_bad_rows_are_told_and_the_others_are_imported(manager):
    result = take(
        manager,
        ["code", "name", "email", "country", "payment_terms_days"],
        ["A", "Fine", "", "", ""],
        ["B", "No address", "not an address", "XX", "-1"],
        ["C D", "A code with a space", "", "", ""],
    )

    assert {number: sorted(found) for number, found in result.problems.items()} == {
        3: ["country", "email", "payment_terms_days"],
        4: ["code"],
    }
    assert [supplier.code for supplier in Supplier.objects.all()] == ["A"]
