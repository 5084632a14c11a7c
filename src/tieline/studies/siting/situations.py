"""The situations that a plant must pass: lowest load under the highest sun, and peak load without sun, the plant at full power.

Whoever injects is worst at light load, whoever takes power at peak load; a study of the connection judges both, because limits
of loading and unbalance need not be worst where voltages are. A battery must pass each of them charging and discharging.
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
        light = Situation(f"light load{mode}", config.light_load_pct, 1.0, direction)
        peak = Situation(f"peak load{mode}", config.peak_load_pct, 0.0, direction)
        listed += [light, peak]
    return tuple(listed)


def _mode(config: SitingConfig, direction: int) -> str:
    """What a plant that works both ways does, behind the name of the load."""
    if config.kind != "battery":
        return ""
    if direction == INJECTS:
        return ", discharging"
    return ", charging"
