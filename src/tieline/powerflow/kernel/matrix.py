"""The matrix of a batch: the nodal admittance at its states, and the slopes of its devices at an operating point."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from tieline.network.network import Network
from tieline.network.supply import dead_nodes, dead_nodes_per_scenario
from tieline.powerflow.kernel.block import Matrix, Variable, slopes_at
from tieline.powerflow.kernel.factors import dependent_rows, eliminate_shared
from tieline.powerflow.kernel.plan import Plan
from tieline.typing import BoolArray, ComplexArray, FloatArray, IntArray

MATRICES_KEPT = 8
"""Matrices remembered: studies come back to a few states with other powers."""


@dataclass(frozen=True)
class Admittance:
    """The nodal admittance of a batch: `common` to all scenarios, (position,), and what varies; `first` and `n_slots` of the own
    rows, see `block.Matrix`.
    """

    common: ComplexArray
    variable: Variable
    first: IntArray
    n_slots: int


@dataclass(frozen=True)
class OperatingPoint:
    """Voltages (node,) [pu] in network order and consumption of each device (device,) [kW, kvar]."""

    v_pu: ComplexArray
    p_kw: FloatArray
    q_kvar: FloatArray


def make_matrix(plan: Plan, admittance: Admittance, point: OperatingPoint | None) -> Matrix:
    """Matrix of a batch with the slopes at its operating point, or without slopes."""
    y = admittance.common
    plain = np.column_stack([y.real, -y.imag, y.imag, y.real])
    points = plan.points
    if point is None:
        slope = np.zeros((len(points.kind), 4))
        common = plain
    else:
        slope = slopes_at(point.v_pu, point.p_kw, point.q_kvar, points, plan.rank)
        common = plain.copy()
        for column, sign in enumerate((1.0, -1.0, -1.0, 1.0)):
            into = points.into[:, column]
            np.add.at(common, into[into >= 0], sign * slope[into >= 0])
    factors = eliminate_shared(common, admittance.first, plan.pattern)
    return Matrix(plain, slope, factors, admittance.first, admittance.n_slots)


@lru_cache(maxsize=MATRICES_KEPT)
def matrix_of_one(network: Network, plan: Plan, state: bytes) -> tuple[Admittance, Matrix]:
    """The nodal admittance at one state vector, given as bytes, and its matrix without slopes."""
    admittance = admittance_of_one(network, plan, np.frombuffer(state))
    return admittance, make_matrix(plan, admittance, None)


@lru_cache(maxsize=MATRICES_KEPT)
def matrix_of_varying(
    network: Network, plan: Plan, state: bytes, varying: bytes
) -> tuple[Admittance, Matrix]:
    """The same where some states may differ, with one row for all scenarios to begin with."""
    admittance = admittance_of_many(
        network, plan, np.frombuffer(state)[None], np.frombuffer(varying, dtype=bool)
    )
    return admittance, make_matrix(plan, admittance, None)


def admittance_of_one(network: Network, plan: Plan, state: FloatArray) -> Admittance:
    """The nodal admittance at one state vector, (state,).

    De-energised nodes get one on the diagonal: with no current they end at zero voltage.
    """
    nothing = np.empty(0, dtype=np.int64)
    no_state, no_dead = np.empty((0, 0)), np.empty((0, 0), dtype=bool)
    variable = Variable(
        nothing, nothing, np.empty(0, dtype=np.complex128), nothing, nothing, no_state, no_dead
    )
    common = _entries(network, plan, state, np.ones(len(plan.entries), dtype=bool))
    common[plan.pattern.diagonal] += dead_nodes(network, state)[plan.order]
    return Admittance(common, variable, np.full(network.n_nodes, -1), 0)


def admittance_of_many(
    network: Network, plan: Plan, state: FloatArray, varying: BoolArray
) -> Admittance:
    """The nodal admittance at state vectors (scenario, state), of which `varying`, (state,), differ."""
    e = network.entries
    is_variable = varying[e.state_a[plan.entries]] | varying[e.state_b[plan.entries]]
    variable = _variable(network, plan, state, varying, is_variable)
    first, n_slots = _own_rows(plan, variable)
    return Admittance(_entries(network, plan, state[0], ~is_variable), variable, first, n_slots)


def _entries(network: Network, plan: Plan, state: FloatArray, chosen: BoolArray) -> ComplexArray:
    """Some entries of the plan at one state, summed per position; the identity in the rows of an ideal source."""
    e, some = network.entries, plan.entries[chosen]
    total = np.zeros(plan.pattern.n_positions, dtype=np.complex128)
    total[plan.held] = 1.0
    np.add.at(
        total,
        plan.position[chosen],
        e.value[some] * state[e.state_a[some]] * state[e.state_b[some]],
    )
    return total


def _variable(
    network: Network, plan: Plan, state: FloatArray, varying: BoolArray, is_variable: BoolArray
) -> Variable:
    """The entries that vary; a state that is the same everywhere moves into the value, leaving the constant one behind."""
    e, some = network.entries, plan.entries[is_variable]
    position = plan.position[is_variable]
    a, b = e.state_a[some], e.state_b[some]
    fixed = np.where(varying[a], 1.0, state[0, a]) * np.where(varying[b], 1.0, state[0, b])
    column = np.where(varying, np.cumsum(varying), 0)  # 0 is the constant one
    dead = dead_nodes_per_scenario(network, state)[:, plan.order]
    return Variable(
        row=np.searchsorted(plan.pattern.row_start, position, side="right") - 1,
        position=position,
        value=e.value[some] * fixed,
        a=column[a],
        b=column[b],
        state=np.ascontiguousarray(np.column_stack([np.ones(len(state)), state[:, varying]])),
        dead=np.ascontiguousarray(dead) if dead.any() else np.empty((0, 0), dtype=bool),
    )


def _own_rows(plan: Plan, variable: Variable) -> tuple[IntArray, int]:
    """First slot of each row that depends on a varying entry or on supply, -1 for the others, (node,), and slots in all."""
    seed = np.zeros(len(plan.rank), dtype=bool)
    seed[: variable.dead.shape[1]] = variable.dead.any(axis=0)
    seed[variable.row] = True
    seed[plan.pattern.column[variable.position]] = True
    depends = dependent_rows(seed, plan.pattern)
    width = np.where(depends, np.diff(plan.pattern.row_start), 0)
    return np.where(depends, np.cumsum(width) - width, -1), int(width.sum())
