"""From a batch to its solution, with all that answers to voltages: regulators and capacitors, generators that hold one,
inverters. A run changes nothing but the array that is to take the voltages.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

import numpy as np

from tieline.network.network import Network
from tieline.powerflow.batch import Batch
from tieline.powerflow.controls.solve import solve_with_controls
from tieline.powerflow.kernel.held_positions import solve_at_rest
from tieline.powerflow.kernel.system import Limits, complex_rows
from tieline.powerflow.solution import Solution
from tieline.typing import ComplexArray

if TYPE_CHECKING:
    from tieline.powerflow.inverters.following import Acted


class Run(Protocol):
    """A power flow: `out` takes the voltages, (scenario, node), a new array if None."""

    def __call__(self, batch: Batch, out: ComplexArray | None = None) -> Solution:
        """The solution of a batch."""
        ...


@dataclass(frozen=True, eq=False)
class Runs:
    """The power flows of one network.

    Attributes:
        network: feeder arrays.
        limits: when to stop.
        use_band: apply OpenDSS' load band.
    """

    network: Network
    limits: Limits
    use_band: bool

    def choose(self, *, acts: bool, holds: bool, follows: bool) -> Run:
        """The one in which all answers to voltages that is to.

        Args:
            acts: regulators and capacitors.
            holds: generators that hold a voltage.
            follows: inverters with a characteristic.
        """
        run = self._acting if acts else self._held
        run_held: Run = self._held
        if holds and self.network.voltage_holders.count > 0:
            run_held = self._holding(self._held, acts=False)
            run = self._holding(run, acts=acts)
        if follows and self.network.feeder.inverter_controls:
            return self._following(run_held, acts=acts)
        return run

    def _held(self, batch: Batch, out: ComplexArray | None = None) -> Solution:
        """Taps and capacitor steps as given."""
        v_pu, outcome, iterations = solve_at_rest(
            self.network,
            batch.inputs,
            batch.n_scenarios,
            self.limits,
            use_band=self.use_band,
            out=out,
        )
        taps = batch.tap
        if len(taps) != batch.n_scenarios:
            taps = np.repeat(taps, batch.n_scenarios, axis=0)
        return Solution(
            self.network,
            v_pu,
            outcome,
            iterations,
            taps,
            batch.state,
            batch.p_kw,
            batch.q_kvar,
            self.use_band,
        )

    def _acting(self, batch: Batch, out: ComplexArray | None = None) -> Solution:
        """All controls of the feeder active."""
        return self._act(batch, self.limits, None, out)[0]

    def _act(
        self,
        batch: Batch,
        limits: Limits,
        memory: np.ndarray | None,
        out: ComplexArray | None = None,
    ) -> tuple[Solution, np.ndarray]:
        """The solution with all controls active, and what they remember; `memory` is of before."""
        progress, outcome, state = solve_with_controls(
            self.network,
            batch.inputs,
            batch.tap,
            batch.n_scenarios,
            limits,
            use_band=self.use_band,
            memory=memory,
            out=out,
        )
        solution = Solution(
            self.network,
            complex_rows(progress.voltage),
            outcome,
            progress.iterations,
            progress.tap,
            state,
            batch.p_kw,
            batch.q_kvar,
            self.use_band,
        )
        return solution, progress.memory

    def _holding(self, run: Run, *, acts: bool) -> Run:
        """The same power flow with generators at the voltages that they hold."""
        # late, as few feeders have such generators; so are inverters below
        from tieline.powerflow.held_voltage.rounds import solve_holding

        def run_holding(batch: Batch, out: ComplexArray | None = None) -> Solution:
            solution = solve_holding(
                self.network,
                batch,
                self.limits.tolerance,
                self.use_band,
                run,
                acts=acts,
            )
            return replace(_moved(solution, out), holds_voltages=True)

        return run_holding

    def _following(self, run: Run, *, acts: bool) -> Run:
        """The same power flow with inverters on their characteristics."""
        from tieline.powerflow.inverters.following import Acted, solve_following

        one_round = self.limits._replace(max_rounds=1)

        def act_once(points: Batch, memory: np.ndarray | None) -> Acted:
            solution, memory_after = self._act(points, one_round, memory)
            return Acted(solution, memory_after)

        act = act_once if acts else None

        def run_following(batch: Batch, out: ComplexArray | None = None) -> Solution:
            solution = solve_following(
                self.network, batch, self.limits.tolerance, run, act
            )
            return replace(_moved(solution, out), follows_curves=True)

        return run_following


def _moved(solution: Solution, out: ComplexArray | None) -> Solution:
    """The solution with its voltages in the array that is to take them."""
    if out is None:
        return solution
    out[...] = solution.v_pu
    return replace(solution, v_pu=out)
