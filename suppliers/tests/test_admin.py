import pytest
from django.urls import reverse

from ipms.testing.back_office import count_queries, enter, form, send
from suppliers.models import Supplier
from suppliers.tests.factories import SupplierFactory

pytestmark = pytest.mark.django_db

SUPPLIERS = reverse("admin:suppliers_supplier_changelist")


def page(supplier):
    return reverse("admin:suppliers_supplier_change", args=[supplier.pk])


def found(answer):
    return list(answer.context["cl"].result_list)


def test_a_supplier_without_a_code_gets_one_from_its_name(manager):
    send(enter(manager), reverse("admin:suppliers_supplier_add"), name="Kigali Steel", country="RW")

    supplier = Supplier.objects.get()
    assert (supplier.code, supplier.country.code, supplier.currency) == ("KIGALI-STEEL", "RW", "USD")


def test_a_supplier_has_a_language_of_those_that_papers_come_in(manager):
    supplier = SupplierFactory()
    client = enter(manager)

    send(client, page(supplier), language="fr")
    refused = send(client, page(supplier), language="nl")

    supplier.refresh_from_db()
    assert supplier.language == "fr"
    assert "language" in refused.context["adminform"].form.errors


def test_a_code_that_is_taken_is_refused_whatever_its_case(manager):
    SupplierFactory(code="STEEL")

    answer = send(enter(manager), reverse("admin:suppliers_supplier_add"), name="Other", code="steel")

    assert Supplier.objects.count() == 1
    assert "A supplier with this code exists." in answer.content.decode()


def test_suppliers_are_found_by_words_in_any_order_with_a_slip(staff):
    steel = SupplierFactory(name="Kigali Steel Works", contact_person="Aline Mukamana")
    SupplierFactory(name="Coast Oils")
    client = enter(staff)

    for typed in ("steel kigali", "kigalli", "mukamana"):
        assert found(client.get(SUPPLIERS, {"q": typed})) == [steel]


@pytest.mark.parametrize("status", ["active", "on-hold", "inactive"])
def test_the_list_is_filtered_by_status(staff, status):
    SupplierFactory(code="active")
    SupplierFactory(code="on-hold", on_hold=True)
    SupplierFactory(code="inactive", is_active=False)

    answer = enter(staff).get(SUPPLIERS, {"status": status})

    assert [supplier.code for supplier in found(answer)] == [status]


def test_only_countries_that_occur_are_offered(staff):
    SupplierFactory(country="RW")
    SupplierFactory(country="KE")

    filters = enter(staff).get(SUPPLIERS).context["cl"].filter_specs

    assert [list(spec.lookup_choices) for spec in filters if spec.parameter_name == "country"] == [
        [("KE", "Kenya"), ("RW", "Rwanda")]
    ]


def test_the_list_costs_the_same_queries_for_one_supplier_as_for_ten(staff):
    client = enter(staff)
    SupplierFactory()
    client.get(SUPPLIERS)
    one = count_queries(lambda: client.get(SUPPLIERS))
    for _number in range(9):
        SupplierFactory()

    assert count_queries(lambda: client.get(SUPPLIERS)) == one


def test_staff_reads_suppliers_and_changes_none(staff):
    steel = SupplierFactory()
    client = enter(staff)

    assert client.get(page(steel)).status_code == 200
    assert client.post(page(steel), {"name": "Mine"}).status_code == 403


def test_only_an_administrator_deletes_a_supplier(manager, admin):
    steel = SupplierFactory()
    url = reverse("admin:suppliers_supplier_delete", args=[steel.pk])

    assert enter(manager).post(url, {"post": "yes"}).status_code == 403
    client = enter(admin)
    client.post(url, {**form(client.get(url)), "post": "yes"})

    assert not Supplier.objects.exists()
