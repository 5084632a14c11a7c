"""What the shifted splits of both forms change of the days that judge: load, panels or limits."""

from __future__ import annotations

from dataclasses import dataclass

from tieline.envs.ders.definition import Definition

LOAD_FACTOR = {"load-stress": 1.15}
PV_FACTOR = {"pv-penetration": 2.0}
BAND_PU = {"voltage-tightening": (0.96, 1.04)}


@dataclass(frozen=True)
class Shift:
    """What a split plays with: factors of all loads and of the panels, and the limits of every voltage [pu]."""

    load_factor: float
    pv_factor: float
    band_pu: tuple[float, float]


def shift_of(split: str, definition: Definition) -> Shift:
    """The shift of a split; of one that shifts nothing, what is defined."""
    defined_pu = (definition.lowest_pu, definition.highest_pu)
    return Shift(
        LOAD_FACTOR.get(split, 1.0),
        PV_FACTOR.get(split, 1.0),
        BAND_PU.get(split, defined_pu),
    )
