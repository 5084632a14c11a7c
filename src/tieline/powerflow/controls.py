"""Regulators and switched capacitors of every scenario, acting until they rest.

Rounds of solve, measure, act. In each round and scenario only the controls with the smallest delay among those that want to
act do so, as in the static control mode of OpenDSS. A regulator moves by the whole number of taps that brings its compensated
voltage nearest to the set point (at least one, at most its limit); a capacitor control adds or removes one step.

    V_comp = |V / pt_ratio + (r + j x) I / ct_primary|,  I into the regulated winding (so the load's drop counts as negative)

Source: line-drop compensator as in W. H. Kersting, Distribution System Modeling and Analysis, 4th ed., ch. 7; share and
rounding of a move as in OpenDSS' static mode. Left out: time (delays only give the order), reverse-power modes, dead bands in
time.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from tieline.network.capacitor_controls import CURRENT, VOLTAGE
from tieline.network.network import Network
from tieline.network.scatter import sum_columns
from tieline.powerflow.at_rest import solve_at_rest
from tieline.powerflow.batch import Batch
from tieline.powerflow.outcome import Outcome
from tieline.powerflow.solution import Solution
from tieline.typing import BoolArray, ComplexArray, FloatArray, IntArray
from tieline.units import S_BASE_KVA

MAX_ROUNDS = 100
"""Three full sweeps of a 33-position changer; whoever still moves then is hunting."""

AT_ONCE = 4096
"""Scenarios whose controls act together: enough for all threads, and what a round needs beside the voltages stays small."""

SHARE_OF_THE_WAY = 0.7
"""How much of its error a regulator corrects in one move: all of it would overshoot where regulators stand in a row. OpenDSS'
value.
"""


@dataclass
class _Answer:
    """What comes out, one row per scenario."""

    tap: IntArray
    state: FloatArray
    v_pu: ComplexArray
    outcome: IntArray
    iterations: IntArray


@dataclass
class _Active:
    """Scenarios whose controls still move: their numbers in the batch, and what is solved, with one row each or one for all."""

    number: IntArray
    tap: IntArray
    state: FloatArray
    p_kw: FloatArray
    q_kvar: FloatArray
    source_pu: FloatArray
    start: ComplexArray | None

    @classmethod
    def of(cls, batch: Batch, number: IntArray) -> _Active:
        """Scenarios of a batch, with taps and states of their own."""
        one_for_all = (_rows(a, number) for a in (batch.p_kw, batch.q_kvar, batch.source_pu, batch.start))
        return cls(number, _own_rows(batch.tap, number), _own_rows(batch.state, number), *one_for_all)

    def keep(self, chosen: BoolArray) -> None:
        """Forget all others."""
        for name, array in vars(self).items():
            setattr(self, name, array[chosen] if name in ("number", "tap", "state") else _rows(array, chosen))


def solve_with_controls(network: Network, batch: Batch, *, use_band: bool, tolerance: float, max_iterations: int) -> Solution:
    """Solve a batch with all controls of the feeder active."""
    count = batch.n_scenarios
    answer = _Answer(
        tap=np.empty((count, batch.tap.shape[1]), dtype=np.int64),
        state=np.empty((count, batch.state.shape[1])),
        v_pu=np.full((count, network.n_nodes), np.nan, dtype=complex),
        outcome=np.full(count, Outcome.CONTROL_LIMIT, dtype=np.int64),
        iterations=np.zeros(count, dtype=np.int64),
    )
    for first in range(0, count, AT_ONCE):
        active = _Active.of(batch, np.arange(first, min(first + AT_ONCE, count)))
        _act(network, active, answer, use_band=use_band, tolerance=tolerance, max_iterations=max_iterations)
    state = answer.state[:1] if (answer.state == answer.state[0]).all() else answer.state
    return Solution(
        network, answer.v_pu, answer.outcome, answer.iterations, answer.tap, state, batch.p_kw, batch.q_kvar, use_band
    )


def _act(network: Network, active: _Active, answer: _Answer, *, use_band: bool, tolerance: float, max_iterations: int) -> None:
    """Rounds of solve, measure, act until the controls of the active scenarios rest."""
    for _ in range(MAX_ROUNDS):
        v, outcome, iterations = solve_at_rest(
            network,
            active.p_kw,
            active.q_kvar,
            active.state,
            active.source_pu,
            len(active.number),
            use_band=use_band,
            tolerance=tolerance,
            max_iterations=max_iterations,
            start=active.start,
        )
        answer.iterations[active.number] += iterations
        moves = wanted_moves(network, v, active.state, active.tap)
        rests = ~moves.any(axis=1) | (outcome != Outcome.CONVERGED)
        active.start = v
        if rests.any():
            done = active.number[rests]
            answer.tap[done], answer.state[done] = active.tap[rests], active.state[rests]
            answer.v_pu[done], answer.outcome[done] = v[rests], outcome[rests]
            active.keep(~rests)
            moves = moves[~rests]
        if len(active.number) == 0:
            return
        _apply(network, active, moves)
    answer.tap[active.number], answer.state[active.number] = active.tap, active.state


def _rows(array: Any, chosen: IntArray | BoolArray) -> Any:
    """The rows of some scenarios, of an array that may have one row for all or be missing."""
    return array if array is None or len(array) == 1 else array[chosen]


def _own_rows(array: Any, chosen: IntArray) -> Any:
    """A row for each of some scenarios, to be written to."""
    return np.repeat(array, len(chosen), axis=0) if len(array) == 1 else array[chosen]


def wanted_moves(network: Network, v_pu: ComplexArray, state: FloatArray, tap: IntArray) -> IntArray:
    """Steps that each control takes now: tap steps of the regulators, then steps of the capacitor controls.

    Args:
        network: feeder arrays.
        v_pu: solved voltages, (scenario, node) [pu].
        state: state vectors, (scenario, state).
        tap: tap positions, (scenario, regulator).

    Returns:
        Moves, (scenario, regulator + control); only the controls with the smallest delay of each scenario are non-zero.
    """
    regulators, capacitors = network.feeder.regulators, network.capacitor_controls
    steps = _capacitor_moves(network, v_pu, state)
    moves = np.hstack([_regulator_moves(network, v_pu, state, tap), steps])
    regulator_delay = np.broadcast_to([r.delay_s for r in regulators], (len(v_pu), len(regulators)))
    capacitor_delay = np.where(steps > 0, capacitors.delay_on_s, capacitors.delay_off_s)
    delay = np.where(moves != 0, np.hstack([regulator_delay, capacitor_delay]), np.inf)
    return np.where(delay == delay.min(axis=1, keepdims=True, initial=np.inf), moves, 0)


def _regulator_moves(network: Network, v_pu: ComplexArray, state: FloatArray, tap: IntArray) -> IntArray:
    table, regulators = network.regulators, network.feeder.regulators
    if not regulators:
        return np.zeros((len(v_pu), 0), dtype=np.int64)
    minus = np.where(table.minus >= 0, v_pu[:, table.minus], 0.0)
    volt = (v_pu[:, table.plus] - minus) * network.node_kv[table.plus] * 1e3
    current_a = terminal_current_pu(network, v_pu, state, table.terminal) * network.node_base_a[table.plus]
    pt_ratio = np.array([r.pt_ratio for r in regulators])
    drop = np.array([complex(r.r_v, r.x_v) / r.ct_primary_a for r in regulators]) * ~table.is_remote
    error_v = np.array([r.v_set_v for r in regulators]) - np.abs(volt / pt_ratio + drop * current_a)
    needed = error_v * pt_ratio / (table.rated_volt * table.ratio_per_step)
    most = np.array([r.max_tap_change for r in regulators])
    whole = np.abs(np.round(needed))
    steps = np.sign(needed) * np.minimum(np.maximum(np.floor(SHARE_OF_THE_WAY * whole), whole > 0), most)
    steps = np.clip(tap + steps, table.lowest_tap, table.highest_tap) - tap
    outside = np.abs(error_v) > np.array([r.band_v for r in regulators]) / 2  # False for NaN: a failed scenario does not act
    return np.where(outside, steps, 0).astype(np.int64)


def _capacitor_moves(network: Network, v_pu: ComplexArray, state: FloatArray) -> IntArray:
    table = network.capacitor_controls
    steps_in, steps_all = _steps(network, state)
    volt, seen = _capacitor_measurements(network, v_pu, state)
    sign = np.where(table.kind == VOLTAGE, -1.0, 1.0)  # a bank comes in at low voltage, or at high current or reactive power
    is_out, has_room = steps_in == 0, steps_in < steps_all
    calls_in, calls_out = sign * seen > sign * table.on, sign * seen < sign * table.off
    moves = np.where(~is_out & calls_out, -1, np.where(has_room & calls_in, 1, 0))
    moves = np.where(~is_out & (volt > table.v_max_v), -1, moves)
    return np.where(is_out & (volt < table.v_min_v), 1, moves).astype(np.int64)


def _capacitor_measurements(network: Network, v_pu: ComplexArray, state: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Secondary voltage [V] of each control, and what it acts on: secondary voltage [V], secondary current [A], or kvar of the
    terminal.
    """
    table = network.capacitor_controls
    metered = np.concatenate([*table.terminals, np.empty(0, dtype=np.int64)])
    owner = np.repeat(np.arange(len(table.kind)), np.array([len(rows) for rows in table.terminals], dtype=np.int64))
    nodes = network.terminals.node[metered]
    current = terminal_current_pu(network, v_pu, state, metered)
    kvar = sum_columns((v_pu[:, nodes] * np.conj(current)).imag * S_BASE_KVA, owner, len(table.kind))
    mine = np.searchsorted(owner, np.arange(len(table.kind))) + table.conductor
    nodes = nodes[mine]
    volt = np.abs(v_pu[:, nodes]) * network.node_kv[nodes] * 1e3 / table.pt_ratio
    ampere = np.abs(current[:, mine]) * network.node_base_a[nodes] / table.ct_ratio
    return volt, np.where(table.kind == VOLTAGE, volt, np.where(table.kind == CURRENT, ampere, kvar))


