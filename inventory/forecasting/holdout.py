"""The honest test: choose a method without the newest part of a history, then see how it does there."""

from collections.abc import Sequence
from dataclasses import dataclass

from inventory.forecasting.accuracy import Accuracy, measure
from inventory.forecasting.choosing import SHORTEST, choose
from inventory.forecasting.kinds import DemandKind, kind_of
from inventory.forecasting.methods import FUNCTIONS, Method


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """How a method chosen from the older part of a history, and the naive one, did on the newer part."""

    kind: DemandKind
    method: Method
    chosen: Accuracy
    naive: Accuracy

    @property
    def scaled_bias(self) -> float:
        """The bias over the naive method's mean error before, so that items can be compared."""
        if not self.chosen.mae or self.chosen.mase is None:
            return 0.0
        return self.chosen.bias * self.chosen.mase / self.chosen.mae


def try_out(values: Sequence[float], *, share: float = 0.25) -> Trial | None:
    """Choose a method from the older periods and measure it on the newest `share` of them.

    Method and parameters stay as they were chosen; each forecast is for the next period and knows all before
    it. None where the older part is too short, without demand, or never changes: there is nothing to choose
    or no scale to measure by.
    """
    values = [*values]
    known = len(values) - max(SHORTEST // 2, round(len(values) * share))
    if known < SHORTEST:
        return None
    older = values[:known]
    kind = kind_of(older)
    if kind is DemandKind.NONE or len({*older}) == 1:
        return None
    method, parameters, _said = choose(older, kind)
    return Trial(
        kind=kind,
        method=method,
        chosen=measure(values, FUNCTIONS[method](values, **parameters), begin=known, known=known),
        naive=measure(values, FUNCTIONS[Method.NAIVE](values), begin=known, known=known),
    )
