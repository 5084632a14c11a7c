"""Solve a batch with the feeder's own controls: regulators and switched capacitors act until they rest.

Rounds of solve, measure, act, as in the static control mode of OpenDSS: see `meters` for what is measured, `decisions` for who
acts and how far, `loop` for the loop itself. Scenarios that chord Newton cannot solve at their taps are solved there by Newton's
method and go back to the loop.

Source: line-drop compensator as in W. H. Kersting, Distribution System Modeling and Analysis, 4th ed., ch. 7; share and
rounding of a move as in OpenDSS' static mode.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from tieline.network.network import Network
from tieline.powerflow.batch import Batch
from tieline.powerflow.controls.decisions import settings_of
from tieline.powerflow.controls.loop import MAX_ROUNDS, Controls, Progress, fill_inner, solve_acting
from tieline.powerflow.controls.meters import meters_of
from tieline.powerflow.kernel.block import Matrix, Scenarios, Variable
from tieline.powerflow.kernel.chord import PATIENCE
from tieline.powerflow.kernel.held_positions import (
    POINT_TOLERANCE,
    operating_point,
    outcomes,
    parts,
    plan_of,
    run_newton,
    scenarios_of,
    started_at,
)
from tieline.powerflow.kernel.lanes import LANES
from tieline.powerflow.kernel.matrix import (
    Admittance,
    admittance_of_many,
    make_matrix,
    matrix_of_varying,
)
from tieline.powerflow.kernel.plan import Plan
from tieline.powerflow.kernel.threads import in_threads, over_threads
from tieline.powerflow.outcome import Outcome
from tieline.powerflow.solution import Solution
from tieline.typing import BoolArray, ComplexArray, FloatArray, IntArray


def has_controls(network: Network) -> bool:
    """Whether anything could act."""
    return bool(network.feeder.regulators or network.feeder.capacitor_controls)


def solve_with_controls(
    network: Network, batch: Batch, *, use_band: bool, tolerance: float, max_iterations: int
) -> Solution:
    """Solve a batch with all controls of the feeder active."""
    varying = _varying(network, batch.state)
    plan = plan_of(network, batch.state, varying, use_band, np.unique(meters_of(network).node))
    admittance, flat_matrix = _without_slopes(network, plan, batch.state, varying)
    controls = _controls(network, plan, batch.state[0], varying)
    scenarios = scenarios_of(network, plan, batch.p_kw, batch.q_kvar, batch.source_pu, batch.start)
    point, is_started = None, batch.start is not None
    if batch.n_scenarios > LANES:
        flat = _Loop(plan, flat_matrix, admittance.variable, controls)
        point = operating_point(
            scenarios, is_started, lambda middle: _solve_one(flat, batch.tap, middle)
        )
    matrix = flat_matrix if point is None else make_matrix(plan, admittance, point)
    loop = _Loop(plan, matrix, admittance.variable, controls)
    progress = loop.begin(batch.tap, batch.n_scenarios)
    loop.run(progress, started_at(point, scenarios, is_started), tolerance, max_iterations)
    return _solution(network, batch, varying, progress, tolerance, use_band)


def _without_slopes(
    network: Network, plan: Plan, state: FloatArray, varying: BoolArray
) -> tuple[Admittance, Matrix]:
    """The admittance of a batch and its matrix without slopes, remembered where all scenarios begin in one state."""
    if len(state) == 1:
        return matrix_of_varying(network, plan, state[0].tobytes(), varying.tobytes())
    admittance = admittance_of_many(network, plan, state, varying)
    return admittance, make_matrix(plan, admittance, None)


def _varying(network: Network, state: FloatArray) -> BoolArray:
    """States that differ between scenarios or that controls may change, (state,)."""
    varying = (state != state[0]).any(axis=0)
    varying[network.states.regulated_windings] = True
    varying[network.states.capacitors.start + network.capacitor_controls.capacitor] = True
    return varying


def _controls(network: Network, plan: Plan, state: FloatArray, varying: BoolArray) -> Controls:
    """Controls in the terms of compiled code, for scenarios that share all but the `varying` ones of the states, (state,)."""
    column = np.where(varying, np.cumsum(varying), 0)  # 0 is the constant one
    fixed = np.where(varying, 1.0, state)
    return Controls(
        meters_of(network).at(plan.rank, column, fixed), settings_of(network).at(column)
    )


@dataclass(frozen=True, eq=False)
class _Loop:
    """What all scenarios of a batch have in common."""

    plan: Plan
    matrix: Matrix
    variable: Variable
    controls: Controls

    def begin(self, tap: IntArray, count: int) -> Progress:
        """The first `count` scenarios before their first round; taps have one row each or one for all."""
        return Progress(
            voltage=np.zeros((count, 2 * len(self.plan.rank))),
            tap=_own_rows(tap, count),
            memory=self.controls.settings.memory(self.variable.state, count),
            state=_own_rows(self.variable.state, count),
            error=np.full(count, np.inf),
            iterations=np.zeros(count, dtype=np.int64),
            rounds=np.zeros(count, dtype=np.int64),
        )

    def run(
        self, progress: Progress, scenarios: Scenarios, tolerance: float, max_iterations: int
    ) -> None:
        """Bring all scenarios to rest, or find out that they have no answer."""
        self._run(progress, scenarios, tolerance, max_iterations)
        plan, n_blocks = self.plan, -(-len(progress.error) // LANES)
        n_entries = int(plan.pattern.row_start[plan.pattern.n_inner])
        common = (
            progress,
            self.matrix,
            plan.pattern,
            plan.points,
            self.variable,
            plan.rank,
            scenarios.noise,
        )
        over_threads(fill_inner, n_blocks, n_entries, *common)

    def _run(
        self, progress: Progress, scenarios: Scenarios, tolerance: float, max_iterations: int
    ) -> None:
        """The same for all nodes but the inner ones."""
        pending = np.arange(len(progress.error))
        while len(pending) > 0:
            self._act(pending, progress, scenarios, tolerance, max_iterations)
            failed = ~(progress.error[pending] <= tolerance) & (
                progress.rounds[pending] < MAX_ROUNDS
            )
            left = pending[failed]
            if len(left) == 0 or max_iterations <= PATIENCE:
                return
            self._solve_there(left, progress, scenarios, tolerance, max_iterations)
            pending = left[progress.error[left] <= tolerance]

    def _act(
        self,
        pending: IntArray,
        progress: Progress,
        scenarios: Scenarios,
        tolerance: float,
        max_iterations: int,
    ) -> None:
        """Chord Newton, controls acting on the way."""
        plan, arguments = (
            self.plan,
            (self.variable, scenarios, self.controls, tolerance, max_iterations),
        )
        queue, n_blocks = np.zeros(1, dtype=np.int64), -(-len(pending) // LANES)
        common = (queue, pending, progress, self.matrix, plan.pattern, plan.points, *arguments)
        in_threads(solve_acting, n_blocks, plan.pattern.n_positions, *common)

    def _solve_there(
        self,
        left: IntArray,
        progress: Progress,
        scenarios: Scenarios,
        tolerance: float,
        max_iterations: int,
    ) -> None:
        """Newton's method at the present taps of some scenarios."""
        variable = self.variable._replace(state=progress.state)
        v, error, iterations = run_newton(
            left, self.plan, self.matrix, variable, scenarios, tolerance, max_iterations
        )
        progress.voltage[left], progress.error[left] = parts(v), error
        progress.iterations[left] += iterations


