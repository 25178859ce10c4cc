"""Buttons of a page and actions on selected rows: once for each form, refusals in the right place."""

import uuid
from datetime import date
from decimal import Decimal

import pytest
from django import forms
from django.contrib.admin import site
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.messages import get_messages
from django.urls import reverse

from ipms.admin import once
from ipms.admin.bulk_actions import BulkAction
from ipms.admin.forms import ActionForm, LineForm, LinesActionForm, ReasonForm
from ipms.admin.object_actions import ObjectAction
from ipms.errors import InvalidInput, InvalidState
from ipms.models import ExchangeRate, IdempotencyRecord

pytestmark = pytest.mark.django_db

LIST = "admin:ipms_exchangerate_changelist"


@pytest.fixture
def back_office(client, manager):
    client.force_login(manager)
    return client


@pytest.fixture
def rate():
    return ExchangeRate.objects.create(currency="RWF", rate=Decimal("0.0007"), valid_from=date(2031, 2, 3))


@pytest.fixture
def offer(monkeypatch):
    """Put a button on the page of exchange rates; answers the list of calls that it makes."""

    def put(run=None, **options):
        calls = []

        def note(rate, *, by, **arguments):
            calls.append((rate, by, arguments))
            if run:
                run(rate)

        options = {"name": "confirm", "label": "Confirm", "done": "%(object)s confirmed."} | options
        action = ObjectAction(run=note, **options)
        monkeypatch.setattr(site.get_model_admin(ExchangeRate), "object_actions", [action])
        return calls

    return put


@pytest.fixture
def offer_for_many(monkeypatch):
    def put(run, **options):
        options = {"name": "confirm", "label": "Confirm selected", "done": "confirmed"} | options
        page = site.get_model_admin(ExchangeRate)
        monkeypatch.setattr(page, "bulk_actions", [BulkAction(run=run, **options)])

    return put


class RoundForm(ActionForm):
    decimals = forms.IntegerField()


def button_of(rate, name="confirm"):
    return reverse("admin:ipms_exchangerate_action", args=[rate.pk, name])


def page_of(rate):
    return reverse("admin:ipms_exchangerate_change", args=[rate.pk])


def form(**fields):
    return {once.FIELD: uuid.uuid4().hex, **fields}


def messages_of(response):
    return [str(message) for message in get_messages(response.wsgi_request)]


def refuse(rate):
    raise InvalidState("It is too late.")


def test_button_acts_on_the_click_and_says_so(back_office, rate, offer, manager):
    calls = offer()

    response = back_office.post(button_of(rate), form())

    assert calls == [(rate, manager, {})]
    assert response.url == page_of(rate)
    assert messages_of(response) == [f"{rate} confirmed."]


def test_button_is_never_pressed_by_a_link(back_office, rate, offer):
    calls = offer()

    response = back_office.get(button_of(rate))

    assert response.status_code == 405
    assert calls == []


def test_second_click_acts_no_second_time_and_tells_the_same(back_office, rate, offer):
    calls = offer()
    sent = form()

    first = back_office.post(button_of(rate), sent)
    second = back_office.post(button_of(rate), sent)

    assert len(calls) == 1
    assert second.url == first.url
    assert f"{rate} confirmed." in messages_of(second)


def test_second_click_tells_the_same_also_where_the_button_is_gone_by_then(back_office, rate, offer):
    calls = offer(allowed=lambda rate, user: not calls)
    sent = form()

    back_office.post(button_of(rate), sent)
    second = back_office.post(button_of(rate), sent)

    assert len(calls) == 1
    assert f"{rate} confirmed." in messages_of(second)


def test_form_sent_again_with_other_values_is_refused(back_office, rate, offer):
    calls = offer(form=RoundForm)
    sent = form(decimals="2")

    back_office.post(button_of(rate), sent)
    response = back_office.post(button_of(rate), sent | {"decimals": "3"})

    assert [arguments for _rate, _by, arguments in calls] == [{"decimals": 2}]
    assert "Nothing was done" in messages_of(response)[-1]


def test_token_of_one_person_is_not_that_of_another(back_office, rate, offer, admin):
    calls = offer()
    sent = form()
    back_office.post(button_of(rate), sent)

    back_office.force_login(admin)
    back_office.post(button_of(rate), sent)

    assert len(calls) == 2


def test_password_in_a_form_leaves_no_plain_digest(back_office, rate, offer):
    offer(form=RoundForm)

    back_office.post(button_of(rate), form(decimals="2"))

    assert "decimals" not in IdempotencyRecord.objects.get().fingerprint


def test_refusal_of_a_button_is_a_message(back_office, rate, offer):
    offer(refuse)

    response = back_office.post(button_of(rate), form())

    assert messages_of(response) == ["It is too late."]


def test_refused_form_keeps_what_was_typed_and_may_be_corrected(back_office, rate, offer):
    def refuse_three(rate):
        if calls[-1][2]["decimals"] == 3:
            raise InvalidInput({"decimals": ["Two at most."]})

    calls = offer(refuse_three, form=RoundForm)
    sent = form(decimals="3")

    refused = back_office.post(button_of(rate), sent)
    corrected = back_office.post(button_of(rate), sent | {"decimals": "2"})

    html = refused.content.decode()
    assert refused.context["form"].errors == {"decimals": ["Two at most."]}
    assert 'value="3"' in html
    assert sent[once.FIELD] in html
    assert corrected.status_code == 302
    assert [arguments["decimals"] for _rate, _by, arguments in calls] == [3, 2]


