"""How well forecasts would have done: each item's choice of method, tried on the newest of its history."""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from statistics import mean

from inventory import demand, forecasting
from inventory.demand import Period, Source
from inventory.forecasting import DemandKind, Method, Trial


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """How the items of one kind of demand did, each counting alike; of all kinds where `kind` is None.

    Errors are over those of the naive method on the older part of each item's history, `bias` too: above zero
    too much was forecast. `nearer` are the items whose chosen method had a smaller error than the naive one,
    `equal` those where it had the same.
    """

    kind: DemandKind | None
    items: int
    methods: Counter[Method]
    rmsse: float
    naive_rmsse: float
    mase: float
    naive_mase: float
    bias: float
    nearer: int
    equal: int


def run(
    *,
    on: date,
    periods: int,
    period: Period = Period.WEEK,
    source: Source = Source.CONSUMPTION,
    items: Collection[int] | None = None,
) -> tuple[int, list[Outcome]]:
    """Try the forecasts of items out; return how many histories there are, and the outcomes by kind.

    Items whose older part is too short, without demand or never changes are not in the outcomes.
    """
    found = demand.series(on=on, periods=periods, period=period, source=source, items=items)
    histories = [[float(value) for value in series.values] for series in found.values()]
    return len(histories), by_kind(trials(histories))


def trials(histories: Iterable[Sequence[float]]) -> list[Trial]:
    """Try out each history that can be."""
    return [trial for values in histories if (trial := forecasting.try_out(values))]


def by_kind(found: Sequence[Trial]) -> list[Outcome]:
    """Sum up trials by the kind of demand, and at the end those of all; nothing where there are none."""
    outcomes = [
        _outcome(kind, [trial for trial in found if trial.kind is kind])
        for kind in DemandKind
        if any(trial.kind is kind for trial in found)
    ]
    return [*outcomes, _outcome(None, found)] if found else []


def _outcome(kind: DemandKind | None, found: Sequence[Trial]) -> Outcome:
    return Outcome(
        kind=kind,
        items=len(found),
        methods=Counter(trial.method for trial in found),
        rmsse=mean(trial.chosen.rmsse or 0.0 for trial in found),
        naive_rmsse=mean(trial.naive.rmsse or 0.0 for trial in found),
        mase=mean(trial.chosen.mase or 0.0 for trial in found),
        naive_mase=mean(trial.naive.mase or 0.0 for trial in found),
        bias=mean(trial.scaled_bias for trial in found),
        nearer=sum(trial.chosen.rmse < trial.naive.rmse for trial in found),
        equal=sum(trial.chosen.rmse == trial.naive.rmse for trial in found),
    )
