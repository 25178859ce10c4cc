"""Every page of the back office: it opens, it is cheap, it obeys the content security policy, it is light."""

import gzip
import re
from datetime import date
from decimal import Decimal
from html.parser import HTMLParser
from pathlib import Path

import pytest
from auditlog import get_logentry_model
from django.conf import settings
from django.contrib.admin import site
from django.contrib.staticfiles import finders
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import NoReverseMatch, reverse

from ipms.models import ExchangeRate, SiteSettings

pytestmark = pytest.mark.django_db

#: More than any list may ask, however many columns and filters it has.
MOST_QUERIES = 24
#: Of an administrator, who sees all panels; what takes work to compute is kept.
MOST_QUERIES_OF_FIRST_PAGE = 38
#: Gzipped kilobytes of all styles and scripts that a page brings on the first visit.
LIST_WEIGHT, FORM_WEIGHT = 25, 80
#: With the page itself.
FIRST_PAGE_WEIGHT = 45

MODELS = sorted(site._registry, key=lambda model: model._meta.label_lower)


@pytest.fixture
def back_office(client, admin):
    client.force_login(admin)
    return client


class Page(HTMLParser):
    """What of a page a strict policy would refuse, and which files it asks for."""

    def __init__(self, html):
        super().__init__()
        self.offences, self.files = [], []
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        names = dict(attributes)
        if tag == "style" or (tag == "script" and "src" not in names):
            self.offences.append(f"<{tag}> without a file")
        self.offences += [f"{name} on <{tag}>" for name in names if name == "style" or name.startswith("on")]
        self.offences += [value for value in names.values() if (value or "").startswith("javascript:")]
        if tag == "script" and names.get("src", "").startswith(settings.STATIC_URL):
            self.files.append(names["src"])
        if tag == "link" and names.get("rel") == "stylesheet":
            self.files.append(names["href"])


def page_of(response):
    return Page(response.content.decode())


def address(model, name, *args):
    meta = model._meta
    return reverse(f"admin:{meta.app_label}_{meta.model_name}_{name}", args=args)


def assert_in_order(response, *, status=200):
    assert response.status_code == status
    assert page_of(response).offences == []
    assert "script-src 'self'" in response["Content-Security-Policy"]
    assert "unsafe" not in response["Content-Security-Policy"]


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label_lower)
class TestEveryPage:
    def test_of_a_list_opens_with_few_queries(self, back_office, model):
        with CaptureQueriesContext(
            connection,
        ) as queries:
            response = back_office.get(address(model, "changelist"))

        if model is SiteSettings:
            assert response.status_code == 302
        elif response.status_code != 403:
            assert_in_order(response)
        assert len(queries) <= MOST_QUERIES

    def test_to_add_opens_or_is_refused(self, back_office, model):
        response = back_office.get(address(model, "add"))

        if response.status_code != 403:
            assert_in_order(response)

    @pytest.mark.parametrize("name", ["import", "export"])
    def test_for_spreadsheets_opens_where_there_is_one(self, back_office, model, name):
        try:
            url = address(model, name)
        except NoReverseMatch:
            return
        response = back_office.get(url)

        if response.status_code != 403:
            assert_in_order(response)


def test_the_admin_role_may_open_the_list_of_every_page(back_office):
    refused = [
        model._meta.label_lower
        for model in MODELS
        if back_office.get(address(model, "changelist")).status_code == 403
    ]

    assert refused == []


@pytest.mark.parametrize("name", ["index", "password_change", "password_change_done"])
def test_pages_of_the_site_itself_are_in_order(back_office, name):
    assert_in_order(back_office.get(reverse(f"admin:{name}")))


def test_login_asks_for_an_email(client):
    response = client.get(reverse("admin:login"))

    assert_in_order(response)
    assert ">Email</label>" in response.content.decode()
    assert 'type="email"' in response.content.decode()


def test_person_enters_with_email_and_password_and_sees_the_first_page(client, staff):
    response = client.post(
        reverse("admin:login"),
        {"username": staff.email.upper(), "password": "correct-Horse-7", "next": reverse("admin:index")},
        follow=True,
    )

    assert response.redirect_chain == [(reverse("admin:index"), 302)]
    assert_in_order(response)


def test_account_is_locked_after_repeated_failures_even_for_the_right_password(client, staff):
    wrong = {"username": staff.email, "password": "guess"}
    for _attempt in range(settings.AXES_FAILURE_LIMIT):
        response = client.post(reverse("admin:login"), wrong)

    assert response.status_code in (403, 429)
    assert page_of(response).offences == []
    assert b"Locked for a while" in response.content
    again = client.post(reverse("admin:login"), {**wrong, "password": "correct-Horse-7"})
    assert again.status_code in (403, 429)


