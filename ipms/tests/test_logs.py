import json
import logging

import pytest
from django.db import connection
from django.http import StreamingHttpResponse
from django.test import RequestFactory
from psycopg import sql

from ipms import context, logs, queries, tasks
from ipms.middleware import ForwardedMiddleware, WatchMiddleware
from ipms.models import OutboxEvent

pytestmark = [pytest.mark.django_db, pytest.mark.urls("ipms.tests.urls")]


@pytest.fixture
def told():
    """The lines of the log, as a machine reads them."""
    lines = []

    class Keeper(logging.Handler):
        def emit(self, record):
            lines.append(json.loads(self.format(record)))

    keeper = Keeper()
    keeper.setFormatter(logs.JsonFormatter())
    loggers = [logging.getLogger(name) for name in ("ipms", "ipms.access", "django.request")]
    before = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.DEBUG)
    logging.getLogger().addHandler(keeper)
    yield lines
    logging.getLogger().removeHandler(keeper)
    for logger, level in zip(loggers, before, strict=True):
        logger.setLevel(level)


def about(lines, logger="ipms.access"):
    return [line for line in lines if line["logger"] == logger]


def test_one_line_tells_of_a_request_and_who_asked_what_at_which_cost(api, manager, told):
    response = api(manager).get("/api/who?secret=1", HTTP_X_REQUEST_ID="desk-7", REMOTE_ADDR="10.0.0.7")

    (line,) = about(told)
    assert {name: line[name] for name in ("request_id", "user", "method", "path", "status", "address")} == {
        "request_id": "desk-7",
        "user": manager.pk,
        "method": "GET",
        "path": "/api/who",
        "status": 200,
        "address": "10.0.0.7",
    }
    assert line["bytes"] == len(response.content)
    assert line["queries"] > 0
    assert line["ms"] >= line["database_ms"] > 0


def test_neither_query_string_nor_body_nor_password_is_logged(client, told):
    client.post(
        "/api/auth/login?token=in-the-address",
        {"email": "nobody@example.com", "password": "in-the-body"},
        content_type="application/json",
        headers={"Authorization": "Bearer in-the-header"},
    )

    assert about(told)
    assert not [
        word for word in ("in-the-address", "in-the-body", "in-the-header") if word in json.dumps(told)
    ]


def test_crash_is_logged_with_its_traceback_and_the_request_it_belongs_to(api, manager, told):
    OutboxEvent.objects.create(topic="one", payload={})
    rate = api(manager).post("/api/rates", {"currency": "EUR", "rate": "1", "valid_from": "2031-02-03"})
    client = api(manager)
    client.raise_request_exception = False

    response = client.post(f"/api/rates/{rate.json()['data']['id']}/break-down")

    (line,) = [line for line in told if "exception" in line]
    assert "nobody foresaw this" in line["exception"]
    assert line["request_id"] == response["X-Request-ID"]


def test_stream_is_told_at_its_end_with_what_reading_it_cost(told):
    def rows():
        for number in range(3):
            yield f"{OutboxEvent.objects.count()}{number}\n".encode()

    request = RequestFactory().get("/export")
    request.request_id = "desk-7"
    response = WatchMiddleware(lambda request: StreamingHttpResponse(rows()))(request)

    assert about(told) == []
    assert b"".join(response) == b"00\n01\n02\n"
    (line,) = about(told)
    assert (line["bytes"], line["queries"], line["request_id"]) == (9, 3, "desk-7")


def test_stream_that_nobody_reads_to_its_end_is_told_all_the_same(told):
    request = RequestFactory().get("/export")
    request.request_id = "desk-7"
    response = WatchMiddleware(lambda request: StreamingHttpResponse(iter([b"one", b"two"])))(request)

    next(iter(response))
    response.close()

    assert [line["bytes"] for line in about(told)] == [3]


def test_task_is_told_with_its_name_and_run(told):
    tasks.heartbeat.apply(task_id="run-1")

    (line,) = about(told)
    assert (line["job"], line["run"], line["level"]) == ("ipms.tasks.heartbeat", "run-1", "DEBUG")


def test_slow_statement_is_told_without_the_values_in_it(settings, told):
    settings.SLOW_QUERY_MS = 20

    with logs.about(request_id="desk-7"), connection.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(0.03), 'a secret', %s", ["another"])
        cursor.execute("SELECT 1")

    (line,) = about(told, "ipms.queries")
    assert line["sql"] == "SELECT pg_sleep(?), ?, %s"
    assert line["request_id"] == "desk-7"
    assert line["ms"] >= 20


def test_composed_statement_has_a_shape_too():
    composed = sql.SQL("SELECT {} FROM  {}\n WHERE a = {}").format(
        sql.Literal("it's me"), sql.Identifier("t2"), sql.Literal(7)
    )

    assert queries.shape(composed) == 'SELECT ? FROM "t2" WHERE a = ?'


def test_asking_for_the_line_costs_no_query(admin, told, client, django_assert_num_queries):
    client.force_login(admin, backend="accounts.backends.EmailBackend")

    with django_assert_num_queries(0):
        client.get("/api/nowhere")

    assert [line["user"] for line in about(told)] == [None]


@pytest.mark.parametrize(
    ("proxies", "is_secure"),
    [pytest.param(["10.0.0.0/8"], True, id="a proxy of ours"), pytest.param([], False, id="anybody")],
)
def test_https_is_believed_only_where_a_trusted_proxy_says_so(settings, proxies, is_secure):
    settings.TRUSTED_PROXIES = proxies
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    request = RequestFactory().get("/", REMOTE_ADDR="10.0.0.7", HTTP_X_FORWARDED_PROTO="https")

    assert ForwardedMiddleware(lambda request: request.is_secure())(request) is is_secure
    assert context.client_ip(request) == "10.0.0.7"
