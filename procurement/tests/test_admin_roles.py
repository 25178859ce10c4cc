"""What each role sees and may do in the back office: the table of the roles, over the pages' addresses."""

import re

import pytest
from django.urls import reverse

from accounts.tests.factories import UserFactory
from inventory.tests.factories import CategoryFactory, ItemFactory, LocationFactory, stock
from ipms.testing.back_office import enter
from procurement.models import GoodsReceipt
from procurement.receiving import receive
from procurement.tests.factories import approved_order, line, order
from suppliers.tests.factories import SupplierFactory

pytestmark = pytest.mark.django_db

EVERYBODY, MANAGERS, ADMINS = ("staff", "manager", "admin"), ("manager", "admin"), ("admin",)
NOBODY = ()

#: The table: page -> who may open it.
LISTS = {
    "inventory_item": EVERYBODY,
    "inventory_category": EVERYBODY,
    "inventory_location": EVERYBODY,
    "inventory_lot": EVERYBODY,
    "inventory_unitofmeasure": EVERYBODY,
    "inventory_stockbalance": EVERYBODY,
    "inventory_stockmovement": EVERYBODY,
    "inventory_itemvaluation": EVERYBODY,
    "suppliers_supplier": EVERYBODY,
    "procurement_purchaseorder": EVERYBODY,
    "procurement_purchaseorderline": EVERYBODY,
    "procurement_orderhistory": EVERYBODY,
    "procurement_goodsreceipt": EVERYBODY,
    "procurement_goodsreceiptline": EVERYBODY,
    "procurement_approvallimit": MANAGERS,
    "procurement_importedline": ADMINS,
    "ipms_exchangerate": EVERYBODY,
    "ipms_outboxevent": ADMINS,
    "ipms_outgoingmail": ADMINS,
    "accounts_notification": EVERYBODY,
    "ipms_webhookendpoint": ADMINS,
    "ipms_webhookdelivery": ADMINS,
    "accounts_user": ADMINS,
    "accounts_auditentry": ADMINS,
    "accounts_tokenfamily": ADMINS,
    "auth_group": ADMINS,
    "django_celery_beat_periodictask": ADMINS,
    "axes_accessattempt": ADMINS,
}
ADDING = {
    "inventory_item": MANAGERS,
    "inventory_category": MANAGERS,
    "inventory_location": MANAGERS,
    "inventory_lot": MANAGERS,
    "suppliers_supplier": MANAGERS,
    "procurement_purchaseorder": EVERYBODY,
    "ipms_exchangerate": MANAGERS,
    "procurement_approvallimit": ADMINS,
    "accounts_user": ADMINS,
    "ipms_webhookendpoint": ADMINS,
    "inventory_stockmovement": NOBODY,
    "inventory_stockbalance": NOBODY,
    "procurement_goodsreceipt": NOBODY,
    "procurement_orderhistory": NOBODY,
}
DELETING = {
    "inventory_item": ADMINS,
    "inventory_category": MANAGERS,
    "inventory_location": MANAGERS,
    "suppliers_supplier": ADMINS,
    "inventory_stockmovement": NOBODY,
    "procurement_purchaseorder": NOBODY,
    "procurement_goodsreceipt": NOBODY,
}
IMPORTS = {
    "inventory_item": MANAGERS,
    "inventory_category": MANAGERS,
    "inventory_location": MANAGERS,
    "inventory_stockbalance": MANAGERS,
    "suppliers_supplier": MANAGERS,
    "procurement_purchaseorder": EVERYBODY,
}
EXPORTS = {
    name: ADMINS if name.startswith("accounts") else MANAGERS
    for name in LISTS
    if name.startswith(("inventory", "suppliers", "procurement_p", "procurement_goods", "accounts_user"))
}
ACTIONS = {
    "inventory_item/add-stock": EVERYBODY,
    "inventory_item/remove-stock": EVERYBODY,
    "inventory_item/transfer-stock": EVERYBODY,
    "inventory_item/adjust-stock": MANAGERS,
    "inventory_stockmovement/reverse": MANAGERS,
    "procurement_purchaseorder/approve": MANAGERS,
    "procurement_purchaseorder/reject": MANAGERS,
    "procurement_purchaseorder/cancel": EVERYBODY,
    "procurement_purchaseorder/receive": EVERYBODY,
    "accounts_user/set-password": ADMINS,
    "accounts_user/deactivate": ADMINS,
}


