"""The matrix of a batch: the nodal admittance at its states, and the slopes of its devices at an operating point."""

from __future__ import annotations

import numpy as np

from tieline.network.network import Network
from tieline.network.supply import dead_nodes, dead_nodes_per_scenario
from tieline.powerflow.kernel.compiled import entry
from tieline.powerflow.kernel.device_currents import slopes
from tieline.powerflow.kernel.factors import add_dependent_rows, eliminate_shared
from tieline.powerflow.kernel.lane_traffic import load_lane_powers
from tieline.powerflow.kernel.lanes import LANES
from tieline.powerflow.kernel.machine_code import machine_code
from tieline.powerflow.kernel.plan import Plan
from tieline.powerflow.kernel.system import Matrix, System, Variable
from tieline.powerflow.kernel.workspace import make_workspace
from tieline.typing import BoolArray, ComplexArray, FloatArray, IntArray

NOTHING = np.empty(0, dtype=np.int64)

NO_DEAD_NODES = np.empty((0, 0), dtype=bool)

NO_VARIABLE = Variable(
    row=NOTHING,
    position=NOTHING,
    value=np.empty(0, dtype=np.complex128),
    a=NOTHING,
    b=NOTHING,
    state=np.empty((0, 0)),
    dead=NO_DEAD_NODES,
)
"""Of a batch whose scenarios share one matrix."""


def matrix_of(
    network: Network, plan: Plan, state: FloatArray, varying: BoolArray
) -> tuple[Matrix, Variable]:
    """The matrix without slopes, and the entries that differ.

    Args:
        network: feeder arrays.
        plan: its plan.
        state: state vectors, (scenario or 1, state).
        varying: states that differ, or will, (state,).
    """
    if varying.any():
        return _matrix_of_many(network, plan, state, varying)
    return _matrix_of_one(network, plan, state[0])


def with_slopes(
    system: System, v_pu: ComplexArray, p_kw: FloatArray, q_kvar: FloatArray
) -> System:
    """The same system with the slopes of its devices at an operating point: voltages (node,) [pu] and powers (device,)."""
    slope, factors = machine_code(_factors_with_slopes)(system, v_pu, p_kw, q_kvar)
    return system._replace(matrix=system.matrix._replace(slope=slope, factors=factors))


def _matrix_of_one(
    network: Network, plan: Plan, state: FloatArray
) -> tuple[Matrix, Variable]:
    """The nodal admittance at one state vector, (state,).

    De-energised nodes get one on the diagonal: with no current they end at zero voltage.
    """
    every_entry = np.ones(len(plan.entries), dtype=bool)
    y = _entries(network, plan, state, every_entry)
    is_dead = dead_nodes(network, state)[plan.order]
    y[plan.pattern.diagonal] += is_dead
    no_own_rows = np.full(network.n_nodes, -1)
    return _without_slopes(plan, y, no_own_rows, 0), NO_VARIABLE


def _matrix_of_many(
    network: Network, plan: Plan, state: FloatArray, varying: BoolArray
) -> tuple[Matrix, Variable]:
    """The nodal admittance at state vectors (scenario, state), of which `varying`, (state,), differ."""
    e = network.entries
    state_a = e.state_a[plan.entries]
    state_b = e.state_b[plan.entries]
    is_variable = varying[state_a] | varying[state_b]
    variable = _variable(network, plan, state, varying, is_variable)
    first, n_slots = _own_rows(plan, variable)
    y = _entries(network, plan, state[0], ~is_variable)
    return _without_slopes(plan, y, first, n_slots), variable


def _without_slopes(
    plan: Plan, y: ComplexArray, first: IntArray, n_slots: int
) -> Matrix:
    """The matrix of what is common of an admittance, (position,); `first` and `n_slots` as in `Matrix`."""
    # Real coordinates, since the slopes to be added are no multiplication by a complex number.
    plain = np.column_stack([y.real, -y.imag, y.imag, y.real])
    factors = plain.copy()
    eliminate_shared(factors, first, plan.pattern)
    slope = np.zeros((len(plan.ports.kind), 4))
    is_shared = first < 0
    begin = len(first) if is_shared.all() else int(is_shared.argmin())
    return Matrix(plain, slope, factors, first, begin, n_slots)


