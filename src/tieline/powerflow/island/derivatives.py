"""Derivatives at operating points of an island by the implicit function theorem: exact at the solution.

With x the voltages and angles of the units, u the inputs of the network, t the settings, and S(x, u) what the units deliver, the
residual r(x, S, t) = 0 of `response` gives

    dx = -M^-1 (r_S dS_u + r_t dt),        M = r_x + r_S S_x,

where dS_u is the change at held voltages. `island_tangent` follows one direction; `island_adjoint` has the derivative of one
number by every input from one transposed system of the network. Taps, line positions and capacitor steps are held.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import ArrayLike

from tieline.devices import DroopSettings
from tieline.devices.droop_unit import KILO
from tieline.errors import InputError, ShapeError, unknown_name_message
from tieline.powerflow.derivatives.gradients import adjoint, tangent
from tieline.powerflow.island.operating_point import SETTING_NAMES
from tieline.powerflow.island.response import (
    against_first,
    as_complex,
    as_real,
    newton_matrix,
    residual_by_power,
    solved,
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
    by_name = _checked(solution, directions)
    of_powers = {name: by_name[name] for name in POWER_NAMES if name in by_name}
    dv, power = _change_at_held_voltages(solution, of_powers)
    dv_law, df_law = _law_change(solution, by_name)
    slope = residual_by_power(solution.settings)
    missed = (slope @ power[:, :, None])[:, :, 0]
    missed += np.hstack([-dv_law, against_first(df_law)])
    response = solution.response
    dx = -solved(newton_matrix(solution.settings, response), missed)
    power = power + response.power_change(dx)
    change = as_complex(power)
    m = solution.settings.f_droop_hz_per_mw[:, 0] / KILO
    return IslandChange(
        v_pu=dv + response.voltage_change(dx),
        p_kw=change.real,
        q_kvar=change.imag,
        frequency_hz=df_law[:, 0] - m * change[:, 0].real,
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
    settings = solution.settings
    shape = solution.p_kw.shape
    f_bar = np.broadcast_to(np.asarray(frequency_bar, dtype=float), shape[:1])
    s_bar = np.broadcast_to(np.asarray(p_bar) + 1j * np.asarray(q_bar), shape).copy()
    # the frequency is that of the first unit's law
    s_bar[:, 0] -= settings.f_droop_hz_per_mw[:, 0] / KILO * f_bar
    response = solution.response
    by_x = response.pull_back(bar, as_real(s_bar))
    transposed = newton_matrix(settings, response).transpose(0, 2, 1)
    # by how much L changes for each residual
    lever = -solved(transposed, by_x)
    through_laws = lever[:, None, :] @ residual_by_power(settings)
    s_bar += as_complex(through_laws[:, 0])
    by_powers = _by_powers(solution, bar, s_bar)
    by_settings = _by_settings(solution, lever, f_bar)
    return IslandGradient(**by_powers, **by_settings)


def _by_powers(
    solution: IslandSolution, v_bar: ComplexArray, s_bar: ComplexArray
) -> dict[str, FloatArray]:
    """Derivatives by powers, through the network and straight into what units deliver."""
    delivery = solution.delivery
    n_loads = delivery.flow.network.devices.n_loads
    of_units, i_bar = delivery.pull_back(s_bar)
    through = adjoint(delivery.flow, v_bar + of_units)
    gradient = {name: getattr(through, name).copy() for name in POWER_NAMES}
    p_bar, q_bar = delivery.devices.powers_pulled_back(i_bar)
    gradient["load_kw"] += p_bar[:, :n_loads]
    gradient["load_kvar"] += q_bar[:, :n_loads]
    # a DER injects
    gradient["der_kw"] -= p_bar[:, n_loads:]
    gradient["der_kvar"] -= q_bar[:, n_loads:]
    # what is taken at a unit's own node, the unit delivers
    nodes = solution.island.unit_nodes
    gradient["node_kw"][:, nodes] += s_bar.real[:, :, None]
    gradient["node_kvar"][:, nodes] += s_bar.imag[:, :, None]
    return gradient


def _by_settings(
    solution: IslandSolution, lever: FloatArray, f_bar: FloatArray
) -> dict[str, FloatArray]:
    """Derivatives by settings; L moves with the voltages and frequencies that the laws ask for."""
    law = solution.settings
    n_units = solution.island.n_units
    v_law_bar = -lever[:, :n_units]
    of_others = lever[:, n_units:]
    of_first = f_bar - of_others.sum(axis=1)
    f_law_bar = np.hstack([of_first[:, None], of_others])
    return {
        "v_set_pu": v_law_bar,
        "q_set_kvar": v_law_bar * law.v_droop_pu_per_mvar / KILO,
        "v_droop_pu_per_mvar": -v_law_bar * law.q_beyond_mvar(solution.q_kvar),
        "f_set_hz": f_law_bar,
        "p_set_kw": f_law_bar * law.f_droop_hz_per_mw / KILO,
        "f_droop_hz_per_mw": -f_law_bar * law.p_beyond_mw(solution.p_kw),
    }


def _law_change(
    solution: IslandSolution, directions: dict[str, FloatArray]
) -> tuple[FloatArray, FloatArray]:
    """Change of the voltages and frequencies that the laws ask for at held powers, both (scenario, unit)."""
    law = solution.settings
    still = np.zeros((1, solution.island.n_units))
    change = DroopSettings(*(directions.get(name, still) for name in SETTING_NAMES))
    of_q_set = law.v_droop_pu_per_mvar * change.q_set_kvar / KILO
    of_n = change.v_droop_pu_per_mvar * law.q_beyond_mvar(solution.q_kvar)
    of_p_set = law.f_droop_hz_per_mw * change.p_set_kw / KILO
    of_m = change.f_droop_hz_per_mw * law.p_beyond_mw(solution.p_kw)
    voltage = change.v_set_pu + of_q_set - of_n
    frequency = change.f_set_hz + of_p_set - of_m
    return voltage, frequency


def _change_at_held_voltages(
    solution: IslandSolution, directions: dict[str, FloatArray]
) -> tuple[ComplexArray, FloatArray]:
    """Change of voltages and of what units deliver, P and then Q, where the units hold their voltages."""
    flow = solution.flow
    delivery = solution.delivery
    dv = tangent(flow, **directions)
    dp = _device_change(solution, directions, "kw")
    dq = _device_change(solution, directions, "kvar")
    power = delivery.forward(dv, delivery.devices.by_powers(dp, dq))
    nodes = solution.island.unit_nodes
    nowhere = np.zeros((1, flow.network.n_nodes))
    p_kw = directions.get("node_kw", nowhere)[:, nodes]
    q_kvar = directions.get("node_kvar", nowhere)[:, nodes]
    at_units = (p_kw + 1j * q_kvar).sum(axis=2)
    return dv, as_real(power + at_units)


def _device_change(
    solution: IslandSolution, directions: dict[str, FloatArray], unit: str
) -> FloatArray:
    """Change of what every device asks for, (scenario, device) [kW or kvar]."""
    devices = solution.flow.network.devices
    change = np.zeros((solution.flow.n_scenarios, len(devices.p_kw)))
    if f"load_{unit}" in directions:
        change[:, : devices.n_loads] = directions[f"load_{unit}"]
    if f"der_{unit}" in directions:
        change[:, devices.n_loads :] = -directions[f"der_{unit}"]
    return change


def _checked(
    solution: IslandSolution, directions: dict[str, ArrayLike]
) -> dict[str, FloatArray]:
    """Directions as (1 or scenario, input); those of powers are checked by who takes them."""
    by_name = {}
    shape = solution.p_kw.shape
    for name, direction in directions.items():
        array = np.atleast_2d(np.asarray(direction, dtype=float))
        if name not in IslandGradient.__annotations__:
            inputs = IslandGradient.__annotations__
            raise InputError(
                unknown_name_message("input", name, inputs, "of an island")
            )
        is_setting = name in SETTING_NAMES
        if is_setting and array.shape not in (shape, (1, shape[1])):
            raise ShapeError(
                f"Direction {name} has shape {np.shape(direction)}; expected ({shape[1]},) or {shape}."
            )
        by_name[name] = array
    return by_name


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
