import pytest
from django.core.cache import cache
from django.db import connection
from redis.exceptions import ConnectionError as RedisAway

from ipms.api import throttling

pytestmark = [pytest.mark.django_db, pytest.mark.urls("ipms.tests.urls")]


@pytest.fixture
def limit(settings):
    def set_limit(**limits):
        settings.THROTTLE_PER_MINUTE = {**settings.THROTTLE_PER_MINUTE, **limits}

    return set_limit


@pytest.fixture
def clock(monkeypatch):
    """A clock that stands at the beginning of a minute until it is moved."""

    class Clock:
        now = 60 * 1_000_000.0

    monkeypatch.setattr(throttling.time, "time", lambda: Clock.now)
    return Clock


def statuses(client, count, path="/api/who"):
    return [client.get(path).status_code for _ in range(count)]


def test_user_is_limited_and_told_when_to_come_back(api, staff, limit, clock):
    limit(user=3)
    client = api(staff)

    assert statuses(client, 4) == [200, 200, 200, 429]
    response = client.get("/api/who")

    assert response.json()["code"] == "RATE_LIMITED"
    assert 60 < int(response["Retry-After"]) <= 120


def test_limit_is_each_users_own(api, staff, manager, limit, clock):
    limit(user=1)

    assert statuses(api(staff), 2) == [200, 429]
    assert statuses(api(manager), 1) == [200]


def test_anonymous_address_is_limited(api, limit, clock):
    limit(anonymous=2)

    assert statuses(api(), 3) == [401, 401, 429]


def test_wrong_token_counts_for_its_address(api, limit, clock):
    limit(anonymous=2)

    assert statuses(api(Authorization="Bearer nonsense"), 3) == [401, 401, 429]


def test_logins_are_limited_for_each_address(api, limit, clock):
    limit(login=2)
    body = {"email": "nobody@example.com", "password": "x"}

    answers = [
        api().post("/api/auth/login", body, REMOTE_ADDR=address).status_code
        for address in ["1.1.1.1", "1.1.1.1", "1.1.1.1", "2.2.2.2"]
    ]

    assert answers == [401, 401, 429, 401]


def test_forged_address_is_not_believed(api, limit, clock):
    limit(anonymous=1)

    answers = [
        api(**{"X-Forwarded-For": f"9.9.9.{number}"}).get("/api/who").status_code for number in range(2)
    ]

    assert answers == [401, 429]


def test_turn_of_the_minute_gives_no_second_allowance(api, staff, limit, clock):
    limit(user=10)
    client = api(staff)
    clock.now += 59
    assert statuses(client, 10) == [200] * 10

    clock.now += 1
    assert statuses(client, 1) == [429]
    clock.now += 31  # half of the last minute's ten are forgotten
    assert statuses(client, 6) == [200] * 5 + [429]


def test_waiting_as_told_is_long_enough_and_not_much_too_long(api, staff, limit, clock):
    limit(user=10)
    client = api(staff)
    statuses(client, 10)

    for _ in range(3):
        wait = int(client.get("/api/who")["Retry-After"])
        clock.now += wait - 6
        assert statuses(client, 1) == [429]
        clock.now += 6
        assert statuses(client, 1) == [200]


def test_refused_request_does_not_count(api, staff, limit, clock):
    limit(user=2)
    client = api(staff)
    statuses(client, 50)

    clock.now += 120

    assert statuses(client, 2) == [200, 200]


def test_without_the_cache_nobody_is_counted(api, staff, limit, monkeypatch):
    limit(user=1)

    def fail(*args, **kwargs):
        raise RedisAway

    monkeypatch.setattr(type(cache._cache), "get_client", fail)

    assert statuses(api(staff), 3) == [200, 200, 200]


def test_counting_asks_the_database_nothing(staff, rf, django_assert_num_queries):
    request = rf.get("/")
    request.user = staff

    with django_assert_num_queries(0, connection=connection):
        assert throttling.UserThrottle().allow_request(request, None)
