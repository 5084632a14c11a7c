"""The situations that a plant must pass at full power: the lowest load and the peak load.

Whoever injects is mostly worst at the lowest load, whoever takes power at the peak; both are judged, because regulators lift
voltages at peak load, and loading and unbalance need not be worst where voltages are. The feeder's own PV is what makes it worse:
in full sun beside a plant that injects, dark beside one that takes power. A battery must pass both.
"""

from __future__ import annotations

from dataclasses import dataclass

from tieline.studies.siting.config import SitingConfig

INJECTS = 1
TAKES = -1

DIRECTIONS = {
    "pv": (INJECTS,),
    "generator": (INJECTS,),
    "load": (TAKES,),
    "battery": (INJECTS, TAKES),
}


@dataclass(frozen=True)
class Situation:
    """One situation: `name` in tables; the feeder's load [% of nominal] and sun on its own PV [share]; `direction` of the plant's
    power, `INJECTS` or `TAKES`.
    """

    name: str
    load_pct: float
    sun: float
    direction: int

    @property
    def words(self) -> str:
        """The end of a sentence."""
        return f"at {self.name} ({self.load_pct:g} % of nominal)"


def situations(config: SitingConfig) -> tuple[Situation, ...]:
    """Those of a plant of the configured kind."""
    listed = []
    for direction in DIRECTIONS[config.kind]:
        mode = _mode(config, direction)
        sun = 1.0 if direction == INJECTS else 0.0
        light = Situation(f"light load{mode}", config.light_load_pct, sun, direction)
        peak = Situation(f"peak load{mode}", config.peak_load_pct, sun, direction)
        listed += [light, peak]
    return tuple(listed)


def _mode(config: SitingConfig, direction: int) -> str:
    """What a plant that works both ways does, behind the name of the load."""
    if config.kind != "battery":
        return ""
    if direction == INJECTS:
        return ", discharging"
    return ", charging"
