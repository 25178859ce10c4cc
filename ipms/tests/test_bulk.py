from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.db import DataError

from ipms import bulk
from ipms.models import ExchangeRate, OutboxEvent

pytestmark = pytest.mark.django_db


def rate(currency, **fields):
    fields = {"rate": Decimal("1.25"), "valid_from": date(2024, 1, 2), **fields}
    return ExchangeRate(currency=currency, **fields)


def test_rows_are_inserted_in_their_order_with_their_defaults():
    events = [OutboxEvent(topic=f"t{number}", payload={"it's": ["ö", None, number]}) for number in range(3)]

    bulk.create(events)

    kept = list(OutboxEvent.objects.order_by("pk"))
    assert [event.topic for event in kept] == ["t0", "t1", "t2"]
    assert kept[2].payload == {"it's": ["ö", None, 2]}
    assert kept[0].delivered_at is None
    assert abs((kept[0].created_at - datetime.now(UTC)).total_seconds()) < 60


def test_only_the_named_fields_are_written():
    euro, rupee = rate("EUR"), rate("INR", source="bank")
    ExchangeRate.objects.bulk_create([euro, rupee])
    for one in (euro, rupee):
        one.rate, one.valid_from, one.source = Decimal("0.0000000001"), None, "100 % “new”"

    bulk.update([euro], ["rate", "source"])

    euro.refresh_from_db()
    rupee.refresh_from_db()
    assert (euro.rate, euro.valid_from, euro.source) == (
        Decimal("0.0000000001"),
        date(2024, 1, 2),
        "100 % “new”",
    )
    assert (rupee.rate, rupee.source) == (Decimal("1.25"), "bank")


def test_a_text_that_is_too_long_is_refused_not_cut():
    with pytest.raises(DataError):
        bulk.create([rate("EUR", source="x" * 121)])


def test_a_field_that_is_not_there_is_refused():
    with pytest.raises(KeyError):
        bulk.update([rate("EUR")], ["price"])


def test_nothing_to_write_costs_no_query(django_assert_num_queries):
    with django_assert_num_queries(0):
        bulk.create([])
        bulk.update([], ["rate"])
