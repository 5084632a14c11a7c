"""Derivatives at operating points of an island by the implicit function theorem: exact at the solution.

With x the voltages and angles of the units, u the inputs of the network, t the settings, and S(x, u) what the units deliver, the
residual r(x, S, t) = 0 of `response` gives

    dx = -M^-1 (r_S dS_u + r_t dt),        M = r_x + r_S S_x,

where dS_u is the change at held voltages. `island_tangent` follows one direction; `island_adjoint` has the derivative of one
number by every input from one transposed system of the network. Taps, line positions and capacitor steps are held.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from tieline.devices import DroopSettings
from tieline.devices.droop_unit import KILO
from tieline.errors import InputError, ShapeError, unknown_name_message
from tieline.powerflow.derivatives.gradients import adjoint, tangent
from tieline.powerflow.island.operating_point import SETTING_NAMES
from tieline.powerflow.island.response import (
    as_real,
    newton_matrix,
    residual_by_power,
)
from tieline.powerflow.island.solution import IslandSolution
from tieline.typing import ComplexArray, FloatArray


@dataclass(frozen=True)
class IslandChange:
    """Change along a direction: voltages (scenario, node) [pu], power of the units (scenario, unit) [kW, kvar], frequency
    (scenario,) [Hz]; NaN for scenarios without an answer.
    """

    v_pu: ComplexArray
    p_kw: FloatArray
    q_kvar: FloatArray
    frequency_hz: FloatArray


@dataclass(frozen=True)
class IslandGradient:
    """Derivative of one number per scenario by every input, (scenario, input); those by settings are (scenario, unit)."""

    load_kw: FloatArray
    load_kvar: FloatArray
    der_kw: FloatArray
    der_kvar: FloatArray
    node_kw: FloatArray
    node_kvar: FloatArray
    v_set_pu: FloatArray
    q_set_kvar: FloatArray
    v_droop_pu_per_mvar: FloatArray
    f_set_hz: FloatArray
    p_set_kw: FloatArray
    f_droop_hz_per_mw: FloatArray


POWER_NAMES = tuple(
    field.name for field in fields(IslandGradient) if field.name not in SETTING_NAMES
)


def island_tangent(solution: IslandSolution, **directions: ArrayLike) -> IslandChange:
    """Change of an island along a direction of its inputs.

    Args:
        solution: solved scenarios.
        directions: an array per name in `IslandGradient`, (input,) or (scenario, input).

    Raises:
        ShapeError, InputError: if a direction does not fit or is not known.
    """
    of_powers, of_settings = _sorted_directions(solution, directions)
    dv, power = _change_at_held_voltages(solution, of_powers)
    law = _law_change(solution, of_settings)
    settings = solution.settings
    response = solution.response
    slope = residual_by_power(settings)
    missed = np.einsum("sru,su->sr", slope, power) + law.residual
    matrix = newton_matrix(settings, response)
    dx = -_solved(matrix, missed)
    dv = dv + np.einsum("sx,sxn->sn", dx, response.voltage)
    power = power + np.einsum("sux,sx->su", response.power, dx)
    n_units = solution.island.n_units
    m = settings.f_droop_hz_per_mw[:, 0] / KILO
    return IslandChange(
        v_pu=dv,
        p_kw=power[:, :n_units],
        q_kvar=power[:, n_units:],
        frequency_hz=law.frequency[:, 0] - m * power[:, 0],
    )


def island_adjoint(
    solution: IslandSolution,
    v_bar: ArrayLike | None = None,
    *,
    p_bar: ArrayLike = 0.0,
    q_bar: ArrayLike = 0.0,
    frequency_bar: ArrayLike = 0.0,
) -> IslandGradient:
    """Derivative of a number L of each scenario by every input.

    Args:
        solution: solved scenarios.
        v_bar: dL/d(Re v) + j dL/d(Im v), (scenario, node); None where L does not look at voltages.
        p_bar, q_bar: dL by what the units deliver, (unit,) or (scenario, unit) [per kW, kvar].
        frequency_bar: dL by the frequency, a number or (scenario,) [per Hz].

    Raises:
        ShapeError: if an array does not fit.
    """
    bar = _voltage_bar(solution, v_bar)
    shape = solution.p_kw.shape
    f_bar = np.broadcast_to(np.asarray(frequency_bar, dtype=float), shape[:1])
    s_bar = np.broadcast_to(np.asarray(p_bar) + 1j * np.asarray(q_bar), shape).copy()
    # the frequency is that of the first unit's law
    m = solution.settings.f_droop_hz_per_mw[:, 0] / KILO
    s_bar[:, 0] -= m * f_bar
    lever = _levers(solution, bar, s_bar)
    slope = residual_by_power(solution.settings)
    of_residual = np.einsum("sru,sr->su", slope, lever)
    n_units = shape[1]
    s_bar += of_residual[:, :n_units] + 1j * of_residual[:, n_units:]
    return IslandGradient(
        **_by_powers(solution, bar, s_bar), **_by_settings(solution, lever, f_bar)
    )


def _levers(
    solution: IslandSolution, v_bar: ComplexArray, s_bar: ComplexArray
) -> FloatArray:
    """By how much L changes for each residual, (scenario, residual): -M^-T dL/dx."""
    response = solution.response
    by_voltage = np.einsum("sn,sxn->sx", np.conj(v_bar), response.voltage).real
    by_power = np.einsum("su,sux->sx", as_real(s_bar), response.power)
    matrix = newton_matrix(solution.settings, response)
    return -_solved(matrix.transpose(0, 2, 1), by_voltage + by_power)


def _by_powers(
    solution: IslandSolution, v_bar: ComplexArray, s_bar: ComplexArray
) -> dict[str, FloatArray]:
    """Derivatives by powers, through the network and straight into what units deliver."""
    flow = solution.flow
    n_loads = flow.network.devices.n_loads
    of_units, i_bar = solution.delivery.pull_back(s_bar)
    p_bar, q_bar = solution.delivery.powers_pulled_back(i_bar)
    through = adjoint(flow, v_bar + of_units)
    gradient = {name: getattr(through, name).copy() for name in POWER_NAMES}
    gradient["load_kw"] += p_bar[:, :n_loads]
    gradient["load_kvar"] += q_bar[:, :n_loads]
    gradient["der_kw"] -= p_bar[:, n_loads:]
    gradient["der_kvar"] -= q_bar[:, n_loads:]
    # what is taken at a unit's own node, the unit delivers
    nodes = solution.island.unit_nodes
    gradient["node_kw"][:, nodes] += s_bar.real[..., None]
    gradient["node_kvar"][:, nodes] += s_bar.imag[..., None]
    return gradient


def _by_settings(
    solution: IslandSolution, lever: FloatArray, f_bar: FloatArray
) -> dict[str, FloatArray]:
    """Derivatives by settings; L moves with the voltages and frequencies that the laws ask for."""
    law = solution.settings
    n_units = solution.island.n_units
    v_law_bar = -lever[:, :n_units]
    f_law_bar = np.empty_like(v_law_bar)
    f_law_bar[:, 1:] = lever[:, n_units:]
    f_law_bar[:, 0] = f_bar - lever[:, n_units:].sum(axis=1)
    return {
        "v_set_pu": v_law_bar,
        "q_set_kvar": v_law_bar * law.v_droop_pu_per_mvar / KILO,
        "v_droop_pu_per_mvar": -v_law_bar * law.q_beyond_mvar(solution.q_kvar),
        "f_set_hz": f_law_bar,
        "p_set_kw": f_law_bar * law.f_droop_hz_per_mw / KILO,
        "f_droop_hz_per_mw": -f_law_bar * law.p_beyond_mw(solution.p_kw),
    }


@dataclass(frozen=True)
class _LawChange:
    """Change of the laws at held powers: of the frequency of each unit's law, (scenario, unit), and of the residual."""

    frequency: FloatArray
    residual: FloatArray