def _own_rows(array: Any, count: int) -> Any:
    """A row for each of the first `count` scenarios, to be written to, of an array that may have one row for all."""
    return np.array(np.broadcast_to(array[:count], (count, array.shape[1])))


def _solve_one(loop: _Loop, tap: IntArray, middle: Scenarios) -> ComplexArray | None:
    """Voltages of one scenario at rest, as good as an operating point needs to be, (node,)."""
    progress = loop.begin(tap, 1)
    loop.run(progress, middle, POINT_TOLERANCE, PATIENCE)
    return progress.voltage[0].view(np.complex128) if progress.error[0] <= POINT_TOLERANCE else None


def _solution(
    network: Network,
    batch: Batch,
    varying: BoolArray,
    progress: Progress,
    tolerance: float,
    use_band: bool,
) -> Solution:
    """Where all scenarios have ended."""
    outcome = outcomes(progress.error, tolerance)
    outcome[progress.rounds == MAX_ROUNDS] = Outcome.CONTROL_LIMIT
    v = progress.voltage.view(np.complex128)
    v[outcome != Outcome.CONVERGED] = complex(np.nan, np.nan)
    is_same = (progress.state == progress.state[0]).all()
    state = _own_rows(batch.state, 1 if is_same else batch.n_scenarios)
    state[:, varying] = progress.state[: len(state), 1:]
    return Solution(
        network,
        v,
        outcome,
        progress.iterations,
        progress.tap,
        state,
        batch.p_kw,
        batch.q_kvar,
        use_band,
    )
