"""How a supplier did, on the supplier's own page."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.tests.factories import UserFactory
from ipms.testing.back_office import enter
from procurement import receiving
from procurement.receiving import Arrival
from procurement.tests.factories import approved_order, line
from suppliers.tests.factories import SupplierFactory

pytestmark = pytest.mark.django_db


def page(supplier):
    return reverse("admin:suppliers_supplier_change", args=[supplier.pk])


def test_the_page_of_a_supplier_tells_its_standing_to_who_may_read_reports(manager):
    steel = SupplierFactory()
    ordered_on = timezone.localdate() - timedelta(days=20)
    made = approved_order(
        line(quantity=10, unit_price=2),
        supplier=steel,
        ordered_on=ordered_on,
        expected_date=ordered_on + timedelta(days=10),
    )
    arrival = Arrival(line_id=made.lines.get().pk, quantity=Decimal(5))
    receiving.receive(made, by=UserFactory(), arrivals=[arrival])

    shown = enter(manager).get(page(steel)).content.decode()

    standing = shown[shown.index("Standing of the last twelve months") :]
    assert standing.index("On time") < standing.index("0.0 %") < standing.index("Filled")
    assert "50.0 %" in standing
    assert "20.00" in standing


def test_who_was_never_ordered_from_has_no_standing(manager):
    shown = enter(manager).get(page(SupplierFactory())).content.decode()

    assert "Standing of the last twelve months" not in shown
