"""A batch whose generators hold voltages: rounds of a power flow at given reactive powers and a Newton step of these.

    q <- q - S^-1 (mean |v| - v_held),        S = d mean |v| / d q

Begun where `joint` ends for the mean of the batch, whose S serves all scenarios (a chord: it is exact at one point and near
enough at the others). A holder at a limit stays there until its voltage is on the other side. Regulators and capacitors act in
each round and go on from where they came to rest. Scenarios that have no answer at the common start get one of their own.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cached_property

import numpy as np
from scipy.sparse.linalg import splu

from tieline.network.network import Network
from tieline.powerflow.batch import Batch
from tieline.powerflow.devices import across_pu
from tieline.powerflow.held_voltage.case import JointCase
from tieline.powerflow.held_voltage.joint import limit_changes, solve_jointly
from tieline.powerflow.kernel.lanes import LANES
from tieline.powerflow.outcome import Outcome
from tieline.powerflow.solution import Solution
from tieline.typing import BoolArray, ComplexArray, FloatArray, IntArray

MOST_ROUNDS = 40
"""A chord round is ten to a hundred times nearer than the one before; the rest is for holders that change sides."""

SLACK = 10.0
"""Held voltages may be off by this many tolerances of the power flow, which leaves as much in the voltages themselves."""

Run = Callable[[Batch], Solution]


def solve_holding(
    network: Network,
    batch: Batch,
    tolerance: float,
    use_band: bool,
    run: Run,
    *,
    acts: bool,
) -> Solution:
    """Solve a batch with every holder at its voltage or at a limit of its reactive power.

    Args:
        network: with `voltage_holders`.
        batch: what is asked; the reactive power of holders in it is not used.
        tolerance: of the power flow [pu].
        use_band: apply OpenDSS' load band.
        run: the power flow at the reactive powers of a batch.
        acts: whether regulators and capacitors act in `run`.

    Returns:
        The solution with the reactive powers that hold the voltages in `q_kvar`; scenarios that find none are marked.
    """
    count = batch.n_scenarios
    start = _Start(network, batch, use_band)
    # rounds pay where many scenarios share a start
    if count <= LANES and not acts:
        unsolved = _unsolved(network, batch, use_band)
        alone = _solved_alone(unsolved, start, np.arange(count))
        if alone.converged.all():
            return alone
    v_pu, injected_kvar = start.at_mean
    points = _asking(network, batch, np.tile(injected_kvar, (count, 1)))
    if batch.start is None:
        points = replace(points, start=np.tile(v_pu, (count, 1)))
    solution = _rounds(batch, tolerance, run, start, run(points))
    failed = np.flatnonzero(~solution.converged)
    # taps that act belong to the rounds, and few scenarios were each solved alone before
    if len(failed) == 0 or acts or count <= LANES:
        return solution
    return _solved_alone(solution, start, failed)


def _unsolved(network: Network, batch: Batch, use_band: bool) -> Solution:
    """A solution to be filled, with taps and capacitor steps as given."""
    count = batch.n_scenarios
    q_kvar = np.tile(batch.q_kvar, (count // len(batch.q_kvar), 1))
    return Solution(
        network=network,
        v_pu=np.full((count, network.n_nodes), complex(np.nan, np.nan)),
        outcome=np.full(count, int(Outcome.DIVERGED)),
        iterations=np.zeros(count, dtype=np.int64),
        taps=np.broadcast_to(batch.tap, (count, batch.tap.shape[1])),
        state=batch.state,
        p_kw=batch.p_kw,
        q_kvar=q_kvar,
        use_band=use_band,
    )


def _solved_alone(solution: Solution, start: _Start, rows: IntArray) -> Solution:
    """The solution with some of its scenarios solved each by itself."""
    device = solution.network.voltage_holders.device
    for row in rows.tolist():
        answer = solve_jointly(start.case(row))
        if answer is None:
            continue
        solution.v_pu[row] = answer.v_pu
        solution.q_kvar[row, device] = -answer.injected_kvar
        solution.iterations[row] += answer.steps
        solution.outcome[row] = Outcome.CONVERGED
    return solution


def _rounds(
    batch: Batch, tolerance: float, run: Run, start: _Start, solution: Solution
) -> Solution:
    """Rounds until every holder rests, from a first solution on."""
    network = solution.network
    holders = network.voltage_holders
    injected_kvar = -solution.q_kvar[:, holders.device]
    is_at_limit = (injected_kvar <= holders.low_kvar) | (
        injected_kvar >= holders.high_kvar
    )
    for _ in range(MOST_ROUNDS):
        gap = _gap(solution)
        changes = limit_changes(holders, injected_kvar, gap, is_at_limit)
        is_at_limit ^= changes
        error = np.where(is_at_limit, 0.0, gap)
        # NaN where there is no answer: nothing is left to do there
        is_open = np.abs(np.nan_to_num(error)).max(axis=1) > SLACK * tolerance
        is_open |= changes.any(axis=1) & solution.converged
        if not is_open.any():
            return solution
        step = _step(start.slope, np.nan_to_num(error), is_at_limit)
        injected_kvar = injected_kvar - step
        is_at_limit |= (injected_kvar < holders.low_kvar) | (
            injected_kvar > holders.high_kvar
        )
        injected_kvar = np.clip(injected_kvar, holders.low_kvar, holders.high_kvar)
        solution = run(_asking(network, batch, injected_kvar, solution))
    solution.outcome[is_open & solution.converged] = Outcome.CONTROL_LIMIT
    solution.v_pu[~solution.converged] = np.nan
    return solution


class _Start:
    """Where a batch begins, and the slope of the held voltages there."""

    def __init__(self, network: Network, batch: Batch, use_band: bool) -> None:
        self._network = network
        self._batch = batch
        self._use_band = use_band

    def case(self, row: int) -> JointCase:
        """One scenario."""
        batch = self._batch
        return self._case(
            _row(batch.state, row),
            _row(batch.p_kw, row),
            _row(batch.q_kvar, row),
            _row(batch.source_pu, row),
        )

    @cached_property
    def at_mean(self) -> tuple[ComplexArray, FloatArray]:
        """Voltages (node,) [pu] and what the holders inject (holder,) [kvar] in the mean of all scenarios; without an answer
        those of no load and the reactive power of the snapshot.
        """
        case = self._mean_case
        answer = solve_jointly(case, within_rounding=True)
        if answer is not None:
            return answer.v_pu, answer.injected_kvar
        snapshot = -case.q_kvar[case.holders.device]
        within = np.clip(snapshot, case.holders.low_kvar, case.holders.high_kvar)
        return case.no_load(), within

    @cached_property
    def slope(self) -> FloatArray:
        """S at the mean of the batch, (holder, holder) [pu per kvar]; the unit matrix where there is none: holders then stay
        near where they are, and are judged by their voltages.
        """
        unknown = np.eye(self._network.voltage_holders.count)
        v_pu, injected_kvar = self.at_mean
        if np.isnan(v_pu).any():
            return unknown
        of_nodes, by_kvar, of_gap = self._mean_case.slopes(v_pu, injected_kvar)
        # the currents stay in balance: J dv = - dF/dq dq
        try:
            v_by_kvar = -splu(of_nodes).solve(by_kvar.toarray())
        except RuntimeError:  # singular
            return unknown
        slope = np.asarray(of_gap @ v_by_kvar)
        if not np.isfinite(slope).all():
            return unknown
        is_dead = ~slope.any(axis=1)
        # a holder without voltage moves nothing: a one keeps the others solvable
        slope[is_dead, is_dead] = 1.0
        return slope

    @cached_property
    def _mean_case(self) -> JointCase:
        batch = self._batch
        # lines stand as in the first scenario: half a line is none
        return self._case(
            batch.state[0],
            _mean(batch.p_kw),
            _mean(batch.q_kvar),
            _mean(batch.source_pu),
        )

    def _case(
        self,
        state: FloatArray,
        p_kw: FloatArray,
        q_kvar: FloatArray,
        source_pu: ComplexArray,
    ) -> JointCase:
        return JointCase(self._network, state, p_kw, q_kvar, source_pu, self._use_band)


def _row(array: np.ndarray, row: int) -> np.ndarray:
    return array[min(row, len(array) - 1)]


def _mean(rows: np.ndarray) -> np.ndarray:
    """Over the rows that are finite."""
    sound = rows[np.isfinite(rows).all(axis=1)]
    return sound.mean(axis=0) if len(sound) else np.zeros_like(rows[0])


def _asking(
    network: Network,
    batch: Batch,
    injected_kvar: FloatArray,
    solution: Solution | None = None,
) -> Batch:
    """The batch with the reactive power of its holders, begun at the voltages and taps of a solution."""
    q_kvar = np.tile(batch.q_kvar, (batch.n_scenarios // len(batch.q_kvar), 1))
    q_kvar[:, network.voltage_holders.device] = -injected_kvar
    if solution is None:
        return replace(batch, q_kvar=q_kvar)
    start = np.nan_to_num(solution.v_pu)
    return replace(
        batch, q_kvar=q_kvar, start=start, tap=solution.taps, state=solution.state
    )


def _gap(solution: Solution) -> FloatArray:
    """Measured less held voltage, (scenario, holder) [pu of rated]; 0 at a holder that has no voltage."""
    network = solution.network
    holders = network.voltage_holders
    across = across_pu(network.devices, solution.v_pu, holders.branch)
    measured = holders.mean_v_pu(across)
    return np.where(measured == 0, 0.0, measured - holders.v_pu)


def _step(slope: FloatArray, error: FloatArray, is_at_limit: BoolArray) -> FloatArray:
    """S^-1 error of each scenario among the holders that are within their limits, (scenario, holder)."""
    # where nothing is at a limit one factorisation serves all
    if not is_at_limit.any():
        return np.asarray(np.linalg.solve(slope, error.T).T, dtype=float)
    own_slope = np.where(is_at_limit[:, :, None], np.eye(len(slope)), slope)
    step = np.linalg.solve(own_slope, error[:, :, None])
    return np.asarray(step[:, :, 0], dtype=float)
