"""A batch whose generators hold voltages: rounds of a power flow at given reactive powers and a Newton step of these.

    q <- q - S^-1 (mean |v| - v_held),        S = d mean |v| / d q

Begun where `joint` ends for the mean of the batch, whose S serves all scenarios (a chord: it is exact at one point and near
enough at the others). A holder at a limit stays there until its voltage is on the other side. Regulators and capacitors act in
each round and go on from where they came to rest. Scenarios that have no answer at the common start get one of their own.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from scipy.sparse.linalg import splu

from tieline.network.network import Network
from tieline.powerflow.batch import Batch
from tieline.powerflow.devices import across_pu
from tieline.powerflow.held_voltage.joint import (
    JointCase,
    limit_changes,
    solve_jointly,
)
from tieline.powerflow.outcome import Outcome
from tieline.powerflow.solution import Solution
from tieline.typing import BoolArray, FloatArray, IntArray

MOST_ROUNDS = 40
"""A chord round is ten to a hundred times nearer than the one before; the rest is for holders that change sides."""

ALONE = 4
"""Up to this many scenarios each is started by itself: that costs less than the rounds which it saves."""

SLACK = 10.0
"""Held voltages may be off by this many tolerances of the power flow, which leaves as much in the voltages themselves."""

Run = Callable[[Batch], Solution]


def solve_holding(
    network: Network, batch: Batch, tolerance: float, use_band: bool, run: Run
) -> Solution:
    """Solve a batch with every holder at its voltage or at a limit of its reactive power.

    Args:
        network: with `voltage_holders`.
        batch: what is asked; the reactive power of holders in it is not used.
        tolerance: of the power flow [pu].
        use_band: apply OpenDSS' load band.
        run: the power flow at the reactive powers of a batch.

    Returns:
        The solution with the reactive powers that hold the voltages in `q_kvar`; scenarios that find none are marked.
    """
    count = batch.n_scenarios
    start = _Start(network, batch, use_band)
    injected_kvar = start.injected_kvar(np.arange(count), is_alone=count <= ALONE)
    solution = run(_asking(network, batch, injected_kvar))
    failed = np.flatnonzero(~solution.converged)
    if len(failed) > 0 and count > ALONE:
        injected_kvar[failed] = start.injected_kvar(failed, is_alone=True)
        solution = run(_asking(network, batch, injected_kvar))
    return _rounds(network, batch, tolerance, run, start, injected_kvar, solution)


def _rounds(
    network: Network,
    batch: Batch,
    tolerance: float,
    run: Run,
    start: _Start,
    injected_kvar: FloatArray,
    solution: Solution,
) -> Solution:
    holders = network.voltage_holders
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
    """Reactive powers to begin with, and the slope of the held voltages there."""

    def __init__(self, network: Network, batch: Batch, use_band: bool) -> None:
        self._network = network
        self._batch = batch
        self._use_band = use_band
        self._slope: FloatArray | None = None

    def injected_kvar(self, rows: IntArray, *, is_alone: bool) -> FloatArray:
        """Of each holder in some scenarios, (row, holder): solved for each alone, or for their mean."""
        if is_alone:
            return np.stack([self._of_case(self._case(int(row))) for row in rows])
        mean = self._of_case(self._case(None))
        return np.tile(mean, (len(rows), 1))

    @property
    def slope(self) -> FloatArray:
        """S at the mean of the batch, (holder, holder) [pu per kvar]."""
        # worked out only where a round asks: many holders make it large
        if self._slope is None:
            self._slope = self._slope_at_mean()
        return self._slope

    def _of_case(self, case: JointCase) -> FloatArray:
        answer = solve_jointly(case)
        if answer is None:
            snapshot = -case.q_kvar[case.holders.device]
            return np.clip(snapshot, case.holders.low_kvar, case.holders.high_kvar)
        return answer[1]

    def _case(self, row: int | None) -> JointCase:
        """One scenario, or the mean of all at the state of the first."""
        batch = self._batch

        def pick(array: np.ndarray) -> np.ndarray:
            if row is not None:
                return array[min(row, len(array) - 1)]
            sound = array[np.isfinite(array).all(axis=1)]
            return sound.mean(axis=0) if len(sound) else array[0]

        state = batch.state[min(row or 0, len(batch.state) - 1)]
        return JointCase(
            self._network,
            state,
            pick(batch.p_kw),
            pick(batch.q_kvar),
            pick(batch.source_pu),
            self._use_band,
        )

    def _slope_at_mean(self) -> FloatArray:
        case = self._case(None)
        answer = solve_jointly(case)
        v_pu = case.no_load() if answer is None else answer[0]
        injected_kvar = np.zeros(case.holders.count) if answer is None else answer[1]
        of_nodes, by_kvar, of_gap = case.slopes(v_pu, injected_kvar)
        # the currents stay in balance: J dv = - dF/dq dq
        v_by_kvar = -splu(of_nodes).solve(by_kvar.toarray())
        return np.asarray(of_gap @ v_by_kvar)


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
        return np.linalg.solve(slope, error.T).T
    own_slope = np.where(is_at_limit[:, :, None], np.eye(len(slope)), slope)
    return np.linalg.solve(own_slope, error[:, :, None])[:, :, 0]
