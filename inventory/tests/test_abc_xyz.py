"""ABC: the few that make most of the value."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from inventory import abc_xyz
from inventory.abc_xyz import Importance

D = Decimal


def classes(**values):
    return {row.key: str(row.importance) for row in abc_xyz.ranked({k: D(v) for k, v in values.items()})}


def test_borders_are_at_eighty_and_ninety_five_percent():
    found = abc_xyz.ranked({"nut": D(15), "bolt": D(80), "washer": D(5)})

    assert [(row.key, str(row.importance), row.cumulative_share) for row in found] == [
        ("bolt", "A", D("0.8")),
        ("nut", "B", D("0.95")),
        ("washer", "C", D(1)),
    ]


def test_the_item_that_crosses_a_border_belongs_above_it():
    assert classes(bolt=70, nut=20, washer=7, pin=3) == {"bolt": "A", "nut": "A", "washer": "B", "pin": "C"}


def test_one_item_alone_is_a():
    assert classes(bolt=3) == {"bolt": "A"}


def test_what_has_no_value_is_c():
    assert classes(bolt=10, nut=0, washer=-4) == {"bolt": "A", "nut": "C", "washer": "C"}
    assert classes(bolt=0) == {"bolt": "C"}


@given(st.dictionaries(st.integers(), st.decimals(0, 10**9, places=4), max_size=40))
def test_classes_follow_the_value(values):
    found = abc_xyz.ranked(values)

    assert [row.importance for row in found] == sorted(row.importance for row in found)
    assert [row.value for row in found] == sorted(values.values(), reverse=True)
    assert sum(row.value for row in found if row.importance == Importance.A) * 100 >= 80 * sum(
        values.values()
    )