def test_button_is_shown_only_where_it_may_be_used(back_office, rate, offer):
    offer(allowed=lambda rate, user: rate.currency == "UGX")

    page = back_office.get(page_of(rate)).content.decode()
    response = back_office.post(button_of(rate), form())

    assert button_of(rate) not in page
    assert "not possible now" in messages_of(response)[0]


def test_button_is_refused_without_its_permission(back_office, rate, offer):
    calls = offer(permission="ipms.no_such_permission")

    assert button_of(rate) not in back_office.get(page_of(rate)).content.decode()
    assert back_office.post(button_of(rate), form()).status_code == 403
    assert calls == []


def test_question_is_asked_on_a_page_of_its_own(back_office, rate, offer):
    calls = offer(confirm="Really?")

    page = back_office.get(button_of(rate))

    assert "Really?" in page.content.decode()
    assert calls == []


class WeightForm(LineForm):
    weight = forms.DecimalField(required=False)


class WeighForm(LinesActionForm):
    line_form = WeightForm
    columns = ["Currency"]

    def lines(self):
        return list(ExchangeRate.objects.order_by("currency"))

    def cells(self, line):
        return [line.currency]

    def line_arguments(self, line_form):
        weight = line_form.cleaned_data["weight"]
        return None if weight is None else {"line": line_form.line, "weight": weight}


def test_form_by_line_hands_over_the_lines_that_were_filled_in(back_office, rate, offer):
    other = ExchangeRate.objects.create(currency="UGX", rate=Decimal("0.0003"), valid_from=date(2031, 2, 3))
    calls = offer(form=WeighForm)

    back_office.post(button_of(rate), form(**{f"line-{other.pk}-weight": "4"}))

    assert calls[0][2] == {"lines": [{"line": other, "weight": Decimal(4)}]}


def test_refusal_of_a_line_stands_in_its_row(back_office, rate, offer):
    def refuse_line(rate):
        raise InvalidInput({"lines": [{"weight": ["Too heavy."]}]})

    other = ExchangeRate.objects.create(currency="UGX", rate=Decimal("0.0003"), valid_from=date(2031, 2, 3))
    offer(refuse_line, form=WeighForm)

    response = back_office.post(button_of(rate), form(**{f"line-{other.pk}-weight": "4"}))

    rows = {line.line.currency: line.errors for line in response.context["form"].line_forms}
    assert rows == {"RWF": {}, "UGX": {"weight": ["Too heavy."]}}
    assert 'value="4"' in response.content.decode()


def select(back_office, rates, **fields):
    data = {ACTION_CHECKBOX_NAME: [rate.pk for rate in rates], "action": "confirm", "index": "0", **fields}
    return back_office.post(reverse(LIST), data)


@pytest.fixture
def rates(rate):
    others = [
        ExchangeRate.objects.create(currency=code, rate=Decimal(2), valid_from=date(2031, 2, 3))
        for code in ("KES", "TZS")
    ]
    return [rate, *others]


def test_one_refused_row_does_not_stop_the_others(back_office, rates, offer_for_many):
    done = []

    def confirm(rate, *, by):
        if rate.currency == "KES":
            raise InvalidState("It is too late.")
        done.append(rate.currency)

    offer_for_many(confirm)

    response = select(back_office, rates)

    assert sorted(done) == ["RWF", "TZS"]
    assert sorted(messages_of(response)) == ["2 exchange rates: confirmed.", f"{rates[1]}: It is too late."]


def test_action_asks_for_its_reason_on_a_page_and_hands_it_to_each_row(back_office, rates, offer_for_many):
    reasons = []
    offer_for_many(lambda rate, *, by, reason: reasons.append(reason), form=ReasonForm)

    page = select(back_office, rates)
    fields = form(_apply="1", reason="Typing mistake")
    data = {ACTION_CHECKBOX_NAME: [rate.pk for rate in rates], "action": "confirm", **fields}
    back_office.post(reverse(LIST), data)

    assert page.status_code == 200
    assert all(str(rate) in page.content.decode() for rate in rates)
    assert reasons == ["Typing mistake"] * 3


def test_action_on_rows_sent_twice_acts_once_on_each(back_office, rates, offer_for_many):
    done = []
    offer_for_many(lambda rate, *, by: done.append(rate.currency))
    sent = form()

    select(back_office, rates, **sent)
    again = select(back_office, rates, **sent)

    assert sorted(done) == ["KES", "RWF", "TZS"]
    assert "3 exchange rates: confirmed." in messages_of(again)


def test_action_without_its_permission_is_not_in_the_menu(back_office, rates, offer_for_many):
    offer_for_many(refuse, permission="ipms.no_such_permission")

    assert "Confirm selected" not in back_office.get(reverse(LIST)).content.decode()


def test_deleting_selected_rows_passes_through_the_domain(back_office, rates, monkeypatch):
    def remove(page, rate, *, by):
        if rate.currency == "KES":
            raise InvalidState("It is in use.")
        rate.delete()

    monkeypatch.setattr(type(site.get_model_admin(ExchangeRate)), "remove", remove)
    chosen = {ACTION_CHECKBOX_NAME: [rate.pk for rate in rates], "action": "delete_selected"}

    question = back_office.post(reverse(LIST), {**chosen, "index": "0"})
    back_office.post(reverse(LIST), {**chosen, **form(post="yes")})

    assert question.status_code == 200
    assert [rate.currency for rate in ExchangeRate.objects.all()] == ["KES"]
