"""The pages of webhooks: who may see them, the secret that is shown once, and sending again."""

from functools import partial

import pytest
from auditlog import get_logentry_model
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.urls import reverse
from django.utils import timezone

from ipms import outbox, webhooks
from ipms.models import IdempotencyRecord, WebhookDelivery, WebhookEndpoint
from ipms.testing import back_office

pytestmark = pytest.mark.django_db

ENDPOINTS = reverse("admin:ipms_webhookendpoint_changelist")
ADD = reverse("admin:ipms_webhookendpoint_add")
DELIVERIES = reverse("admin:ipms_webhookdelivery_changelist")
FILLED_IN = {
    "name": "ERP",
    "url": "https://erp.example.com/hook",
    "topics": ["order.*", "stock.low"],
    "headers": "X-Api-Key: 4711\nX-Site: Kigali: North",
}


@pytest.fixture
def browser(admin):
    return back_office.enter(admin)


@pytest.fixture
def endpoint(admin):
    return webhooks.add(by=admin, name="ERP", url="https://erp.example.com/", topics=["*"])


@pytest.fixture
def deliveries(endpoint):
    for number in range(3):
        outbox.record("order.approved", order=number)
    outbox.deliver()
    return list(WebhookDelivery.objects.order_by("pk"))


def page_of(obj, *more):
    return reverse(f"admin:ipms_{obj._meta.model_name}_change", args=[obj.pk])


def secret_page(endpoint):
    return reverse("admin:ipms_webhookendpoint_secret", args=[endpoint.pk])


def give_up(delivery):
    delivery.status, delivery.next_attempt_at = "given-up", None
    delivery.response_status, delivery.response_body, delivery.last_error = (
        500,
        "<b>no</b>",
        "It answered 500.",
    )
    delivery.save()


@pytest.mark.parametrize("role", ["staff", "manager"])
def test_webhooks_are_for_administrators(request, endpoint, deliveries, role):
    browser = back_office.enter(request.getfixturevalue(role))

    for address in (ENDPOINTS, ADD, DELIVERIES, page_of(endpoint), secret_page(endpoint)):
        assert browser.get(address).status_code == 403
    assert browser.post(secret_page(endpoint)).status_code == 403
    assert browser.post(f"{page_of(deliveries[0])}../do/redeliver/").status_code in (403, 404)


def test_new_endpoint_leads_to_its_secret(browser, admin):
    shown = back_office.send(browser, ADD, **FILLED_IN)

    made = WebhookEndpoint.objects.get()
    assert (made.name, made.topics, made.created_by) == ("ERP", ["order.*", "stock.low"], admin)
    assert made.headers == {"X-Api-Key": "4711", "X-Site": "Kigali: North"}
    assert shown.request["PATH_INFO"] == secret_page(made)
    assert made.secret not in shown.content.decode()


def test_secret_is_shown_once_and_kept_nowhere_else(browser):
    back_office.send(browser, ADD, **FILLED_IN)
    endpoint = WebhookEndpoint.objects.get()

    shown = browser.post(secret_page(endpoint))
    again = browser.post(secret_page(endpoint), follow=True)

    assert endpoint.secret in shown.content.decode()
    assert "no-store" in shown["Cache-Control"]
    assert "The secret was shown before" in back_office.messages(again)[0]
    for address in (secret_page(endpoint), page_of(endpoint), ENDPOINTS):
        assert endpoint.secret not in browser.get(address).content.decode()
    kept = "".join(record.body for record in IdempotencyRecord.objects.all())
    assert endpoint.secret not in kept
    trail = get_logentry_model().objects.filter(object_repr="ERP")
    assert "webhook-secret-shown" in {entry.event for entry in trail}


def test_rotating_leads_to_the_new_secret(browser, endpoint):
    old = endpoint.secret
    browser.post(secret_page(endpoint))

    asked = reverse("admin:ipms_webhookendpoint_action", args=[endpoint.pk, "rotate-secret"])
    led_to = back_office.send(browser, asked)
    shown = browser.post(secret_page(endpoint)).content.decode()

    endpoint.refresh_from_db()
    assert led_to.request["PATH_INFO"] == secret_page(endpoint)
    assert endpoint.secret != old
    assert endpoint.secret in shown