def _law_change(
    solution: IslandSolution, directions: dict[str, FloatArray]
) -> _LawChange:
    law = solution.settings
    rest = {name: np.zeros((1, solution.island.n_units)) for name in SETTING_NAMES}
    change = DroopSettings(**{**rest, **directions})
    of_v_set = change.v_set_pu + law.v_droop_pu_per_mvar * change.q_set_kvar / KILO
    of_n = change.v_droop_pu_per_mvar * law.q_beyond_mvar(solution.q_kvar)
    of_f_set = change.f_set_hz + law.f_droop_hz_per_mw * change.p_set_kw / KILO
    of_m = change.f_droop_hz_per_mw * law.p_beyond_mw(solution.p_kw)
    voltage = of_v_set - of_n
    frequency = of_f_set - of_m
    return _LawChange(
        frequency, np.hstack([-voltage, frequency[:, 1:] - frequency[:, :1]])
    )


def _change_at_held_voltages(
    solution: IslandSolution, directions: dict[str, FloatArray]
) -> tuple[ComplexArray, FloatArray]:
    """Change of voltages and of what units deliver, P and then Q, where the units hold their voltages."""
    flow = solution.flow
    devices = flow.network.devices
    dv = tangent(flow, **directions)
    asked = {}
    for unit in ("kw", "kvar"):
        change = np.zeros((flow.n_scenarios, len(devices.p_kw)))
        change[:, : devices.n_loads] = directions.get(f"load_{unit}", 0.0)
        change[:, devices.n_loads :] = -1.0 * directions.get(f"der_{unit}", 0.0)
        asked[unit] = change
    di = solution.delivery.device_current(asked["kw"], asked["kvar"])
    power = solution.delivery.forward(dv, di)
    nodes = solution.island.unit_nodes
    for name, turn in (("node_kw", 1.0), ("node_kvar", 1j)):
        if name in directions:
            power = power + turn * directions[name][:, nodes].sum(axis=2)
    return dv, as_real(power)


