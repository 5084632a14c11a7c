"""How the scenarios of an exchange end: at rest, without a power flow in some region, or given up."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tieline.powerflow.decoupled.rounds import Told
from tieline.powerflow.outcome import Outcome
from tieline.powerflow.solution import Solution
from tieline.typing import BoolArray, IntArray

VOLTAGE_TOLERANCE_PU = 1e-6
POWER_TOLERANCE_KVA = 1e-3
"""What may still change in the last round."""


class Endings:
    """Kept round by round.

    Attributes:
        round: number of rounds so far.
        rounds: rounds each scenario took, (scenario,).
        is_settled: whether it came to rest, (scenario,).
        outcome: `Outcome` of the first region without a power flow, (scenario,).
        region: that region, -1 where all have one, (scenario,).
        change_pu, change_kva: largest changes of the last round, (scenario,) [pu, kVA].
    """

    def __init__(self, n_scenarios: int) -> None:
        self.round = 0
        self.rounds = np.zeros(n_scenarios, dtype=np.int64)
        self.is_settled = np.zeros(n_scenarios, dtype=bool)
        self.outcome = np.full(n_scenarios, int(Outcome.CONVERGED))
        self.region = np.full(n_scenarios, -1)
        self.change_pu = np.full(n_scenarios, np.inf)
        self.change_kva = np.full(n_scenarios, np.inf)
        self._first_reason: dict[int, str] = {}

    @property
    def is_over(self) -> bool:
        """Whether no scenario needs another round."""
        return not self._goes_on.any()

    @property
    def _goes_on(self) -> BoolArray:
        return ~self.is_settled & (self.region < 0)

    def update(self, told: Told, told_before: Told, solved: Sequence[Solution]) -> None:
        """Take note of a round."""
        self.round += 1
        # a scenario that is over keeps the number it took, however long the others go on
        self.rounds[self._goes_on] = self.round
        self._mark_failures(solved)
        self.change_pu[:] = told.change_pu(told_before)
        self.change_kva[:] = told.change_kva(told_before)
        rests = self.change_pu < VOLTAGE_TOLERANCE_PU
        rests &= self.change_kva < POWER_TOLERANCE_KVA
        self.is_settled |= rests & (self.region < 0)

    def final_outcome(self) -> IntArray:
        """`Outcome` codes, (scenario,); what still moves has reached its limit of rounds."""
        return np.where(self._goes_on, int(Outcome.ITERATION_LIMIT), self.outcome)

    def reasons(self, regions: Sequence[str]) -> dict[int, str]:
        """Why scenarios have no answer; `regions` names each region by its first bus."""
        reasons = {}
        for k in np.flatnonzero(self._goes_on).tolist():
            reasons[k] = (
                f"did not settle in {self.round} rounds: in the last one voltages at borders changed by "
                f"{self.change_pu[k]:.1e} pu and powers by {self.change_kva[k]:.1e} kVA. Raise max_rounds if that is still "
                "shrinking, or merge regions."
            )
        for k, reason in self._first_reason.items():
            top = regions[self.region[k]]
            reasons[k] = (
                f"has no answer in the region of bus '{top}', whose power flow {reason}"
            )
        return reasons

    def _mark_failures(self, solved: Sequence[Solution]) -> None:
        """The first region without a power flow; its neighbours have none for want of its numbers."""
        # in the order of solving: far ends first
        for region in reversed(range(len(solved))):
            solution = solved[region]
            fails = ~solution.converged & (self.region < 0) & ~self.is_settled
            self.region[fails] = region
            self.outcome[fails] = solution.outcome[fails]
            for k in np.flatnonzero(fails).tolist():
                self._first_reason[k] = solution.reason(k)
