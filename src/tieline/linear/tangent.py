"""`Tangent`: the equations of AC to first order around a solved scenario, exact there, for any feeder, meshed or radial.

The currents of devices turn with their voltages. A device branch with the voltage d across it takes i = y(s) d, s = |d|^2, and

    di = (y + y' s) dd + y' d^2 conj(dd),        y(s) = a + b / sqrt(s) + c / s

with the coefficients of the load model in force at d (ZIP, or a piece of OpenDSS' band). So with D this slope at the solution v0,

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
from tieline.linear.model import Drive
from tieline.network.devices import NO_BAND, DeviceTable
from tieline.network.network import Network
from tieline.powerflow.devices import across_pu
from tieline.powerflow.kernel.device_currents import BAND_KIND, DEAD_VOLTAGE_SQ
from tieline.powerflow.kernel.ports import branch_kinds
from tieline.powerflow.kernel.voltage_bands import make_bands
from tieline.powerflow.solution import Solution
from tieline.typing import ComplexArray, FloatArray, IntArray
from tieline.units import S_BASE_KVA


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


@dataclass(frozen=True, eq=False)
class _Branches:
    """Device branches at the solution.

    Attributes:
        across: voltage, (branch,) [pu]; 0 where there is none.
        p_factor, q_factor: power taken relative to what is asked for.
        slope, turn: of the current by the voltage, di = slope dd + turn conj(dd) [pu].
    """

    across: ComplexArray
    p_factor: FloatArray
    q_factor: FloatArray
    slope: ComplexArray
    turn: ComplexArray


def tangent(solution: Solution, scenario: int = 0) -> Tangent:
    """The equations around one solved scenario.

    Args:
        solution: solved scenarios.
        scenario: which.

    Raises:
        NotConvergedError: if the scenario has no answer.
    """
    if not solution.converged[scenario]:
        raise NotConvergedError(
            f"Scenario {scenario} has no answer and hence no linear model. {solution.failures[0]}"
        )
    network = solution.network
    state = _row(solution.state, scenario)
    p_kw = _row(solution.p_kw, scenario)
    q_kvar = _row(solution.q_kvar, scenario)
    branches = _branches(
        network.devices, solution.v_pu[scenario], p_kw, q_kvar, solution.use_band
    )
    return Tangent(
        state=state,
        p_kw=p_kw,
        q_kvar=q_kvar,
        system=_system(network, state, branches),
        drive=device_drive(
            network, branches.across, branches.p_factor, branches.q_factor
        ),
    )


def _row(array: FloatArray, scenario: int) -> FloatArray:
    """What an array has of a scenario; one that all scenarios share has one row."""
    return array[min(scenario, len(array) - 1)]


def _branches(
    devices: DeviceTable,
    v: ComplexArray,
    p_kw: FloatArray,
    q_kvar: FloatArray,
    use_band: bool,
) -> _Branches:
    across = across_pu(devices, v[None, :])[0]
    square = np.abs(across) ** 2
    is_dead = square <= DEAD_VOLTAGE_SQ
    # Any number above zero will do for s where there is no voltage: the power there is zero.
    s = np.where(is_dead, 1.0, square)
    bands = make_bands(devices, np.arange(len(devices.plus)))
    has_band = branch_kinds(devices, use_band) == BAND_KIND
    edge_sq = np.where(has_band[:, None], bands.edge_sq, NO_BAND)
    # The piece in force is the one above as many edges as the voltage has passed.
    piece = (s[:, None] > edge_sq).sum(axis=1)
    branch = np.arange(len(s))
    p_admittance, p_slope = _admittance(bands.of_p[branch, piece], s)
    q_admittance, q_slope = _admittance(bands.of_q[branch, piece], s)
    kva = np.where(is_dead, 0.0, devices.share) / S_BASE_KVA
    p = p_kw[devices.device] * kva
    q = q_kvar[devices.device] * kva
    y = p * p_admittance - 1j * q * q_admittance
    y_slope = p * p_slope - 1j * q * q_slope
    return _Branches(
        across=np.where(is_dead, 0.0, across),
        p_factor=p_admittance * s,
        q_factor=q_admittance * s,
        slope=y + y_slope * s,
        turn=y_slope * across**2,
    )


def _admittance(
    coefficients: FloatArray, s: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """y(s) and y'(s) of each branch per unit of power asked for."""
    a, b, c = coefficients.T
    root = np.sqrt(s)
    y = a + b / root + c / s
    slope = -b / (2 * s * root) - c / s**2
    return y, slope


def _system(
    network: Network, state: FloatArray, branches: _Branches
) -> sparse.csc_array:
    """Y + D over (Re, Im), an ideal source's voltages held."""
    n_nodes = network.n_nodes
    admittance = network.nodal_admittance(state).tocoo()
    device = _device_entries(network.devices, branches)
    no_turn = np.zeros(len(admittance.data))
    # All entries at once: sums of sparse blocks take several times as long on a feeder of some hundred nodes.
    real = _over_real_numbers(
        np.concatenate([admittance.row, device.row]),
        np.concatenate([admittance.col, device.column]),
        np.concatenate([admittance.data, device.slope]),
        np.concatenate([no_turn, device.turn]),
        n_nodes,
    )
    source = np.concatenate([network.held_nodes, network.held_nodes + n_nodes])
    # the row of a voltage that an ideal source holds says what it is, and nothing of currents
    is_free = ~np.isin(real.row, source)
    ones = np.ones(len(source))
    values = np.concatenate([real.value[is_free], ones])
    rows = np.concatenate([real.row[is_free], source])
    columns = np.concatenate([real.column[is_free], source])
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


def _device_entries(devices: DeviceTable, branches: _Branches) -> _DeviceEntries:
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
        slope=sign * branches.slope[branch],
        turn=sign * branches.turn[branch],
    )
