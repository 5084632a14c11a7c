"""`UnansweredDays`: days that nobody can be asked about, because limits or power flow have no answer for somebody.

They are left out for all deciders, so that all means are over the same days; they are counted, and told. Only where no day is
left has the run no answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager

from tieline.counted import counted
from tieline.envs.microgrids.day import Day
from tieline.errors import NoAnswerError


class UnansweredDays:
    """Days without an answer so far.

    Args:
        days: of a run, by their seed.
        hint: what may be the matter beside the limits that a day's error names.

    Attributes:
        reasons: why, by seed.
    """

    def __init__(self, days: Mapping[int, Day], hint: str = ""):
        self._days = days
        self._hint = hint
        self.reasons: dict[int, NoAnswerError] = {}

    @contextmanager
    def noting(self, seed: int) -> Iterator[None]:
        """Note a day in place of raising its `NoAnswerError`."""
        try:
            yield
        except NoAnswerError as error:
            self.reasons[seed] = error

    @property
    def judged(self) -> dict[int, Day]:
        """Days with an answer, by their seed.

        Raises:
            NoAnswerError: if there are none; why the first day has no answer.
        """
        # days come out as they went in: the first of them is the one that pages show
        days = {
            seed: day for seed, day in self._days.items() if seed not in self.reasons
        }
        if not days:
            first = next(iter(self.reasons.values()))
            if not self._hint:
                raise first
            raise NoAnswerError(f"{first}\n{self._hint}") from first
        return days

    def count_steps(self, seeds: Iterable[int]) -> int:
        """Steps of those of some days that have no answer; a day that is named twice counts twice."""
        return sum(len(self._days[seed].hour) for seed in seeds if seed in self.reasons)

    def remarks(self) -> Iterator[str]:
        """One sentence with the days, and why the first of them has no answer."""
        if not self.reasons:
            return
        count = counted(len(self.reasons), "day")
        seeds = ", ".join(str(seed) for seed in self.reasons)
        reason = next(iter(self.reasons.values()))
        yield f"Without an answer, and left out for all deciders: {count} ({seeds}). The first: {reason}"