def test_refusal_stands_at_its_field_with_all_that_was_typed(browser):
    values = {**FILLED_IN, "url": "http://10.0.0.7/hook", "headers": "Host: other"}

    page = back_office.send(browser, ADD, **values)

    form = page.context["adminform"].form
    assert "private network" in form.errors["url"][0]
    assert "set by this system itself" in form.errors["headers"][0]
    assert "10.0.0.7" in page.content.decode()
    assert not WebhookEndpoint.objects.exists()


def test_saving_what_is_shown_changes_nothing(browser, endpoint):
    webhooks.change(endpoint, topics=["order.*", "mill.stopped"], headers={"X-A": "1"})

    back_office.send(browser, page_of(endpoint), topics=["order.*", "mill.stopped"])

    endpoint.refresh_from_db()
    assert (endpoint.topics, endpoint.headers) == (["order.*", "mill.stopped"], {"X-A": "1"})


def test_a_test_is_queued_and_its_page_shown(browser, endpoint):
    page = back_office.press(browser, page_of(endpoint), "/do/test/")

    delivery = WebhookDelivery.objects.get()
    assert delivery.topic == "webhook.test"
    assert page.request["PATH_INFO"] == page_of(delivery)


def test_the_page_of_a_delivery_shows_what_was_sent_and_what_came_back(browser, deliveries):
    give_up(deliveries[0])

    page = browser.get(page_of(deliveries[0])).content.decode()

    assert "&quot;topic&quot;: &quot;order.approved&quot;" in page
    assert "&lt;b&gt;no&lt;/b&gt;" in page
    assert str(deliveries[0].key) in page


def test_one_delivery_is_sent_again_by_its_button(browser, deliveries):
    give_up(deliveries[0])

    back_office.press(browser, page_of(deliveries[0]), "/do/redeliver/")

    deliveries[0].refresh_from_db()
    assert deliveries[0].status == "queued"


def test_many_are_sent_again_and_those_that_wait_are_named(browser, deliveries):
    for delivery in deliveries[:2]:
        give_up(delivery)
    chosen = {"action": "redeliver_selected", ACTION_CHECKBOX_NAME: [one.pk for one in deliveries]}

    answer = browser.post(DELIVERIES, chosen, follow=True)

    told = back_office.messages(answer)
    assert "2 webhook deliveries: queued again." in told
    assert str(deliveries[2]) in told[1]
    assert WebhookDelivery.objects.filter(status="queued").count() == 3


def test_deliveries_are_found_by_status_topic_number_and_id(browser, deliveries):
    give_up(deliveries[1])

    def found(**query):
        return {one.pk for one in browser.get(DELIVERIES, query).context["cl"].queryset}

    everything = {one.pk for one in deliveries}
    assert found(status__exact="given-up") == {deliveries[1].pk}
    assert found(topic="order.approved") == everything
    assert found(topic="stock.low") == set()
    assert found(q="order.") == everything
    assert found(q=str(deliveries[2].event_id)) == {deliveries[2].pk}
    assert found(q=str(deliveries[2].key)) == {deliveries[2].pk}


def test_lists_cost_the_same_for_many_rows(browser, admin, deliveries):
    def queries():
        return [back_office.count_queries(partial(browser.get, page)) for page in (DELIVERIES, ENDPOINTS)]

    queries()
    few = queries()
    for number in range(12):
        webhooks.add(by=admin, name=f"Shop {number}", url="https://shop.example.com/", topics=["*"])
    outbox.record("stock.low", item=1)
    outbox.deliver()

    many = queries()

    assert WebhookDelivery.objects.count() == 16
    assert many == few


def test_an_endpoint_with_a_log_is_switched_off_rather_than_deleted(browser, endpoint, deliveries):
    browser.post(
        reverse("admin:ipms_webhookendpoint_delete", args=[endpoint.pk]), {"post": "yes"}, follow=True
    )
    stands = WebhookEndpoint.objects.filter(pk=endpoint.pk).exists()
    WebhookDelivery.objects.all().delete()
    browser.post(
        reverse("admin:ipms_webhookendpoint_delete", args=[endpoint.pk]), {"post": "yes"}, follow=True
    )

    assert stands
    assert not WebhookEndpoint.objects.exists()


def test_the_list_says_which_endpoint_fails(browser, endpoint):
    WebhookEndpoint.objects.update(failures_in_a_row=4, last_attempt_at=timezone.now())

    assert "4 failures in a row" in browser.get(ENDPOINTS).content.decode()
