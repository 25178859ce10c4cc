"""Charts that the server draws."""

import re
from decimal import Decimal

import pytest

from ipms.admin import charts
from ipms.admin.charts import Point


@pytest.mark.parametrize(
    ("value", "shown"),
    [("77.4", "77"), ("71.9", "72"), ("9.96", "9.96"), ("1615988.37", "1.6M"), ("0", "0"), ("5", "5")],
)
def test_a_short_figure_is_rounded_and_not_cut(value, shown):
    assert charts.compact(Decimal(value)) == shown


@pytest.mark.parametrize(
    ("labels", "written"),
    [
        pytest.param(["Jan"] * 12, 12, id="short ones all fit"),
        pytest.param(["Jan 26"] * 12, 6, id="of longer ones every other"),
        pytest.param(["September 2026"] * 12, 4, id="of long ones every third"),
        pytest.param(["x" * 90] * 3, 1, id="at least the first"),
    ],
)
def test_labels_below_an_axis_do_not_run_into_each_other(labels, written):
    chart = charts.bars([Point(label, 1) for label in labels], label="Spend")

    assert len(re.findall(r'class="chart-label[ "]', chart.svg)) == written