def _sorted_directions(
    solution: IslandSolution, directions: dict[str, ArrayLike]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Directions of powers and of settings, each (1 or scenario, input)."""
    of_powers = {}
    of_settings = {}
    shape = solution.p_kw.shape
    for name, direction in directions.items():
        array = np.atleast_2d(np.asarray(direction, dtype=float))
        if name in POWER_NAMES:
            of_powers[name] = array
        elif name in SETTING_NAMES:
            if array.shape not in (shape, (1, shape[1])):
                raise ShapeError(
                    f"Direction {name} has shape {np.shape(direction)}; expected ({shape[1]},) or {shape}."
                )
            of_settings[name] = array
        else:
            known = IslandGradient.__annotations__
            raise InputError(unknown_name_message("input of an island", name, known))
    return of_powers, of_settings


def _voltage_bar(solution: IslandSolution, v_bar: ArrayLike | None) -> ComplexArray:
    v_pu = solution.flow.v_pu
    if v_bar is None:
        return np.zeros_like(v_pu)
    bar = np.asarray(v_bar, dtype=complex)
    if bar.shape != v_pu.shape:
        raise ShapeError(
            f"v_bar has shape {bar.shape}; expected that of the voltages, {v_pu.shape}."
        )
    return bar


def _solved(matrix: FloatArray, right_side: FloatArray) -> FloatArray:
    """Small systems scenario by scenario; NaN where a scenario has no answer."""
    has_answer = np.isfinite(matrix).all(axis=(1, 2))
    x = np.full(right_side.shape, np.nan)
    x[has_answer] = np.linalg.solve(
        matrix[has_answer], right_side[has_answer][..., None]
    )[..., 0]
    return x
