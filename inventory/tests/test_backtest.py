"""The backtest: what it sums up, and the command that prints it."""

import random
from datetime import UTC, date, datetime
from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from accounts.tests.factories import UserFactory
from inventory import backtest, stock
from inventory.forecasting import DemandKind, Method
from inventory.tests.factories import ItemFactory, LocationFactory
from inventory.tests.factories import stock as receive


@pytest.fixture
def histories():
    chance = random.Random(7)  # noqa: S311 - figures that look like demand, no secret
    even = [[100.0 + chance.gauss(0, 9) for _week in range(80)] for _item in range(5)]
    rare = [[5.0 if chance.random() < 0.2 else 0.0 for _week in range(80)] for _item in range(7)]
    return [*even, *rare, [1.0, 2.0]]


def test_outcomes_are_by_kind_and_in_all(histories):
    outcomes = backtest.by_kind(backtest.trials(histories))

    assert [(outcome.kind, outcome.items) for outcome in outcomes] == [
        (DemandKind.SMOOTH, 5),
        (DemandKind.INTERMITTENT, 7),
        (None, 12),
    ]
    assert sum(outcomes[-1].methods.values()) == 12
    assert outcomes[0].methods[Method.EXPONENTIAL_SMOOTHING] == 5
    for outcome in outcomes:
        assert outcome.rmsse < outcome.naive_rmsse
        assert outcome.nearer + outcome.equal <= outcome.items


def test_the_bias_is_over_the_naive_error_and_has_its_sign():
    rising = [10.0, 12.0] * 15 + [30.0] * 10

    (trial,) = backtest.trials([rising])

    # The naive method was off by two on the older part.
    assert trial.scaled_bias == pytest.approx(trial.chosen.bias / 2)
    assert trial.scaled_bias < 0


def test_without_histories_there_is_no_outcome():
    assert backtest.by_kind([]) == []


@pytest.mark.django_db
def test_the_command_prints_a_row_for_each_kind():
    shelf, keeper, bolt = LocationFactory(), UserFactory(), ItemFactory()
    receive(bolt, shelf, 500, occurred_at=datetime(2023, 1, 3, tzinfo=UTC))
    for month in range(1, 13):
        for year in (2023, 2024):
            stock.remove(
                bolt,
                quantity=Decimal(month % 3 + 5),
                location=shelf,
                by=keeper,
                occurred_at=datetime(year, month, 15, tzinfo=UTC),
            )
    said = StringIO()

    call_command("backtest", period="month", on=date(2025, 1, 1), stdout=said)

    lines = said.getvalue().splitlines()
    assert lines[0] == "1 items with a history, 1 that can be tried."
    assert [line.split()[:2] for line in lines[3:]] == [["smooth", "1"], ["all", "1"]]


@pytest.mark.django_db
def test_the_command_says_when_there_is_nothing_to_try():
    with pytest.raises(CommandError, match="none that can be tried"):
        call_command("backtest", on=date(2025, 1, 1))