def test_unknown_address_answers_with_our_page(back_office):
    response = back_office.get("/admin/nothing/here/")

    assert_in_order(response, status=404)
    assert b"Page not found" in response.content


def test_error_page_needs_neither_request_nor_database(django_db_blocker):
    from django.template.loader import get_template

    with django_db_blocker.block():
        html = get_template("500.html").render()

    assert Page(html).offences == []
    assert "Something went wrong" in html


def test_object_pages_of_the_site_are_in_order(back_office):
    rate = ExchangeRate.objects.create(currency="RWF", rate=Decimal("0.00072"), valid_from=date(2031, 2, 3))
    record = SiteSettings.objects.get_or_create(pk=1)[0]

    for url in (
        address(ExchangeRate, "change", rate.pk),
        address(ExchangeRate, "history", rate.pk),
        address(ExchangeRate, "delete", rate.pk),
        address(SiteSettings, "change", record.pk),
    ):
        assert_in_order(back_office.get(url))


def test_list_asks_no_more_for_many_rows_than_for_one(back_office):
    def add(count, year):
        ExchangeRate.objects.bulk_create(
            ExchangeRate(currency="RWF", rate=1, valid_from=date(year, 1, day)) for day in range(1, count + 1)
        )

    def queries():
        with CaptureQueriesContext(connection) as captured:
            back_office.get(address(ExchangeRate, "changelist"))
        return len(captured)

    add(1, 2030)
    queries()  # the first visit fills the caches of content types
    before = queries()

    add(20, 2031)

    assert queries() == before


def test_audit_log_asks_no_more_for_many_entries_than_for_one(back_office):
    def change(count):
        for number in range(count):
            ExchangeRate.objects.create(
                currency="UGX", rate=Decimal(number + 1), valid_from=date(2031, 1, number + 1)
            )
        ExchangeRate.objects.all().delete()

    def queries():
        with CaptureQueriesContext(connection) as captured:
            assert back_office.get(address(get_logentry_model(), "changelist")).status_code == 200
        return len(captured)

    change(1)
    queries()
    before = queries()

    change(12)

    assert queries() == before


def test_first_page_costs_few_queries(back_office):
    back_office.get(reverse("admin:index"))

    with CaptureQueriesContext(connection) as queries:
        back_office.get(reverse("admin:index"))

    assert len(queries) <= MOST_QUERIES_OF_FIRST_PAGE


def test_first_page_is_light(back_office):
    response = back_office.get(reverse("admin:index"))

    sizes = {file: _gzipped(file) for file in page_of(response).files}
    sizes["page"] = len(gzip.compress(response.content))

    assert sum(sizes.values()) / 1024 <= FIRST_PAGE_WEIGHT, sizes


@pytest.mark.parametrize(
    ("name", "limit"), [("changelist", LIST_WEIGHT), ("add", FORM_WEIGHT)], ids=["list", "form"]
)
def test_page_is_light(back_office, name, limit):
    files = page_of(back_office.get(address(ExchangeRate, name))).files

    sizes = {file: _gzipped(file) for file in files}

    assert sum(sizes.values()) / 1024 <= limit, sizes


def test_own_styles_are_small():
    styles = Path(settings.BASE_DIR, "static").rglob("*.css")

    assert sum(len(gzip.compress(file.read_bytes())) for file in styles) / 1024 <= 32


def test_colours_of_dark_mode_are_the_same_by_choice_and_by_system():
    css = Path(settings.BASE_DIR, "static/admin/css/base.css").read_text()

    chosen = re.search(r':root\[data-theme="dark"\] \{(.*?)\}', css, re.DOTALL)[1]
    by_system = re.search(r':root:not\(\[data-theme="light"\]\) \{(.*?)\}', css, re.DOTALL)[1]

    assert chosen.split() == by_system.split()


def test_storekeeper_does_not_see_the_pages_of_administrators(client, staff):
    client.force_login(staff)

    html = client.get(reverse("admin:index")).content.decode()

    assert address(get_logentry_model(), "changelist") not in html
    assert client.get(address(get_logentry_model(), "changelist")).status_code == 403


def _gzipped(url):
    path = finders.find(url.removeprefix(settings.STATIC_URL))
    assert path, f"{url} is not served"
    return len(gzip.compress(Path(path).read_bytes()))
