"""Forms to add and change: one call of the domain, nothing typed is lost, nothing is saved twice."""

import threading
import uuid
from datetime import date
from decimal import Decimal

import pytest
from django.contrib.admin import site
from django.contrib.messages import get_messages
from django.db import connection
from django.test import Client
from django.urls import reverse

from ipms.admin import once
from ipms.errors import InvalidInput, InvalidState
from ipms.models import ExchangeRate

pytestmark = pytest.mark.django_db

ADD = "admin:ipms_exchangerate_add"


@pytest.fixture
def back_office(client, manager):
    client.force_login(manager)
    return client


@pytest.fixture
def rate():
    return ExchangeRate.objects.create(currency="RWF", rate=Decimal("0.0007"), valid_from=date(2031, 2, 3))


def typed(**fields):
    return {
        once.FIELD: uuid.uuid4().hex,
        "currency": "RWF",
        "rate": "0.0008",
        "valid_from": "2031-02-04",
        "source": "central bank",
        **fields,
    }


def messages_of(response):
    return [str(message) for message in get_messages(response.wsgi_request)]


def test_new_record_is_made_by_one_call_of_the_domain(back_office, manager, monkeypatch):
    calls = []

    def create(page, request, values, lines):
        calls.append((values, lines))
        return ExchangeRate.objects.create(**values, created_by=request.user)

    monkeypatch.setattr(type(site.get_model_admin(ExchangeRate)), "create", create)

    response = back_office.post(reverse(ADD), typed())

    assert calls == [
        (
            {
                "currency": "RWF",
                "rate": Decimal("0.0008"),
                "valid_from": date(2031, 2, 4),
                "source": "central bank",
            },
            {},
        )
    ]
    assert ExchangeRate.objects.get().created_by == manager
    assert str(ExchangeRate.objects.get()) in messages_of(response)[0]


def test_change_gets_the_record_as_it_is_stored(back_office, rate, monkeypatch):
    seen = []

    def change(page, request, stored, values, lines):
        seen.append((stored.rate, values["rate"]))

    monkeypatch.setattr(type(site.get_model_admin(ExchangeRate)), "change", change)

    back_office.post(reverse("admin:ipms_exchangerate_change", args=[rate.pk]), typed())

    assert seen == [(Decimal("0.0007"), Decimal("0.0008"))]


@pytest.mark.parametrize(
    ("refusal", "errors"),
    [
        (InvalidInput({"source": ["Name the bank."]}), {"source": ["Name the bank."]}),
        (InvalidInput({"approval": ["It needs one."]}), {"__all__": ["approval: It needs one."]}),
        (InvalidState("The month is closed."), {"__all__": ["The month is closed."]}),
    ],
    ids=["of a field", "of something not on the page", "of the whole"],
)
def test_refusal_stands_in_the_form_with_all_that_was_typed(back_office, monkeypatch, refusal, errors):
    def create(page, request, values, lines):
        ExchangeRate.objects.create(**values)
        raise refusal

    monkeypatch.setattr(type(site.get_model_admin(ExchangeRate)), "create", create)

    response = back_office.post(reverse(ADD), typed(rate="0.0009"))

    assert response.status_code == 200
    assert response.context["adminform"].form.errors == errors
    assert 'value="0.0009"' in response.content.decode()
    assert not ExchangeRate.objects.exists()


def test_form_sent_twice_is_saved_once_and_answered_alike(back_office):
    sent = typed()

    first = back_office.post(reverse(ADD), sent)
    second = back_office.post(reverse(ADD), sent)

    assert ExchangeRate.objects.count() == 1
    assert second.url == first.url
    assert set(messages_of(first)) <= set(messages_of(second))


@pytest.mark.django_db(transaction=True)
def test_two_clicks_at_once_save_once(manager):
    sent = typed()
    clients = [Client(), Client()]
    for client in clients:
        client.force_login(manager)
    answers = []

    def click(client):
        try:
            answers.append(client.post(reverse(ADD), sent).status_code)
        finally:
            connection.close()

    threads = [threading.Thread(target=click, args=[client]) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert answers == [302, 302]
    assert ExchangeRate.objects.count() == 1


def test_mistake_is_corrected_with_the_same_form(back_office):
    sent = typed(rate="")

    refused = back_office.post(reverse(ADD), sent)
    saved = back_office.post(reverse(ADD), sent | {"rate": "0.0009"})

    assert refused.context["adminform"].form.errors == {"rate": ["This field is required."]}
    assert saved.status_code == 302


def test_saved_form_sent_again_with_other_values_changes_nothing(back_office):
    sent = typed()
    back_office.post(reverse(ADD), sent)

    response = back_office.post(reverse(ADD), sent | {"valid_from": "2031-02-05"})

    assert ExchangeRate.objects.count() == 1
    assert "Nothing was done" in messages_of(response)[-1]


def test_refused_deletion_leads_back_with_the_reason(back_office, rate, monkeypatch):
    def remove(page, rate, *, by):
        raise InvalidState("An order uses it.")

    monkeypatch.setattr(type(site.get_model_admin(ExchangeRate)), "remove", remove)

    response = back_office.post(
        reverse("admin:ipms_exchangerate_delete", args=[rate.pk]), {"post": "yes"}, follow=True
    )

    assert response.request["PATH_INFO"] == reverse("admin:ipms_exchangerate_change", args=[rate.pk])
    assert "An order uses it." in response.content.decode()
    assert ExchangeRate.objects.filter(pk=rate.pk).exists()


def test_history_tells_who_changed_what(back_office, rate, manager):
    url = reverse("admin:ipms_exchangerate_change", args=[rate.pk])
    back_office.post(url, typed(valid_from="2031-02-03"), REMOTE_ADDR="10.0.0.7")

    html = back_office.get(reverse("admin:ipms_exchangerate_history", args=[rate.pk])).content.decode()

    assert str(manager) in html
    assert "<del>0.0007000000</del>" in html
    assert "<ins>0.0008</ins>" in html


def test_from_where_a_change_came_is_for_those_who_read_the_audit_trail(back_office, rate, manager, admin):
    url = reverse("admin:ipms_exchangerate_change", args=[rate.pk])
    history = reverse("admin:ipms_exchangerate_history", args=[rate.pk])
    back_office.post(url, typed(valid_from="2031-02-03"), REMOTE_ADDR="10.0.0.7")

    assert "10.0.0.7" not in back_office.get(history).content.decode()
    back_office.force_login(admin)
    assert "10.0.0.7" in back_office.get(history).content.decode()


def test_figures_are_shown_without_the_zeros_of_their_column(back_office, rate):
    html = back_office.get(reverse("admin:ipms_exchangerate_change", args=[rate.pk])).content.decode()

    assert 'value="0.0007"' in html


def test_group_keeps_permissions_that_its_page_does_not_show(client, admin):
    client.force_login(admin)
    group = admin.groups.get()
    before = set(group.permissions.all())
    url = reverse("admin:auth_group_change", args=[group.pk])
    shown = [
        key
        for _heading, choices in client.get(url).context["adminform"].form.fields["permissions"].choices
        for key, _words in choices
    ]

    client.post(url, {"name": group.name, "permissions": [key for key in shown if key in _keys(before)]})

    assert set(group.permissions.all()) == before


def _keys(permissions):
    return {permission.pk for permission in permissions}
