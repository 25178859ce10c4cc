"""Whatever is asked, and however badly: one shape of answer."""

import io
import logging
import re
from datetime import date, datetime
from decimal import Decimal

import pytest
from django.db import OperationalError
from django.db.backends.base.base import BaseDatabaseWrapper
from django.test import Client, RequestFactory

from ipms.models import ExchangeRate

pytestmark = [pytest.mark.django_db, pytest.mark.urls("ipms.tests.urls")]


@pytest.fixture
def euro():
    return ExchangeRate.objects.create(currency="EUR", rate=Decimal("1.25"), valid_from=date(2031, 5, 1))


def refused(response, status, code):
    body = response.json()
    assert (response.status_code, body["code"]) == (status, code)
    assert set(body) <= {"error", "code", "timestamp", "details"}
    assert body["error"]
    assert body.get("details") != {}
    assert body["timestamp"].endswith("Z")
    assert datetime.fromisoformat(body["timestamp"])
    assert response["X-Request-ID"]
    return body


def test_success_has_message_data_and_timestamp(api, staff):
    body = api(staff).get("/api/who").json()

    assert body.keys() == {"message", "data", "timestamp"}
    assert body["data"] == {"name": staff.username}
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", body["timestamp"])


def test_trailing_slash_makes_no_difference(api, staff):
    response = api(staff).get("/api/who/")

    assert response.status_code == 200
    assert response.json()["data"] == {"name": staff.username}


@pytest.mark.parametrize(
    "path", ["/api", "/api/", "/api/nothing", "/api/who//", "/api/rates/x", "/api/%00", "/api/%ff"]
)
def test_unknown_path_is_not_found(api, path):
    refused(api().get(path), 404, "NOT_FOUND")


@pytest.mark.parametrize("pk", ["999", "9" * 19, "9" * 30, "9" * 5000])
def test_id_that_no_record_has_is_not_found(api, staff, pk):
    refused(api(staff).get(f"/api/rates/{pk}"), 404, "NOT_FOUND")


def test_path_outside_the_api_keeps_its_pages(client):
    response = client.get("/nothing")

    assert response.status_code == 404
    assert response["Content-Type"].startswith("text/html")


def test_error_keeps_the_security_headers_of_the_page_it_replaces(api):
    response = api().get("/api/nothing")

    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Type"] == "application/json"


def test_nobody_is_told_to_log_in_before_anything_else(api, euro):
    response = api().delete("/api/who")

    refused(response, 401, "NOT_AUTHENTICATED")
    assert response["WWW-Authenticate"] == 'Bearer realm="api"'
    refused(api().delete("/api/rates/999"), 401, "NOT_AUTHENTICATED")
    refused(api().post("/api/rates", "{", content_type="application/json"), 401, "NOT_AUTHENTICATED")


def test_permission_comes_before_existence_and_form(api, staff):
    refused(api(staff).delete("/api/rates/999"), 403, "PERMISSION_DENIED")
    refused(api(staff).post("/api/rates", "{", content_type="application/json"), 403, "PERMISSION_DENIED")


def test_method_that_does_not_exist_names_those_that_do(api, staff):
    response = api(staff).post("/api/who", {})

    refused(response, 405, "METHOD_NOT_ALLOWED")
    assert response["Allow"] == "GET, HEAD, OPTIONS"


def test_other_form_than_json_is_not_acceptable(api, staff):
    refused(api(staff).get("/api/who", headers={"Accept": "text/html"}), 406, "NOT_ACCEPTABLE")


def test_body_that_is_not_json_is_an_unsupported_type(api, manager):
    response = api(manager).post("/api/rates", "a=1", content_type="application/x-www-form-urlencoded")

    refused(response, 415, "UNSUPPORTED_MEDIA_TYPE")


def test_body_that_is_too_large_is_refused_unread(api, manager, settings):
    settings.MAX_BODY_BYTES = 100

    response = api(manager).post("/api/rates", {"source": "x" * 200})

    refused(response, 413, "PAYLOAD_TOO_LARGE")


@pytest.fixture
def chunked(api, manager, settings):
    """Post a body without its length, as a server hands it on that knows where it ends."""

    def post(body, **environ):
        request = {"wsgi.input": io.BytesIO(body), "HTTP_TRANSFER_ENCODING": "chunked", **environ}
        return api(manager).generic("POST", "/api/rates", content_type="application/json", **request)

    return post


def test_body_without_its_length_is_read(chunked):
    body = b'{"currency": "EUR", "rate": "1.25", "valid_from": "2031-05-01"}'

    assert chunked(body, **{"wsgi.input_terminated": True}).status_code == 201


def test_body_without_its_length_is_limited_too(chunked, settings):
    settings.MAX_BODY_BYTES = 100

    refused(chunked(b" " * 101, **{"wsgi.input_terminated": True}), 413, "PAYLOAD_TOO_LARGE")


def test_body_whose_end_the_server_does_not_know_is_not_taken_for_an_empty_one(chunked):
    refused(chunked(b"{}"), 400, "PARSE_ERROR")


def test_unknown_fields_are_named_beside_the_other_errors(api, manager):
    body = {"currency": "EUR", "rate": "-1", "valid_from": "2031-05-01", "colour": "red"}

    answer = refused(api(manager).post("/api/rates", body), 400, "VALIDATION_ERROR")

    assert answer["details"].keys() == {"rate", "colour"}


