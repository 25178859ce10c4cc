"""Summing up the ledger while others post to it: nothing is missed, nothing is counted twice."""

import threading
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest
from django.db import connection, transaction

from accounts.tests.factories import UserFactory
from inventory import ledger
from inventory import stock as stores
from inventory.models import StockMovement
from inventory.tests.factories import ItemFactory, LocationFactory, stock
from ipms import jobs
from reporting import stock_history, stock_roll_up
from reporting.errors import SumsDiffered
from reporting.models import StockClosing, StockMonth, StockRollUp
from reporting.stock_history import Moment
from reporting.tests.histories import Store

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("this_database_alone")]


class Clerk:
    """Somebody who posts in a transaction of a connection of their own, and ends it when told to.

    As the ledger does: lock the item first, then take the key; without savepoints, which take numbers too.
    """

    def __init__(self):
        self.store = Store(items=1, shelves=1)
        self._may_post, self._may_end = threading.Event(), threading.Event()
        self._began, self._posted = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._work)
        self._thread.start()
        assert self._began.wait(30)

    def post(self):
        self._may_post.set()
        assert self._posted.wait(30)

    def end(self):
        self._may_end.set()
        self._thread.join(30)

    def _work(self):
        try:
            with transaction.atomic():
                ledger.lock([self.store.items[0].pk])
                self._began.set()
                self._may_post.wait(30)
                self.store.enter([(0, 0, 2, 1, 1, 0, 0)])
                self._posted.set()
                self._may_end.wait(30)
        finally:
            connection.close()


def watermark():
    return StockRollUp.objects.get().watermark


def summed():
    return sum(closing.quantity for closing in StockClosing.objects.all())


@pytest.fixture
def shelf():
    return LocationFactory()


def test_movement_whose_transaction_ends_later_is_not_missed(shelf):
    slow = Clerk()
    slow.post()
    stock(ItemFactory(), shelf, 1)  # a larger key, there already

    for _ in range(3):
        assert stock_roll_up.roll_up() == 0
    slow.end()

    assert stock_roll_up.roll_up() == 2
    assert stock_roll_up.offences() == 0


def test_smaller_key_of_a_younger_transaction_is_not_missed():
    older, younger = Clerk(), Clerk()
    younger.post()
    older.post()
    older.end()  # the newest transaction that has ended is older than the one that still runs

    assert stock_roll_up.roll_up() == 0
    younger.end()

    assert stock_roll_up.roll_up() == 2
    assert stock_roll_up.offences() == 0


def test_somebody_always_posting_does_not_hold_the_sums_back(shelf):
    first = Clerk()
    stock(ItemFactory(), shelf, 1)
    assert stock_roll_up.roll_up() == 0
    second = Clerk()
    first.post()
    first.end()

    taken = stock_roll_up.roll_up()

    assert taken == 1  # what was there when the first began; the second still runs
    second.post()
    second.end()
    assert stock_roll_up.roll_up() == 2
    assert stock_roll_up.offences() == 0


def test_number_of_another_server_does_not_hold_the_sums_back(shelf):
    StockRollUp.objects.create(pk=1, candidate=1, candidate_number=2**60)
    running = Clerk()
    stock(ItemFactory(), shelf, 1)
    stock_roll_up.roll_up()
    other = Clerk()
    running.post()
    running.end()

    assert stock_roll_up.roll_up() == 1
    other.post()
    other.end()


def test_sums_are_right_while_many_post_and_several_sum_up(shelf):
    items, keepers = [ItemFactory() for _ in range(4)], [UserFactory() for _ in range(4)]
    is_over = threading.Event()

    def post(number):
        try:
            for _ in range(25):
                stores.add(items[number], quantity=Decimal(1), location=shelf, by=keepers[number])
        finally:
            connection.close()

    def sum_up(_number):
        asked = 0
        try:
            while not is_over.is_set():
                stock_roll_up.roll_up(most=7)
                moment = Moment(as_of=StockMovement.objects.latest("posted_at").posted_at)
                before = StockMovement.objects.filter(posted_at__lte=moment.as_of).count()
                found = sum(item.quantity for item in stock_history.by_item(moment).values())
                assert before <= found  # more may have become visible since, never less
                asked += 1
        finally:
            connection.close()
        return asked

    stock(items[0], shelf, 1)
    with ThreadPoolExecutor(6) as pool:
        summing = [pool.submit(sum_up, number) for number in range(2)]
        posting = [pool.submit(post, number) for number in range(4)]
        try:
            for done in posting:
                done.result(60)
        finally:
            is_over.set()
        assert all(done.result(60) for done in summing)

    stock_roll_up.catch_up()
    assert stock_roll_up.offences() == 0
    assert watermark() == StockMovement.objects.latest("pk").pk
    assert summed() == 101


def test_job_sums_up_the_ledger(shelf):
    stock(ItemFactory(), shelf, 3)

    jobs.run("stock.roll-up")

    assert summed() == 3


def test_sums_that_differ_are_told_and_made_anew(shelf):
    stock(ItemFactory(), shelf, 3)
    stock_roll_up.catch_up()
    assert stock_roll_up.require_sound() == watermark()
    StockMonth.objects.update(quantity=4)

    with pytest.raises(SumsDiffered) as told:
        stock_roll_up.require_sound()

    assert told.value.details == {"sums": 1}
    assert stock_roll_up.offences() == 0
    assert summed() == 3
