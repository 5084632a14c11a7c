"""What DERs may inject: their ratings, narrowed by the limits that the feeder states for them.

A PV system injects up to its panels, or to what the sun gives if that is less; a storage its power each way; a generator its
kVA. A stated limit takes the place of the rating in P, and bounds Q beside the apparent power. A DER that may not be controlled
keeps the set-points of the snapshot, as far as the sun allows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tieline.devices import Batteries, PvInverters
from tieline.feeders.elements import Der, Generator, Storage
from tieline.feeders.feeder import Feeder
from tieline.typing import BoolArray, FloatArray


@dataclass(frozen=True, eq=False)
class DerLimits:
    """Box of each DER's injection [kW, kvar] and its apparent power [kVA], each (der,)."""

    p_min_kw: FloatArray
    p_max_kw: FloatArray
    q_min_kvar: FloatArray
    q_max_kvar: FloatArray
    kva: FloatArray


def limit_ders(
    feeder: Feeder, batteries: Batteries | None = None, sun: float = 1.0
) -> DerLimits:
    """Limits of a feeder's DERs.

    Args:
        feeder: PV, storage and generators in this order.
        batteries: ratings of the storages; those of the feeder if left out.
        sun: sunlight on the PV as a share of rated.
    """
    inverters = PvInverters.of(feeder.pvs)
    units = batteries or Batteries.of(feeder.storages)
    generator_kva = np.array(
        [unit.rated_kva for unit in feeder.generators], dtype=float
    )
    available_kw = inverters.available_kw(sun)
    pv_low = np.zeros(len(available_kw))
    generator_low = np.zeros(len(generator_kva))
    rated_low = np.concatenate([pv_low, -units.charge_max_kw, generator_low])
    rated_high = np.concatenate([available_kw, units.discharge_max_kw, generator_kva])
    kva = np.concatenate([inverters.kva, units.kva, generator_kva])
    limits = _stated(feeder.ders, rated_low, rated_high, kva)
    is_fixed = np.array([not der.controllable for der in feeder.ders], dtype=bool)
    limits = _hold_set_points(feeder.ders, limits, is_fixed)
    # Last, since the sun bounds a stated limit and a set-point of the snapshot alike.
    return _under_the_sun(limits, available_kw)


def _stated(
    ders: Sequence[Der], rated_low: FloatArray, rated_high: FloatArray, kva: FloatArray
) -> DerLimits:
    """The limits that the feeder states, and ratings where it states none."""
    return DerLimits(
        p_min_kw=_or_rated([der.p_low_limit_kw for der in ders], rated_low),
        p_max_kw=_or_rated([der.p_high_limit_kw for der in ders], rated_high),
        q_min_kvar=_or_rated([_q_low(der) for der in ders], -kva),
        q_max_kvar=_or_rated([_q_high(der) for der in ders], kva),
        kva=kva,
    )


def _q_low(der: Der) -> float | None:
    """The least Q that a DER may inject; one that holds a voltage has no more for an optimum than it has for holding."""
    if der.q_low_limit_kvar is None and isinstance(der, Generator):
        return der.held_q_low_kvar
    return der.q_low_limit_kvar


def _q_high(der: Der) -> float | None:
    if der.q_high_limit_kvar is None and isinstance(der, Generator):
        return der.held_q_high_kvar
    return der.q_high_limit_kvar


def _or_rated(stated: Sequence[float | None], rated: FloatArray) -> FloatArray:
    limits = rated.copy()
    for k, limit in enumerate(stated):
        if limit is not None:
            limits[k] = limit
    return limits


def _hold_set_points(
    ders: Sequence[Der], limits: DerLimits, is_fixed: BoolArray
) -> DerLimits:
    """The set-points of the snapshot in place of the limits of DERs that may not be controlled."""
    p_kw = np.array([_injection_kw(der) for der in ders], dtype=float)
    q_kvar = np.array([der.q_kvar for der in ders], dtype=float)
    # A set-point above the rating is a fact of the snapshot: the circle gives way, or nothing would be feasible.
    kva = np.maximum(limits.kva, np.hypot(p_kw, q_kvar))
    return DerLimits(
        p_min_kw=np.where(is_fixed, p_kw, limits.p_min_kw),
        p_max_kw=np.where(is_fixed, p_kw, limits.p_max_kw),
        q_min_kvar=np.where(is_fixed, q_kvar, limits.q_min_kvar),
        q_max_kvar=np.where(is_fixed, q_kvar, limits.q_max_kvar),
        kva=np.where(is_fixed, kva, limits.kva),
    )


def _injection_kw(der: Der) -> float:
    if isinstance(der, Storage):
        return der.p_discharge_kw - der.p_charge_kw
    return der.p_kw


def _under_the_sun(limits: DerLimits, available_kw: FloatArray) -> DerLimits:
    """No PV system, which come first, injects more than the sun gives; a lowest injection gives way."""
    sunny = np.full(len(limits.kva), np.inf)
    sunny[: len(available_kw)] = available_kw
    return DerLimits(
        p_min_kw=np.minimum(limits.p_min_kw, sunny),
        p_max_kw=np.minimum(limits.p_max_kw, sunny),
        q_min_kvar=limits.q_min_kvar,
        q_max_kvar=limits.q_max_kvar,
        kva=limits.kva,
    )
