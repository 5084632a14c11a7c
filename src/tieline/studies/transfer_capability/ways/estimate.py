"""Estimates of where limits break, without solving beyond the base case, to stand beside the AC answer.

`tangent_estimates`: voltages and currents grow as their derivatives at the base case say, u(T) = u_0 + T du/dT with u complex.
A place breaks where |u_0 + T du/dT| first meets its limit: a quadratic equation in T. Any feeder.

`dc_estimates`: power transfer distribution factors of the DC model, P(T) = P_0 + PTDF T, against the rating taken as active
power. Loading only, single-phase equivalents only.

Source: G. C. Ejebe, J. G. Waight, M. Santos-Nieto, W. F. Tinney, "Fast calculation of linear available transfer capability", IEEE
Trans. Power Systems 15(3), 2000, for the use of distribution factors.
"""

from __future__ import annotations

import numpy as np

from tieline.linear import dc
from tieline.linear.dc import ptdf
from tieline.network.voltage_points import VoltagePoints
from tieline.powerflow.derivatives.gradients import tangent
from tieline.studies.gauges import LOADING_OF, Gauge
from tieline.studies.transfer_capability.world.cases import Cases
from tieline.typing import ComplexArray, FloatArray


def tangent_estimates(cases: Cases) -> list[FloatArray]:
    """Transfer at which each place of each gauge breaks, (place,) each [kW]; infinity where it never does."""
    v = cases.base.v_pu[0]
    transfer = cases.transfer
    directions = {
        "load_kw": transfer.load_kw,
        "load_kvar": transfer.load_kvar,
        "der_kw": transfer.der_kw,
    }
    # a feeder without DERs has no such input to differentiate by
    moving = {name: values for name, values in directions.items() if len(values)}
    dv = tangent(cases.base, **moving)[0]
    pairs = zip(cases.gauges, cases.bounds, strict=True)
    return [_of_gauge(cases, gauge, bounds[0], v, dv) for gauge, bounds in pairs]


def dc_estimates(cases: Cases, k: int) -> FloatArray:
    """Transfer at which the active flow of each place of gauge `k`, one of loading, meets its rating, (place,) [kW].

    Raises:
        InputError: if there is no DC model of the feeder.
    """
    network = cases.network
    transfer = cases.transfer
    devices = network.devices
    model = dc(network)
    at_base = model.evaluate(
        load_kw=devices.p_kw[: devices.n_loads] * cases.load_scale[0],
        load_kvar=0 * cases.load_scale[0],
    )
    # the DC model has one phase: the first node of a device is its bus
    first_port = np.searchsorted(devices.device, np.arange(len(devices.p_kw)))
    node = devices.plus[first_port]
    injection = np.zeros(network.n_nodes)
    np.add.at(
        injection,
        node,
        np.concatenate([-transfer.load_kw, transfer.der_kw]),
    )
    element_of_row = network.terminals.element[model.branch_terminal]
    elements = [int(column) for column in cases.gauges[k].column]
    rows = [int(np.flatnonzero(element_of_row == element)[0]) for element in elements]
    row = np.array(rows, dtype=np.int64)
    ratings = [network.ratings.of_element_kva(element) for element in elements]
    rating_kw = np.array(ratings) * cases.bounds[k][0] / 100
    flow_kw = at_base.p_kw[0][row]
    growth = (ptdf(model) @ injection)[row]
    # The rating is met on the side that the flow grows to.
    end_kw = np.where(growth < 0, -rating_kw, rating_kw)
    return np.divide(
        end_kw - flow_kw, growth, out=np.full(len(row), np.inf), where=growth != 0
    )


def _of_gauge(
    cases: Cases, gauge: Gauge, bounds: FloatArray, v: ComplexArray, dv: ComplexArray
) -> FloatArray:
    """Of each place of a gauge; `bounds` is what it must keep, (place,)."""
    if is_loading(gauge):
        elements = zip(gauge.column, bounds / 100, strict=True)
        estimates_kw = [
            _of_element(cases, int(k), share, v, dv) for k, share in elements
        ]
        return np.array(estimates_kw)
    start = _at_points(cases.points, v)
    growth = _at_points(cases.points, dv)
    return _meeting(start, growth, bounds)


def _at_points(points: VoltagePoints, u: ComplexArray) -> ComplexArray:
    """Phasors of nodes as those of voltage points, (point,) [pu]."""
    # a point to ground has no second node: its number is negative
    second = np.where(points.minus >= 0, u[points.minus], 0.0)
    return (u[points.plus] - second) * points.scale


def _of_element(
    cases: Cases, element: int, share: float, v: ComplexArray, dv: ComplexArray
) -> float:
    """The first conductor of a line or transformer that meets its rated current [kW]."""
    network = cases.network
    terminals = network.terminals
    conductors = np.flatnonzero(terminals.element == element)
    # at the taps of the base case: they hold in the tangent, whatever they do in the AC search
    admittance = network.terminal_admittance(cases.base.state[0])[conductors]
    base_a = network.node_base_a[terminals.node[conductors]]
    start_a = admittance @ v * base_a
    growth_a = admittance @ dv * base_a
    limit_a = share * network.ratings.conductor_a[conductors]
    return float(_meeting(start_a, growth_a, limit_a).min())


def _meeting(
    start: ComplexArray, growth: ComplexArray, limit: FloatArray
) -> FloatArray:
    """Smallest T >= 0 with |start + T growth| = limit, (place,); infinity if there is none."""
    # a T^2 + 2 b T + c = 0
    a = np.abs(growth) ** 2
    b = (np.conj(start) * growth).real
    c = np.abs(start) ** 2 - limit**2
    discriminant = b**2 - a * c
    meets = (a > 0) & (discriminant >= 0)
    # Places that never meet go through the formula with harmless numbers, and are left out after it.
    root = np.sqrt(np.where(meets, discriminant, 0.0))
    divisor = np.where(meets, a, 1.0)
    roots = np.stack([-b - root, -b + root]) / divisor
    is_answer = meets & (roots >= 0)
    return np.where(is_answer, roots, np.inf).min(axis=0)


def is_loading(gauge: Gauge) -> bool:
    """Whether a gauge reads loading."""
    return gauge.kind.name in LOADING_OF
