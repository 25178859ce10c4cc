import pytest
from django.db import OperationalError
from django.db.backends.base.base import BaseDatabaseWrapper
from redis.exceptions import ConnectionError as RedisAway

from ipms import outbox, tasks

pytestmark = [pytest.mark.django_db, pytest.mark.urls("ipms.tests.urls")]


@pytest.fixture
def no_database(monkeypatch):
    def lose(*args, **kwargs):
        raise OperationalError("the connection is lost")

    monkeypatch.setattr(BaseDatabaseWrapper, "cursor", lose)


@pytest.fixture
def no_cache(monkeypatch):
    from django.core.cache import cache

    def fail(*args, **kwargs):
        raise RedisAway

    monkeypatch.setattr(type(cache._cache), "get_client", fail)


def test_process_is_alive_without_database_and_cache(client, no_database, no_cache):
    response = client.get("/healthz")

    assert (response.status_code, response.json()) == (200, {"status": "ok"})


def test_readiness_names_database_cache_and_worker(client):
    tasks.heartbeat.delay()

    response = client.get("/readyz")

    assert response.status_code == 200
    assert response.json() == {
        "status": "ok",
        "checks": {
            "database": {"status": "ok", "needed": True},
            "cache": {"status": "ok", "needed": False},
            "worker": {"status": "ok", "needed": False},
        },
    }


def test_missing_worker_is_told_and_no_reason_to_stop_serving(client):
    response = client.get("/readyz")

    assert (response.status_code, response.json()["status"]) == (200, "degraded")
    assert response.json()["checks"]["worker"]["status"] == "away"


def test_missing_cache_is_told_and_no_reason_to_stop_serving(client, no_cache):
    response = client.get("/readyz")

    assert (response.status_code, response.json()["checks"]["cache"]["status"]) == (200, "away")


def test_missing_database_is_a_reason_to_stop_serving(client, no_database):
    response = client.get("/readyz")

    assert (response.status_code, response.json()["status"]) == (503, "unavailable")
    assert response["Retry-After"]


def test_metrics_are_for_the_machine_itself(client):
    outbox.record("order.approved", order=1)

    response = client.get("/metrics")

    assert response.status_code == 200
    assert response["Content-Type"].startswith("text/plain; version=0.0.4")
    assert b"\nipms_database_up 1.0\n" in response.content
    assert b"\nipms_outbox_waiting 1.0\n" in response.content


def test_metrics_come_without_the_database_too(client, no_database):
    response = client.get("/metrics")

    assert response.status_code == 200
    assert b"\nipms_database_up 0.0\n" in response.content


@pytest.mark.parametrize(
    "asks",
    [
        pytest.param({"REMOTE_ADDR": "10.0.0.7"}, id="from elsewhere"),
        pytest.param({"headers": {"X-Forwarded-For": "127.0.0.1"}}, id="through a proxy on this machine"),
        pytest.param(
            {"REMOTE_ADDR": "10.0.0.7", "headers": {"Authorization": "Bearer wrong"}}, id="with a wrong token"
        ),
        pytest.param({"REMOTE_ADDR": ""}, id="from nowhere"),
    ],
)
def test_metrics_are_for_nobody_else(client, settings, asks):
    settings.METRICS_TOKEN = "right"

    assert client.get("/metrics", **asks).status_code == 403


def test_metrics_are_for_who_knows_the_token(client, settings):
    asks = {"REMOTE_ADDR": "10.0.0.7", "headers": {"Authorization": "Bearer right"}}

    assert client.get("/metrics", **asks).status_code == 403
    settings.METRICS_TOKEN = "right"
    assert client.get("/metrics", **asks).status_code == 200