def test_what_was_read_can_be_sent_back(api, manager, euro):
    client = api(manager)
    shown = client.get(f"/api/rates/{euro.pk}").json()["data"]

    response = client.put(f"/api/rates/{euro.pk}", shown)

    assert response.status_code == 200
    assert response.json()["data"] == shown


def test_verb_refuses_the_fields_that_a_record_shows(api, manager, euro):
    answer = refused(
        api(manager).post(f"/api/rates/{euro.pk}/double", {"rate": 1, "id": 5}), 400, "VALIDATION_ERROR"
    )

    assert answer["details"].keys() == {"id"}


def test_put_changes_only_what_is_sent(api, manager, euro):
    data = api(manager).put(f"/api/rates/{euro.pk}", {"source": "central bank"}).json()["data"]

    assert data == {
        "id": euro.pk,
        "currency": "EUR",
        "rate": "1.25",
        "valid_from": "2031-05-01",
        "source": "central bank",
    }


def test_delete_says_what_it_deleted(api, manager, euro):
    response = api(manager).delete(f"/api/rates/{euro.pk}")

    assert response.status_code == 200
    assert response.json()["data"] == {"id": euro.pk}
    assert not ExchangeRate.objects.exists()


def test_refusal_of_the_domain_has_its_status_and_details(api, staff, euro):
    answer = refused(api(staff).post(f"/api/rates/{euro.pk}/refuse"), 409, "IN_USE")

    assert answer["error"] == "Not after all."
    assert answer["details"] == {"depends": ["an order"]}


def test_lost_race_for_a_unique_value_is_an_error_of_the_field(api, manager, euro, monkeypatch):
    # What a second writer meets whose check ran before the first one's commit.
    monkeypatch.setattr("rest_framework.validators.UniqueTogetherValidator.__call__", lambda *args: None)

    body = {"currency": "EUR", "rate": "2", "valid_from": "2031-05-01"}
    answer = refused(api(manager).post("/api/rates", body), 400, "VALIDATION_ERROR")

    assert answer["details"].keys() == {"valid_from"}


def test_unforeseen_error_is_logged_and_says_nothing_of_itself(api, staff, euro, caplog):
    client = api(staff)
    client.raise_request_exception = False

    with caplog.at_level(logging.ERROR):
        answer = refused(client.post(f"/api/rates/{euro.pk}/break-down"), 500, "SERVER_ERROR")

    assert "foresaw" not in str(answer)
    assert "nobody foresaw this" in caplog.text


def test_database_that_is_away_is_a_reason_to_try_again(api, staff, euro):
    response = api(staff).post(f"/api/rates/{euro.pk}/go-away")

    refused(response, 503, "UNAVAILABLE")
    assert int(response["Retry-After"]) > 0


def test_database_that_is_away_before_the_view_is_a_reason_too(api, staff, monkeypatch):
    client = api(staff)

    def lose(*args, **kwargs):
        raise OperationalError("the connection is lost")

    monkeypatch.setattr(BaseDatabaseWrapper, "cursor", lose)

    refused(client.get("/api/who"), 503, "UNAVAILABLE")


def test_host_that_is_not_ours_is_refused_in_shape(api, settings):
    settings.ALLOWED_HOSTS = ["ipms.example.com"]

    refused(api().get("/api/who", headers={"Host": "elsewhere.example.com"}), 400, "PARSE_ERROR")


def test_character_that_cannot_be_meant_in_the_address_is_refused(api, staff):
    refused(api(staff).get("/api/rates?q=a%00b"), 400, "VALIDATION_ERROR")


def test_text_that_is_not_utf8_in_the_address_finds_nothing(api, staff):
    assert api(staff).get("/api/rates", QUERY_STRING="q=%ff%fe").status_code == 200


@pytest.mark.parametrize("sent", ["order-17", "a" * 128, "0f8b/2=.:@+_-"])
def test_sane_request_id_comes_back(api, sent):
    assert api().get("/api/who", headers={"X-Request-ID": sent})["X-Request-ID"] == sent


@pytest.mark.parametrize("sent", ["", "a b", "é", "a" * 129, "<script>"])
def test_other_request_id_is_replaced(api, sent):
    given = api().get("/api/who", headers={"X-Request-ID": sent})["X-Request-ID"]

    assert re.fullmatch(r"[0-9a-f-]{36}", given)


def test_request_id_is_on_pages_too():
    assert Client().get("/healthz")["X-Request-ID"]


def test_options_names_the_methods(api, staff, euro):
    body = api(staff).options(f"/api/rates/{euro.pk}").json()

    assert body["data"] == {"allow": ["GET", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"]}


def test_session_of_the_back_office_does_not_count_in_the_api(client, admin):
    client.force_login(admin, backend="accounts.backends.EmailBackend")

    refused(client.get("/api/who"), 401, "NOT_AUTHENTICATED")


def test_request_factory_needs_no_middleware_to_be_answered(staff):
    from ipms.tests.urls import WhoView

    response = WhoView.as_view()(RequestFactory().get("/api/who"))

    assert response.status_code == 401
