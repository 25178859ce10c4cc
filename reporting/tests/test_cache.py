"""Reports are remembered for a minute at most, and only while stock and orders stand still."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.cache import cache as redis
from django.db import connection

from accounts.tests.factories import UserFactory
from inventory.tests.factories import ItemFactory, LocationFactory, stock
from ipms import outbox
from reporting import cache
from suppliers.tests.factories import SupplierFactory

pytestmark = pytest.mark.django_db


class Counted:
    """An answer that says how often it was computed."""

    def __init__(self):
        self.times = 0

    def __call__(self):
        self.times += 1
        return self.times


@pytest.fixture
def report():
    redis.clear()
    return Counted()


def test_second_reader_gets_the_answer_of_the_first(report):
    answers = [cache.remember("stock", {"location": None}, report) for _reader in range(2)]

    assert answers == [1, 1]


def test_other_parameters_are_another_answer(report):
    main, line = LocationFactory(), LocationFactory()

    answers = [cache.remember("stock", {"location": place}, report) for place in (main, line)]

    assert answers == [1, 2]


def test_answer_is_dropped_when_stock_moves(report):
    bolt, shelf = ItemFactory(), LocationFactory()
    cache.remember("stock", {}, report)

    stock(bolt, shelf, 5)

    assert cache.remember("stock", {}, report) == 2


def test_answer_is_dropped_when_an_order_moves(report):
    cache.remember("stock", {}, report)

    outbox.record("order.approved", order=1)

    assert cache.remember("stock", {}, report) == 2


@pytest.mark.parametrize("factory", [ItemFactory, LocationFactory, SupplierFactory])
def test_answer_is_dropped_when_a_record_changes(report, factory):
    record = factory()
    cache.remember("stock", {}, report)

    record.name = "Another name"
    record.save()

    assert cache.remember("stock", {}, report) == 2


def test_older_answer_is_shown_while_another_request_computes_the_new_one(report):
    bolt, shelf = ItemFactory(), LocationFactory()
    seen_meanwhile = []

    def slow():
        seen_meanwhile.append(cache.remember("stock", {}, report))
        return "new"

    cache.remember("stock", {}, report)
    stock(bolt, shelf, 5)

    assert cache.remember("stock", {}, slow) == "new"
    assert seen_meanwhile == [1]


@pytest.mark.django_db(transaction=True)
def test_many_who_ask_at_once_get_one_answer(report):
    def slow():
        time.sleep(0.3)
        return report()

    def ask(_number):
        try:
            return cache.remember("stock", {}, slow)
        finally:
            connection.close()

    with ThreadPoolExecutor(5) as pool:
        answers = list(pool.map(ask, range(5)))

    assert answers == [1] * 5


def test_who_computes_and_fails_does_not_keep_others_from_it(report):
    def broken():
        raise ArithmeticError

    with pytest.raises(ArithmeticError):
        cache.remember("stock", {}, broken)

    assert cache.remember("stock", {}, report) == 1


def test_without_redis_every_answer_is_computed(report, settings):
    settings.CACHES = {
        "default": {"BACKEND": "ipms.cache.ForgivingRedisCache", "LOCATION": "redis://127.0.0.1:1/0"}
    }

    answers = [cache.remember("stock", {}, report) for _reader in range(2)]

    assert answers == [1, 2]


@pytest.mark.django_db(transaction=True)
def test_parts_of_an_answer_see_one_moment(report):
    def build():
        with connection.cursor() as cursor:
            cursor.execute("SHOW transaction_isolation")
            (isolation,) = cursor.fetchone()
            return isolation

    assert cache.remember("stock", {}, build) == "repeatable read"
    assert UserFactory().pk  # the connection writes again afterwards
