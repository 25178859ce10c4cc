import pytest

from ipms.sheets import Csv, Sheet
from suppliers.models import Supplier
from suppliers.resources import SupplierResource
from suppliers.tests.factories import SupplierFactory

pytestmark = pytest.mark.django_db


def take(user, *rows):
    return SupplierResource().import_data(Sheet.of(rows), user=user)


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


def test_an_export_read_back_changes_nothing(manager):
    SupplierFactory(name="-10% Traders", country="RW", notes="=1+1")
    file = Csv().export_data(SupplierResource().export())

    result = SupplierResource().import_data(Csv().create_dataset(file), user=manager)

    assert b"'-10% Traders" in file
    assert result.totals["skip"] == 1
    assert Supplier.objects.get().notes == "=1+1"


def test_all_bad_rows_are_told_and_nothing_is_imported(manager):
    result = take(
        manager,
        ["code", "name", "email", "country", "payment_terms_days"],
        ["A", "Fine", "", "", ""],
        ["B", "No address", "not an address", "XX", "-1"],
        ["C D", "A code with a space", "", "", ""],
    )

    assert {row.number: sorted(row.error_dict) for row in result.invalid_rows} == {
        3: ["country", "email", "payment_terms_days"],
        4: ["code"],
    }
    assert not Supplier.objects.exists()
