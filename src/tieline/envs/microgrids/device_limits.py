"""How far set-points of a window are beyond what each device can do, in shares of its rating; negative inside.

    PV           Q within its limits, kVA beside what the sun gives
    battery      charge, discharge, stored energy within its limits after the step, Q within its limits, kVA
    generator    P_min <= P <= P_max, |P - P before| <= ramp (the first step against the last applied), Q within its limits, kVA

One number for each device and step, the worst of these. Energy counts as power: what is stored too much after a step, over the
length of a step. Written for NumPy and for JAX, which differentiates it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from typing import Any

import numpy as np

from tieline.envs.microgrids.plant import Plant
from tieline.envs.microgrids.set_points import ratings
from tieline.typing import FloatArray


@dataclass(frozen=True, eq=False)
class DeviceLimits:
    """What devices can do beside the ratings of a plant.

    Attributes:
        plant: ratings of batteries and generators.
        step_h: length of a step [h].
        q_min_kvar, q_max_kvar, kva: of each DER, (der,).
        p_unit_kw, q_unit_kvar: ratings that an excess is a share of, (der,).
    """

    plant: Plant
    step_h: float
    q_min_kvar: FloatArray
    q_max_kvar: FloatArray
    kva: FloatArray
    p_unit_kw: FloatArray
    q_unit_kvar: FloatArray

    @classmethod
    def of(cls, plant: Plant, step_h: float) -> DeviceLimits:
        """The limits of a plant's devices."""
        stated = plant.der_limits
        p_unit_kw, q_unit_kvar = ratings(plant)
        return cls(
            plant=plant,
            step_h=step_h,
            q_min_kvar=stated.q_min_kvar,
            q_max_kvar=stated.q_max_kvar,
            kva=stated.kva,
            p_unit_kw=p_unit_kw,
            q_unit_kvar=q_unit_kvar,
        )

    def excess(
        self,
        der_kw: Any,
        der_kvar: Any,
        stored_kwh: FloatArray,
        last_kw: FloatArray,
        xp: Any = np,
    ) -> Any:
        """Excess of each device in each step.

        Args:
            der_kw, der_kvar: set-points, (window, step, der).
            stored_kwh: before the first step, (window, battery).
            last_kw: power of generators before it, (window, generator).
            xp: `numpy` or `jax.numpy`, whichever the set-points are of.

        Returns:
            (window, step, der) [share of rating].
        """
        reactive = self._reactive(der_kw, der_kvar, xp)
        plant = self.plant
        battery_kw = der_kw[..., plant.battery_ders]
        generator_kw = der_kw[..., plant.generator_ders]
        of_batteries = self._of_batteries(battery_kw, stored_kwh, xp)
        of_generators = self._of_generators(generator_kw, last_kw, xp)
        active = xp.concatenate([of_batteries, of_generators], axis=-1)
        n_pv = len(plant.pv_ders)
        # PV is not curtailed: the sun alone says its power
        of_pv = reactive[..., :n_pv]
        reactive_share = reactive[..., n_pv:]
        active_share = active / self.p_unit_kw[n_pv:]
        worse = xp.maximum(reactive_share, active_share)
        return xp.concatenate([of_pv, worse], axis=-1)

    def _reactive(self, der_kw: Any, der_kvar: Any, xp: Any) -> Any:
        above = der_kvar - self.q_max_kvar
        below = self.q_min_kvar - der_kvar
        square = der_kw**2 + der_kvar**2
        # a root has no slope at zero
        kva = xp.sqrt(xp.maximum(square, 1e-12))
        over = kva - self.kva
        worst = _worst([above, below, over], xp)
        return worst / self.q_unit_kvar

    def _of_batteries(self, power_kw: Any, stored_kwh: FloatArray, xp: Any) -> Any:
        units = self.plant.batteries
        charge_kw = xp.maximum(-power_kw, 0.0)
        discharge_kw = xp.maximum(power_kw, 0.0)
        gained_kw = units.efficiency_charge * charge_kw
        spent_kw = discharge_kw / units.efficiency_discharge
        gain_kwh = self.step_h * xp.cumsum(gained_kw - spent_kw, axis=-2)
        after_kwh = stored_kwh[..., None, :] + gain_kwh
        above_kwh = after_kwh - units.stored_max_kwh
        below_kwh = units.stored_min_kwh - after_kwh
        kinds = [
            discharge_kw - units.discharge_max_kw,
            charge_kw - units.charge_max_kw,
            above_kwh / self.step_h,
            below_kwh / self.step_h,
        ]
        return _worst(kinds, xp)

    def _of_generators(self, power_kw: Any, last_kw: FloatArray, xp: Any) -> Any:
        sets = self.plant.generators
        # the first step of a window is held against the last power before it
        first = last_kw[..., None, :]
        earlier = power_kw[..., :-1, :]
        before_kw = xp.concatenate([first, earlier], axis=-2)
        change_kw = xp.abs(power_kw - before_kw)
        ramp_kw = sets.ramp_kw_per_h * self.step_h
        above_kw = power_kw - sets.p_max_kw
        below_kw = self.plant.generator_min_kw - power_kw
        too_fast_kw = change_kw - ramp_kw
        return _worst([above_kw, below_kw, too_fast_kw], xp)


def _worst(kinds: list[Any], xp: Any) -> Any:
    return reduce(xp.maximum, kinds)
