"""What is done when: steps in the order of their moments, each with the clock set to its own."""

import heapq
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta

from reporting.demo import clock

Step = Callable[[datetime], None]
_SUNDAY = 6


class Agenda:
    """Steps to come. A step may add further ones, later than its own moment."""

    def __init__(self) -> None:
        self._steps: list[tuple[datetime, int, Step]] = []
        self._added = 0

    def add(self, day: date, at: str, step: Step) -> None:
        """Add a step on a day at a time such as `09:30`, UTC; nobody works on Sunday, so Saturday then."""
        if day.weekday() == _SUNDAY:
            day -= timedelta(days=1)
        self._added += 1
        heapq.heappush(self._steps, (datetime.combine(day, time.fromisoformat(at), UTC), self._added, step))

    def run(self) -> None:
        """Take every step."""
        while self._steps:
            moment, _order, step = heapq.heappop(self._steps)
            with clock.set_to(moment):
                step(moment)
