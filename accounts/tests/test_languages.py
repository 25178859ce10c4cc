"""Which language a page or an answer is in, and by whose clock it tells the time."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.tests.factories import UserFactory
from ipms.testing.back_office import enter, send

pytestmark = pytest.mark.django_db

LOGIN, HOME = "/admin/login/", "/admin/"


def tongue(response):
    return response.headers["Content-Language"]


def test_stranger_sees_the_login_in_the_language_of_the_browser():
    response = Client().get(LOGIN, headers={"Accept-Language": "sw;q=0.8, fr-FR, en;q=0.5"})

    assert tongue(response) == "fr"
    assert '<html lang="fr" dir="ltr">' in response.content.decode()


def test_language_that_nobody_here_speaks_becomes_english():
    assert tongue(Client().get(LOGIN, headers={"Accept-Language": "nl"})) == "en"


def test_page_is_in_the_language_of_its_reader_whatever_the_browser_says():
    browser = enter(UserFactory(language="ar"))

    response = browser.get(HOME, headers={"Accept-Language": "fr"})

    assert tongue(response) == "ar"
    assert '<html lang="ar" dir="rtl">' in response.content.decode()


def test_choice_in_the_own_menu_stays_the_readers():
    reader = UserFactory()
    browser = enter(reader)

    response = browser.post(reverse("admin:language"), {"language": "pt", "next": "/admin/?a=b"})

    reader.refresh_from_db()
    assert (response.status_code, response.url) == (302, "/admin/?a=b")
    assert reader.language == "pt"
    assert tongue(browser.get(HOME)) == "pt"


def test_choice_at_the_door_is_kept_by_who_comes_in():
    reader = UserFactory(password="correct-Horse-7")
    browser = Client()

    browser.post(reverse("admin:language"), {"language": "sw", "next": LOGIN})
    assert tongue(browser.get(LOGIN)) == "sw"
    send(browser, LOGIN, username=reader.email, password="correct-Horse-7")

    reader.refresh_from_db()
    assert reader.language == "sw"
    assert "ipms_language_chosen" not in {name for name, cookie in browser.cookies.items() if cookie.value}


def test_next_person_at_the_same_machine_keeps_the_own_language():
    first, second = UserFactory(language="fr"), UserFactory(language="en", password="correct-Horse-7")
    browser = enter(first)
    browser.get(HOME)
    browser.logout()

    send(browser, LOGIN, username=second.email, password="correct-Horse-7")

    second.refresh_from_db()
    assert second.language == "en"


def test_login_after_the_session_is_over_speaks_the_readers_language():
    browser = enter(UserFactory(language="fr"))
    browser.get(HOME)
    del browser.cookies["sessionid"]

    assert tongue(browser.get(LOGIN)) == "fr"


def test_choice_leads_to_no_other_site_and_to_no_other_language():
    reader = UserFactory()
    browser = enter(reader)

    response = browser.post(
        reverse("admin:language"), {"language": "xx", "next": "https://elsewhere.example/"}
    )

    reader.refresh_from_db()
    assert (response.url, reader.language) == (HOME, "en")


def test_choice_wants_a_form_of_ours():
    browser = Client(enforce_csrf_checks=True)

    assert browser.get(reverse("admin:language")).status_code == 405
    assert browser.post(reverse("admin:language"), {"language": "fr"}).status_code == 403


def test_page_tells_the_time_by_its_readers_clock():
    reader = UserFactory(timezone="Africa/Kigali")
    enter(reader).get(HOME)

    assert timezone.get_current_timezone_name() == "Africa/Kigali"


def test_clock_of_one_reader_does_not_tell_the_next_ones_time():
    enter(UserFactory(timezone="Africa/Kigali")).get(HOME)

    Client().get(LOGIN)

    assert timezone.get_current_timezone_name() == "UTC"


def test_style_sheet_is_the_same_in_every_language():
    response = Client().get("/static/admin/css/base.css", headers={"Accept-Language": "fr"})

    assert response.status_code == 200
    assert "Content-Language" not in response.headers
    assert "Accept-Language" not in response.headers.get("Vary", "")


@pytest.mark.parametrize(
    ("own", "header", "expected"),
    [("fr", None, "fr"), ("fr", "nl", "fr"), ("en", "ar", "ar"), ("fr", "pt-BR, en;q=0.5", "pt")],
    ids=["none asked for: the user's", "unknown: the user's", "asked for", "nearest of those asked for"],
)
def test_answer_of_the_api_is_in_the_language_asked_for_else_the_users(api, own, header, expected):
    client = api(UserFactory(language=own))

    response = client.get(
        "/api/inventory/items/0", **({"headers": {"Accept-Language": header}} if header else {})
    )

    assert response.status_code == 404
    assert tongue(response) == expected