def cells(table):
    """One case for each page and role."""
    return [
        pytest.param(page, role, role in allowed, id=f"{page}-{role}")
        for page, allowed in table.items()
        for role in EVERYBODY
    ]


@pytest.fixture
def world():
    """One record of each kind, none of them made by who looks."""
    bolt = ItemFactory()
    movement = stock(bolt, LocationFactory(), 5)
    received = approved_order(line(bolt))
    receive(received, by=UserFactory())
    return {
        "inventory_item": ItemFactory(),
        "inventory_category": CategoryFactory(),
        "inventory_location": LocationFactory(),
        "inventory_stockmovement": movement,
        "suppliers_supplier": SupplierFactory(),
        "procurement_purchaseorder": order(),
        "procurement_goodsreceipt": GoodsReceipt.objects.get(),
        "accounts_user": UserFactory(),
    }


def may_open(request, role, url):
    answer = enter(request.getfixturevalue(role)).get(url)
    assert answer.status_code in (200, 302, 403)
    return answer.status_code != 403


@pytest.mark.parametrize(("page", "role", "allowed"), cells(LISTS))
def test_who_sees_a_list(request, page, role, allowed):
    assert may_open(request, role, reverse(f"admin:{page}_changelist")) is allowed


@pytest.mark.parametrize(("page", "role", "allowed"), cells(ADDING))
def test_who_adds(request, page, role, allowed):
    assert may_open(request, role, reverse(f"admin:{page}_add")) is allowed


@pytest.mark.parametrize(("page", "role", "allowed"), cells(DELETING))
def test_who_deletes(request, world, page, role, allowed):
    url = reverse(f"admin:{page}_delete", args=[world[page].pk])

    assert may_open(request, role, url) is allowed


@pytest.mark.parametrize(("page", "role", "allowed"), cells(IMPORTS))
def test_who_imports(request, page, role, allowed):
    assert may_open(request, role, reverse(f"admin:{page}_import")) is allowed


@pytest.mark.parametrize(("page", "role", "allowed"), cells(EXPORTS))
def test_who_exports(request, page, role, allowed):
    assert may_open(request, role, reverse(f"admin:{page}_export")) is allowed


@pytest.mark.parametrize(("page", "role", "allowed"), cells(ACTIONS))
def test_who_may_use_a_button(request, world, page, role, allowed):
    model, name = page.split("/")
    url = reverse(f"admin:{model}_action", args=[world[model].pk, name])

    assert may_open(request, role, url) is allowed


@pytest.mark.parametrize(
    ("role", "sections"),
    [
        ("staff", ["stores", "suppliers", "purchasing", "system"]),
        ("manager", ["stores", "suppliers", "purchasing", "reports", "system"]),
        ("admin", ["stores", "suppliers", "purchasing", "reports", "people", "system"]),
    ],
)
def test_the_sidebar_shows_only_what_may_be_opened(request, role, sections):
    client = enter(request.getfixturevalue(role))
    home = client.get(reverse("admin:index"))

    assert [entry["section"].key for entry in home.context["navigation"]] == sections
    for address in re.findall(r'href="(/admin/[^"?]*)"', home.content.decode()):
        assert client.get(address).status_code != 403, address


def test_who_is_not_logged_in_is_asked_to(client):
    for page in LISTS:
        answer = client.get(reverse(f"admin:{page}_changelist"))
        assert answer.status_code == 302
        assert "/login/" in answer.url