@entry
def _factors_with_slopes(system, v, p_kw, q_kvar):
    """Slopes of all ports at one voltage vector (node in network order) and one set of powers (device,), (port, 4); and the
    factors of the matrix with them, (position, 4).
    """
    ports = system.ports
    rank = system.scenarios.rank
    work = make_workspace(system, len(ports.kind))
    for node in range(len(rank)):
        work.vr[rank[node], :] = v[node].real
        work.vi[rank[node], :] = v[node].imag
    for b in range(LANES):
        load_lane_powers(b, p_kw, q_kvar, ports, work.power)
    slopes(ports, work, work.own_slope)
    slope = work.own_slope[:, 0].copy().reshape(-1, 4)
    values = system.matrix.plain.copy()
    for k in range(4):
        # Plus-plus and minus-minus; a current that goes in at plus comes out at minus.
        sign = 1.0 if k == 0 or k == 3 else -1.0
        for t in range(len(slope)):
            position = ports.into[t, k]
            if position >= 0:
                for c in range(4):
                    values[position, c] += sign * slope[t, c]
    eliminate_shared(values, system.matrix.first, system.pattern)
    return slope, values


def _entries(
    network: Network, plan: Plan, state: FloatArray, is_wanted: BoolArray
) -> ComplexArray:
    """Some entries of the plan at one state, summed per position; the identity in the rows of an ideal source."""
    e = network.entries
    entries = plan.entries[is_wanted]
    total = np.zeros(plan.pattern.n_positions, dtype=np.complex128)
    total[plan.held] = 1.0
    value = e.value[entries] * state[e.state_a[entries]] * state[e.state_b[entries]]
    np.add.at(total, plan.position[is_wanted], value)
    return total


def _variable(
    network: Network,
    plan: Plan,
    state: FloatArray,
    varying: BoolArray,
    is_variable: BoolArray,
) -> Variable:
    """The entries that vary; a state that is the same everywhere moves into the value, leaving the constant one behind."""
    e = network.entries
    entries = plan.entries[is_variable]
    position = plan.position[is_variable]
    a = e.state_a[entries]
    b = e.state_b[entries]
    fixed = np.where(varying, 1.0, state[0])
    column = varying_columns(varying)
    state_of_scenario = np.column_stack([np.ones(len(state)), state[:, varying]])
    dead = dead_nodes_per_scenario(network, state)[:, plan.order]
    return Variable(
        row=np.searchsorted(plan.pattern.row_start, position, side="right") - 1,
        position=position,
        value=e.value[entries] * (fixed[a] * fixed[b]),
        a=column[a],
        b=column[b],
        state=np.ascontiguousarray(state_of_scenario),
        dead=np.ascontiguousarray(dead) if dead.any() else NO_DEAD_NODES,
    )


def varying_columns(varying: BoolArray) -> IntArray:
    """Column of each varying state in `Variable.state`, 0 for the others, which is that of the constant one, (state,)."""
    return np.where(varying, np.cumsum(varying), 0)


def _own_rows(plan: Plan, variable: Variable) -> tuple[IntArray, int]:
    """First slot of each row that depends on a varying entry or on supply, -1 for the others, (node,), and slots in all."""
    depends = np.zeros(len(plan.rank), dtype=bool)
    depends[: variable.dead.shape[1]] = variable.dead.any(axis=0)
    depends[variable.row] = True
    depends[plan.pattern.column[variable.position]] = True
    # Elimination carries a difference into every row that comes after and meets it.
    add_dependent_rows(depends, plan.pattern)
    width = np.where(depends, np.diff(plan.pattern.row_start), 0)
    end = np.cumsum(width)
    first = np.where(depends, end - width, -1)
    return first, int(end[-1])
