"""What an agent sets, and how its numbers become set-points: the actions of microgrids over a window.

    set-point = plan + unit x action

with a number of the action for P of every generator and battery and Q of every device of the microgrid, in each step of the
window. Numbers are in shares of the rating, so that one is as large as another. The plan is merit order (`plan`) or nothing;
nothing is clipped, so that a policy without limits can break them.

Source of learning a departure from a plan: T. Johannink et al., "Residual reinforcement learning for robot control", ICRA 2019.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tieline.envs.microgrids.plan import Plan
from tieline.envs.microgrids.plant import Plant
from tieline.envs.microgrids.windows import Windows
from tieline.typing import FloatArray, IntArray


@dataclass(frozen=True, eq=False)
class Controls:
    """What is set of one microgrid, in this order in each step: P, then Q.

    Attributes:
        p_ders: DERs whose P is set, batteries and generators, (p,).
        q_ders: DERs whose Q is set, all of the microgrid that are controllable, (q,).
        unit: kW or kvar of one, (p + q,).
    """

    p_ders: IntArray
    q_ders: IntArray
    unit: FloatArray

    @property
    def n_numbers(self) -> int:
        """Numbers of an action in one step."""
        return len(self.unit)


@dataclass(frozen=True, eq=False)
class SetPoints:
    """Injection of every DER: `der_kw`, `der_kvar`, (window, step, der)."""

    der_kw: FloatArray
    der_kvar: FloatArray

    def take(self, rows: IntArray) -> SetPoints:
        """Those of some windows."""
        return SetPoints(self.der_kw[rows], self.der_kvar[rows])

    @property
    def first(self) -> SetPoints:
        """Those of the first step, (window, 1, der)."""
        der_kw = self.der_kw[:, :1]
        der_kvar = self.der_kvar[:, :1]
        return SetPoints(der_kw, der_kvar)


def controls_of(plant: Plant) -> tuple[Controls, ...]:
    """What each microgrid sets."""
    p_unit, q_unit = ratings(plant)
    # PV stands first among the DERs, and its P is what the sun gives
    first_set = len(plant.pv.names)
    controls = []
    for microgrid in plant.microgrids:
        q_ders = microgrid.ders[~plant.is_held[microgrid.ders]]
        has_p = q_ders >= first_set
        p_ders = q_ders[has_p]
        unit = np.concatenate([p_unit[p_ders], q_unit[q_ders]])
        control = Controls(p_ders, q_ders, unit)
        controls.append(control)
    return tuple(controls)


def planned(plant: Plant, windows: Windows, plan: Plan) -> SetPoints:
    """The set-points of a plan; PV gives what the sun gives, Q is 0, and DERs that are not controllable stay as stated."""
    sun_kw = plant.pv.available_kw(windows.sun)
    # the order of every DER array
    parts = [sun_kw, plan.battery_kw, plan.generator_kw]
    der_kw = np.concatenate(parts, axis=2)
    der_kvar = np.zeros_like(der_kw)
    stated = plant.der_limits
    held_ders = np.flatnonzero(plant.is_held)
    der_kvar[..., held_ders] = stated.q_min_kvar[held_ders]
    # the P of PV is the sun's, whether it is controllable or not
    held_ders = held_ders[held_ders >= len(plant.pv.names)]
    der_kw[..., held_ders] = stated.p_min_kw[held_ders]
    return SetPoints(der_kw, der_kvar)


def departed(
    base: SetPoints, controls: Sequence[Controls], actions: Sequence[FloatArray]
) -> SetPoints:
    """Set-points after the actions of all microgrids, (window, step x number) each."""
    der_kw = base.der_kw.copy()
    der_kvar = base.der_kvar.copy()
    n_windows, n_steps, _ = der_kw.shape
    for control, action in zip(controls, actions, strict=True):
        by_step = action.reshape(n_windows, n_steps, -1)
        change = by_step * control.unit
        change_kw, change_kvar = np.split(change, [len(control.p_ders)], axis=2)
        der_kw[..., control.p_ders] += change_kw
        der_kvar[..., control.q_ders] += change_kvar
    return SetPoints(der_kw, der_kvar)


def by_action(controls: Controls, by_kw: FloatArray, by_kvar: FloatArray) -> FloatArray:
    """Derivatives by set-points of all DERs, (..., step, der), as such by the action of a microgrid, (..., step x number)."""
    by_p = by_kw[..., controls.p_ders]
    by_q = by_kvar[..., controls.q_ders]
    by_set_point = np.concatenate([by_p, by_q], axis=-1)
    by_number = by_set_point * controls.unit
    *axes, _, _ = by_number.shape
    return by_number.reshape(*axes, -1)


def ratings(plant: Plant) -> tuple[FloatArray, FloatArray]:
    """Ratings by which P and Q of each DER are counted, (der,) [kW] and [kvar]."""
    units = plant.batteries
    # P of PV is the sun's: nobody counts in it
    of_pv = np.ones(len(plant.pv.names))
    of_batteries = np.maximum(units.charge_max_kw, units.discharge_max_kw)
    of_generators = plant.generators.p_max_kw
    of_ders = np.concatenate([of_pv, of_batteries, of_generators])
    # a device without power, as all outside of microgrids, is set by nobody: any DER can be divided by its unit
    p_unit = np.where(of_ders > 0, of_ders, 1.0)
    q_unit = np.concatenate([plant.pv.kva, units.kva, plant.generators.kva])
    return p_unit, q_unit
