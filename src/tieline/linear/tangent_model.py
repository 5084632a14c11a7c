"""The first-order model of AC around a solved scenario: exact there, for any feeder, meshed or radial.

The currents of devices turn with their voltages. A device branch with the voltage d across it takes i = y(s) d, s = |d|^2, and

    di = (y + y' s) dd + y' d^2 conj(dd),        y(s) = a + b / sqrt(s) + c / s

with the coefficients of the load model in force at d (ZIP, or a piece of OpenDSS' band). So with D this slope at the solution v0,

    (Y + D) v = i_source + D v0 - di/dp p - di/dq q,        |V| = Re(conj(V0) V) / |V0|

Left out: everything of second order. A successive linear program renews the model at each solution.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from tieline.errors import NotConvergedError
from tieline.linear.affine import Affine
from tieline.linear.blocks import above, assemble, beside, times_rows
from tieline.linear.expansion import (
    as_real,
    device_drive,
    expanded_flows,
    node_drive,
    series_loss,
    with_source_rows,
)
from tieline.linear.model import LinearModel
from tieline.linear.setting import Setting
from tieline.network.devices import NO_BAND, DeviceTable
from tieline.network.network import Network
from tieline.network.voltage_points import VoltagePoints, voltage_points
from tieline.powerflow.devices import across_pu
from tieline.powerflow.kernel.device_currents import BAND_KIND, DEAD_VOLTAGE_SQ
from tieline.powerflow.kernel.ports import branch_kinds
from tieline.powerflow.kernel.voltage_bands import make_bands
from tieline.powerflow.solution import Solution
from tieline.typing import ComplexArray, FloatArray
from tieline.units import S_BASE_KVA


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


def tangent_model(
    solution: Solution, scenario: int = 0, points: VoltagePoints | None = None
) -> LinearModel:
    """AC to first order around one solved scenario.

    Args:
        solution: solved scenarios.
        scenario: which; the model holds its taps, lines, capacitors and source voltage.
        points: the voltages on the point axis; all of the network if left out.

    Raises:
        NotConvergedError: if the scenario has no answer.
    """
    if not solution.converged[scenario]:
        raise NotConvergedError(
            f"Scenario {scenario} has no answer and hence no linear model. {solution.failures[0]}"
        )
    network = solution.network
    v = solution.v_pu[scenario]
    state = solution.state[min(scenario, len(solution.state) - 1)]
    # Arrays that all scenarios share have one row.
    p_kw = solution.p_kw[min(scenario, len(solution.p_kw) - 1)]
    q_kvar = solution.q_kvar[min(scenario, len(solution.q_kvar) - 1)]
    branches = _branches(network.devices, v, p_kw, q_kvar, solution.use_band)
    system = _system(network, state, branches)
    drive = device_drive(network, branches.across, branches.p_factor, branches.q_factor)
    # What drives the solution itself: the source and the turn of the currents need no terms of their own.
    fixed = (
        system @ np.concatenate([v.real, v.imag])
        - drive.by_kw @ p_kw
        - drive.by_kvar @ q_kvar
    )
    points = points or voltage_points(network)
    flow_kw, flow_kvar = expanded_flows(network, state, v)
    return LinearModel(
        name="tangent",
        network=network,
        # The solution does not tell what its source was held at, and the model has no use for it.
        setting=Setting(state, np.full(len(network.source_nodes), np.nan)),
        points=points,
        voltage_power=1,
        system=sparse.csc_array(system),
        fixed=fixed,
        devices=drive,
        nodes=node_drive(network, v),
        voltage=_magnitudes(points, v),
        p_kw=flow_kw,
        q_kvar=flow_kvar,
        loss=series_loss(network, state),
    )


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
) -> sparse.csr_array:
    """Y + D over (Re, Im), an ideal source's voltages held."""
    form = _across_form(network.devices, network.n_nodes)
    slope = form.T @ times_rows(branches.slope, form)
    turn = form.T @ times_rows(branches.turn, form)
    admittance = network.nodal_admittance(state)
    linear = as_real(sparse.csr_array(admittance + slope))
    # conj(dd) is no complex multiple of dd, but over (Re, Im) it is linear: its second column changes sign.
    re_rows = beside(turn.real, turn.imag)
    im_rows = beside(turn.imag, -turn.real)
    balances = sparse.csr_array(linear + above(re_rows, im_rows))
    return with_source_rows(network, balances)


def _across_form(devices: DeviceTable, n_nodes: int) -> sparse.csr_array:
    """Voltage across each device branch as a form of the node voltages, (branch, node)."""
    n_branches = len(devices.plus)
    between = np.flatnonzero(devices.minus >= 0)
    rows = np.concatenate([np.arange(n_branches), between])
    columns = np.concatenate([devices.plus, devices.minus[between]])
    values = np.ones(len(rows))
    values[n_branches:] = -1.0
    return assemble(rows, columns, values, (n_branches, n_nodes))


def _magnitudes(points: VoltagePoints, v: ComplexArray) -> Affine:
    """|V| at the points to first order around v, where Re(conj(V0) V) / |V0| has no constant; 0 where there is no voltage."""
    form = points.across(len(v))
    across = np.asarray(form @ v, dtype=np.complex128)
    size = np.abs(across)
    is_live = size > 0
    direction = np.zeros(len(across), dtype=np.complex128)
    direction[is_live] = across[is_live] / size[is_live]
    by_re = times_rows(direction.real, form)
    by_im = times_rows(direction.imag, form)
    return Affine(beside(by_re, by_im), np.zeros(len(across)))
