"""`Tangent`: the equations of AC to first order around a solved scenario, exact there, for any feeder, meshed or radial.

The currents of devices turn with their voltages (`powerflow/device_slopes.py`). With D their slope at the solution v0,

    (Y + D) v = i_source + D v0 - di/dp p - di/dq q

`tangent_model` adds what a whole linear model tells: flows, voltages, loss.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from scipy import sparse

from tieline.errors import NotConvergedError
from tieline.linear.expansion import device_drive
from tieline.linear.voltage_model import Drive
from tieline.network.devices import DeviceTable
from tieline.network.network import Network
from tieline.powerflow.derivatives.jacobian import require_fixed_q
from tieline.powerflow.device_slopes import DeviceSlopes, device_slopes
from tieline.powerflow.solution import Solution
from tieline.typing import ComplexArray, FloatArray, IntArray


@dataclass(frozen=True, eq=False)
class Tangent:
    """The equations around a solution.

    Attributes:
        state: taps, lines and capacitors that it holds, (state,).
        p_kw, q_kvar: what devices ask for there, (device,).
        system: Y + D over (Re V, Im V), an ideal source's voltages held, (unknown, unknown) [pu].
        drive: right-hand side per kW and kvar that each device consumes.
    """

    state: FloatArray
    p_kw: FloatArray
    q_kvar: FloatArray
    system: sparse.csc_array
    drive: Drive


def tangent(solution: Solution, scenario: int = 0) -> Tangent:
    """The equations around one solved scenario.

    Args:
        solution: solved scenarios.
        scenario: which.

    Raises:
        NotConvergedError: if the scenario has no answer.
        InputError: if generators hold voltages.
    """
    if not solution.converged[scenario]:
        raise NotConvergedError(
            f"Scenario {scenario} has no answer and hence no linear model. {solution.failures[0]}"
        )
    require_fixed_q(solution)
    network = solution.network
    state = state_of(solution, scenario)
    p_kw = _row(solution.p_kw, scenario)
    q_kvar = _row(solution.q_kvar, scenario)
    slopes = device_slopes(
        network.devices,
        solution.v_pu[scenario : scenario + 1],
        p_kw[None],
        q_kvar[None],
        use_band=solution.use_band,
    )
    return Tangent(
        state=state,
        p_kw=p_kw,
        q_kvar=q_kvar,
        system=_system(network, state, slopes),
        drive=device_drive(
            network, slopes.across[0], slopes.p_factor[0], slopes.q_factor[0]
        ),
    )


def state_of(solution: Solution, scenario: int) -> FloatArray:
    """Taps, lines and capacitors of one scenario, (state,)."""
    return _row(solution.state, scenario)


def _row(array: FloatArray, scenario: int) -> FloatArray:
    """What an array has of a scenario; one that all scenarios share has one row."""
    return array[min(scenario, len(array) - 1)]


def _system(
    network: Network, state: FloatArray, slopes: DeviceSlopes
) -> sparse.csc_array:
    """Y + D over (Re, Im), an ideal source's voltages held."""
    n_nodes = network.n_nodes
    admittance = network.nodal_admittance(state).tocoo()
    device = _device_entries(network.devices, slopes)
    row = np.asarray(admittance.row, dtype=np.int64)
    column = np.asarray(admittance.col, dtype=np.int64)
    linear = np.asarray(admittance.data, dtype=np.complex128)
    no_turn = np.zeros(len(linear), dtype=np.complex128)
    # All entries at once: sums of sparse blocks take several times as long on a feeder of some hundred nodes.
    real = _over_real_numbers(
        np.concatenate([row, device.row]),
        np.concatenate([column, device.column]),
        np.concatenate([linear, device.slope]),
        np.concatenate([no_turn, device.turn]),
        n_nodes,
    )
    held_rows = np.concatenate([network.held_nodes, network.held_nodes + n_nodes])
    # the row of a held voltage says what it is, and nothing of currents
    is_free = ~np.isin(real.row, held_rows)
    ones = np.ones(len(held_rows))
    values = np.concatenate([real.value[is_free], ones])
    rows = np.concatenate([real.row[is_free], held_rows])
    columns = np.concatenate([real.column[is_free], held_rows])
    shape = (2 * n_nodes, 2 * n_nodes)
    system = sparse.coo_array((values, (rows, columns)), shape=shape).tocsc()
    # entries that are none cost a solver that takes them for some
    system.eliminate_zeros()
    return system


class _RealEntries(NamedTuple):
    """Entries of a real matrix, (entry,) each."""

    row: IntArray
    column: IntArray
    value: FloatArray


def _over_real_numbers(
    row: IntArray,
    column: IntArray,
    slope: ComplexArray,
    turn: ComplexArray,
    n_nodes: int,
) -> _RealEntries:
    """Entries slope dv + turn conj(dv) between nodes as entries over (Re, Im)."""
    # conj(dv) is no complex multiple of dv, but over (Re, Im) it is linear: its second column changes sign
    re_re = slope.real + turn.real
    re_im = turn.imag - slope.imag
    im_re = slope.imag + turn.imag
    im_im = slope.real - turn.real
    row_of_im = row + n_nodes
    column_of_im = column + n_nodes
    return _RealEntries(
        row=np.concatenate([row, row, row_of_im, row_of_im]),
        column=np.concatenate([column, column_of_im, column, column_of_im]),
        value=np.concatenate([re_re, re_im, im_re, im_im]),
    )


class _DeviceEntries(NamedTuple):
    """D between nodes, (entry,) each: `slope` on dv, `turn` on conj(dv)."""

    row: IntArray
    column: IntArray
    slope: ComplexArray
    turn: ComplexArray


def _device_entries(devices: DeviceTable, slopes: DeviceSlopes) -> _DeviceEntries:
    """Slopes of all branches between their nodes: a current leaves at the second, and the voltage there counts against."""
    between = np.flatnonzero(devices.minus >= 0)
    plus = devices.plus[between]
    minus = devices.minus[between]
    every = np.arange(len(devices.plus))
    branch = np.concatenate([every, between, between, between])
    counts = [len(every), 2 * len(between), len(between)]
    sign = np.repeat([1.0, -1.0, 1.0], counts)
    return _DeviceEntries(
        row=np.concatenate([devices.plus, plus, minus, minus]),
        column=np.concatenate([devices.plus, minus, plus, minus]),
        slope=sign * slopes.slope[0, branch],
        turn=sign * slopes.turn[0, branch],
    )