def _steps(network: Network, state: FloatArray) -> tuple[IntArray, IntArray]:
    """Steps in and steps in all of the bank of each capacitor control."""
    banks = [network.feeder.capacitors[k] for k in network.capacitor_controls.capacitor]
    steps_all = np.array([bank.steps for bank in banks], dtype=np.int64)
    share = state[:, network.states.capacitors][:, network.capacitor_controls.capacitor]
    return np.round(share * steps_all).astype(np.int64), steps_all


def terminal_current_pu(network: Network, v_pu: ComplexArray, state: FloatArray, terminal: IntArray) -> ComplexArray:
    """Currents into a few terminal conductors, (scenario, len(terminal)) [pu]."""
    e = network.entries
    wanted = np.flatnonzero(np.isin(e.row, terminal))
    flow = e.value[wanted] * state[:, e.state_a[wanted]] * state[:, e.state_b[wanted]] * v_pu[:, e.column[wanted]]
    distinct, slot = np.unique(terminal, return_inverse=True)
    return sum_columns(flow, np.searchsorted(distinct, e.row[wanted]), len(distinct))[:, slot]


def _apply(network: Network, active: _Active, moves: IntArray) -> None:
    """Write moves into taps and states."""
    n_regulators = len(network.feeder.regulators)
    active.tap += moves[:, :n_regulators]
    active.state[:, network.states.regulated_windings] = network.regulators.inverse_ratio(active.tap)
    table, layout = network.capacitor_controls, network.states
    steps_all = np.array([network.feeder.capacitors[k].steps for k in table.capacitor], dtype=float)
    active.state[:, layout.capacitors.start + table.capacitor] += moves[:, n_regulators:] / steps_all
