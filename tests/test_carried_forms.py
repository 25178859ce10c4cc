"""A form that comes after its session had ended, from a browser without scripts."""

import pytest

from accounts.tests.factories import UserFactory
from ipms.admin import carried
from ipms.testing.back_office import enter, form, messages
from suppliers.models import Supplier

ADD = "/admin/suppliers/supplier/add/"
PASSWORD = "correct-Horse-7"


@pytest.fixture
def keeper(db):
    return UserFactory(manager=True)


def send_too_late(user, **values):
    """Fill in the form of a new supplier, lose the session, send it; return the browser and the answer."""
    client = enter(user)
    filled = {**form(client.get(ADD)), "code": "RIFT", "name": "Rift Valley", "country": "KE", **values}
    client.logout()
    return client, client.post(ADD, filled)


def log_in(client, login_page, user, password=PASSWORD):
    filled = {**form(login_page), "username": user.email, "password": password}
    return client.post(f"/admin/login/?next={ADD}", filled)


def test_it_waits_behind_the_login_and_is_sent_by_one_button(keeper):
    client, login_page = send_too_late(keeper)
    assert not Supplier.objects.exists()

    waiting = log_in(client, login_page, keeper)
    assert "It was not sent yet" in waiting.content.decode()
    client.post(ADD, form(waiting, action=ADD))

    assert Supplier.objects.get().name == "Rift Valley"


def test_what_waited_and_is_sent_twice_is_carried_out_once(keeper):
    client, login_page = send_too_late(keeper)
    waiting = form(log_in(client, login_page, keeper), action=ADD)

    client.post(ADD, waiting)
    answer = client.post(ADD, waiting, follow=True)

    assert Supplier.objects.count() == 1
    assert "The form came twice; it was saved once." in messages(answer)


def test_somebody_else_gets_nothing_of_it(keeper):
    client, login_page = send_too_late(keeper)

    answer = log_in(client, login_page, UserFactory(manager=True))

    assert (answer.status_code, answer.headers["Location"]) == (302, ADD)
    assert b"Rift Valley" not in client.get(ADD).content


def test_a_mistyped_password_loses_nothing(keeper):
    client, login_page = send_too_late(keeper)

    again = log_in(client, login_page, keeper, password="mistyped")
    waiting = log_in(client, again, keeper)

    assert form(waiting, action=ADD)["name"] == "Rift Valley"


def test_passwords_are_not_carried(keeper):
    client, login_page = send_too_late(keeper, password1="correct-Horse-8", api_token="t0ken")

    waiting = form(log_in(client, login_page, keeper), action=ADD)

    assert waiting.keys() & {"password1", "api_token"} == set()


def test_where_the_device_keeps_it_the_login_carries_nothing(keeper):
    _client, answer = send_too_late(keeper, _kept="1")

    assert (answer.status_code, answer.headers["Location"]) == (302, f"/admin/login/?next={ADD}")


def test_a_form_that_does_not_say_who_typed_it_is_not_carried(keeper):
    _client, answer = send_too_late(keeper, _shown_to="1:forged")

    assert answer.status_code == 302


def test_a_form_too_large_for_a_slow_line_is_not_carried(keeper):
    _client, answer = send_too_late(keeper, notes="x" * 200_001)

    assert answer.status_code == 302


def test_what_was_tampered_with_is_nobodys(keeper):
    assert carried.unpack("tampered", user=keeper) is None
