"""What the DERs that a feeder has of its own do over time, where no study decides it.

    PV            P = sun x what it gives in full sun; Q follows P at the power factor of the snapshot, as far as the kVA have
                  room beside P
    storage       idle: nobody can hold a snapshot's power for hours, and no schedule is known; it takes its idling loss
    generators    as in the snapshot

A PV system that stands still in the snapshot has no power factor there; its Q stays as it is.
"""

from __future__ import annotations

import numpy as np

from tieline.devices import PvInverters
from tieline.feeders import Feeder
from tieline.typing import FloatArray

BRIGHTEST = 1.5
"""PV output per rating: at the edges of clouds the sun reaches half as much again as under a clear sky."""


def ders_over_time(feeder: Feeder, sun_pu: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Injection of every DER at every step.

    Args:
        feeder: gives ratings and snapshot.
        sun_pu: PV output per rating, (step,).

    Returns:
        P and Q, (step, der) each [kW, kvar], in the order of `feeder.ders`.
    """
    n_steps = len(sun_pu)
    pv_kw, pv_kvar = _pv(feeder, sun_pu)
    idling_kw = _at_every_step([unit.idling_kw for unit in feeder.storages], n_steps)
    idle_kvar = np.zeros_like(idling_kw)
    generator_kw = _at_every_step([unit.p_kw for unit in feeder.generators], n_steps)
    generator_kvar = _at_every_step(
        [unit.q_kvar for unit in feeder.generators], n_steps
    )
    p_kw = np.hstack([pv_kw, -idling_kw, generator_kw])
    q_kvar = np.hstack([pv_kvar, idle_kvar, generator_kvar])
    return p_kw, q_kvar


def _at_every_step(values: list[float], n_steps: int) -> FloatArray:
    """The same values in each step, (step, value)."""
    return np.tile(values, (n_steps, 1))


def _pv(feeder: Feeder, sun_pu: FloatArray) -> tuple[FloatArray, FloatArray]:
    """P and Q of the PV systems under the sun, (step, pv) each."""
    inverters = PvInverters.of(feeder.pvs)
    snapshot_kw = np.array([pv.p_kw for pv in feeder.pvs], dtype=float)
    snapshot_kvar = np.array([pv.q_kvar for pv in feeder.pvs], dtype=float)
    p_kw = sun_pu[:, None] * inverters.available_kw(1.0)
    # One that stands still in the snapshot has no power factor there: its Q stays as it is.
    ones = np.ones_like(p_kw)
    share = np.divide(p_kw, snapshot_kw, out=ones, where=snapshot_kw > 0)
    room_kvar = inverters.q_limit_kvar(p_kw)
    q_kvar = np.clip(share * snapshot_kvar, -room_kvar, room_kvar)
    return p_kw, q_kvar


def tell_bright_sun(sun_pu: FloatArray) -> list[str]:
    """A doubt about a table whose PV output lies beyond what any sun gives."""
    highest = float(sun_pu.max(initial=0.0))
    if highest <= BRIGHTEST:
        return []
    return [
        f"PV gives up to {highest:.4g} times its rating. Shares of the rating are asked for, 1 is full output: is the sun in "
        "other units, such as W/m2?"
    ]


def tell_own_ders(feeder: Feeder) -> str:
    """What the feeder's own DERs do over time, in one sentence; empty if it has none."""
    kinds = (
        (feeder.pvs, "PV follows the sun at the power factor of its snapshot"),
        (feeder.storages, "storages are idle"),
        (feeder.generators, "generators stay as stated"),
    )
    parts = [words for units, words in kinds if units]
    if not parts:
        return ""
    return f"DERs that the feeder has of its own: {', '.join(parts)}."
