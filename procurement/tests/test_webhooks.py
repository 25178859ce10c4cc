"""What other systems are told of stock and orders."""

import json

import pytest

from accounts.tests.factories import UserFactory
from inventory.tests.factories import ItemFactory
from ipms import outbox, webhooks
from ipms.models import WebhookDelivery
from procurement.models import OrderStatus
from procurement.tests.factories import line
from procurement.tests.factories import order as order_for

pytestmark = pytest.mark.django_db


def told(topic, **payload):
    webhooks.add(by=UserFactory(admin=True), name="ERP", url="https://erp.example.com/", topics=[topic])
    outbox.record(topic, **payload)
    outbox.deliver()
    return json.loads(WebhookDelivery.objects.get().body)["data"]


def test_an_order_is_told_by_its_number():
    order = order_for(line())
    outbox.deliver()

    data = told("order.overdue", order=order.pk, days_late=3)

    assert data == {"order": {"id": order.pk, "po_number": order.po_number}, "days_late": 3}


def test_an_item_is_told_by_its_sku():
    rod = ItemFactory(sku="ROD-12", name="Steel rod 12 mm")

    data = told("stock.low", item=rod.pk, available="3")

    assert data == {"item": {"id": rod.pk, "sku": "ROD-12", "name": "Steel rod 12 mm"}, "available": "3"}


def test_every_status_of_an_order_can_be_asked_for():
    assert {f"order.{status}" for status in OrderStatus.values} <= set(webhooks.declared())
