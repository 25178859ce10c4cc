"""The pages of orders in the back office."""

from django.urls import reverse

from ipms.testing.back_office import form

ORDERS = reverse("admin:procurement_purchaseorder_changelist")
NEW = reverse("admin:procurement_purchaseorder_add")


def page(order):
    return reverse("admin:procurement_purchaseorder_change", args=[order.pk])


def action(order, name):
    return reverse("admin:procurement_purchaseorder_action", args=[order.pk, name])


def buttons(client, order):
    return [entry["action"].name for entry in client.get(page(order)).context["object_action_buttons"]]


def status(order):
    order.refresh_from_db()
    return order.status


def bulk(client, name, *orders, **values):
    """Choose an action of the list for some orders, and answer the page it asks with."""
    listed = form(client.get(ORDERS), action="")
    chosen = {"action": name, "_selected_action": [order.pk for order in orders]}
    asked = client.post(ORDERS, {**listed, **chosen})
    return client.post(ORDERS, {**form(asked), **chosen, "_apply": "1", **values}, follow=True)
