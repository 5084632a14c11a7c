"""The ways in which the same draws are solved: as configured, and with one thing changed each (the what-ifs).

The thesis (ch. 3.1) names what moves the hosting capacity: reactive power of the inverters, the load, voltage regulation, and the
Thevenin impedance, which is that of the lines and of the grid at the head.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from tieline.feeders import Feeder
from tieline.settings.fields import Controls, Inverter
from tieline.studies.hosting_capacity.config import HostingCapacityConfig
from tieline.studies.hosting_capacity.world.strengthened import (
    has_source_impedance,
    with_circuits,
    with_source_divided,
)

LESS_LOAD = 0.5
MORE_LOAD = 1.5
"""Load of the two what-ifs, relative to the configured one: tieline's own choice, wide enough to show which way it goes."""


CIRCUITS = 2
"""By how much lines and source are stronger in the two what-ifs on impedance: a second circuit beside each line, and a grid
behind the feeder as if it came twice; tieline's own choice too."""


@dataclass(frozen=True)
class Variant:
    """One way to solve: `key` in metrics and tables, `text` for readers; `load_factor` multiplies every load, `line_circuits`
    stand in place of each line, `source_divisor` divides the impedance of the source.
    """

    key: str
    text: str
    inverter: Inverter
    controls: Controls
    load_factor: float = 1.0
    line_circuits: float = 1.0
    source_divisor: float = 1.0

    def feeder(self, feeder: Feeder) -> Feeder:
        """The feeder that is solved; the very same if the variant changes nothing of it."""
        if self.line_circuits != 1:
            feeder = with_circuits(feeder, self.line_circuits)
        if self.source_divisor != 1:
            feeder = with_source_divided(feeder, self.source_divisor)
        return feeder


def variants(config: HostingCapacityConfig, feeder: Feeder) -> tuple[Variant, ...]:
    """The configured variant, then the what-ifs that differ from it."""
    base = Variant("base", "as configured", config.inverter, config.controls)
    if config.what_if == "off":
        return (base,)
    what_ifs = [
        *_inverters(config, base),
        *_controls(feeder, base),
        *_loads(config, base),
        *_impedances(feeder, base),
    ]
    # one that is configured already would repeat every power flow and gain nothing
    different = [
        one for one in what_ifs if replace(one, key=base.key, text=base.text) != base
    ]
    return (base, *different)


def _inverters(config: HostingCapacityConfig, base: Variant) -> list[Variant]:
    absorbing = f"PV absorbing, power factor {config.power_factor:g}"
    return [
        replace(base, key="unity", text="PV at unity", inverter="unity"),
        replace(base, key="power-factor", text=absorbing, inverter="power-factor"),
        replace(base, key="volt-var", text="PV with volt-var", inverter="volt-var"),
    ]


def _controls(feeder: Feeder, base: Variant) -> list[Variant]:
    if not feeder.regulators and not feeder.capacitor_controls:
        return []
    acting = replace(
        base,
        key="controls-acting",
        text="regulators and capacitors act",
        controls="feeder",
    )
    locked = replace(
        base,
        key="controls-locked",
        text="regulators and capacitors locked",
        controls="hold",
    )
    if base.controls == "feeder":
        return [locked]
    return [acting]


def _loads(config: HostingCapacityConfig, base: Variant) -> list[Variant]:
    if config.time == "snapshot" and config.light_load_pct == 0:
        return []
    return [
        replace(
            base, key="less-load", text=f"load x {LESS_LOAD:g}", load_factor=LESS_LOAD
        ),
        replace(
            base, key="more-load", text=f"load x {MORE_LOAD:g}", load_factor=MORE_LOAD
        ),
    ]


def _impedances(feeder: Feeder, base: Variant) -> list[Variant]:
    stronger = []
    if len(feeder.lines) > len(feeder.switches):
        stronger.append(
            replace(
                base,
                key="stronger-lines",
                text="a second circuit beside each line",
                line_circuits=CIRCUITS,
            )
        )
    # an ideal source has no impedance to be halved
    if has_source_impedance(feeder):
        stronger.append(
            replace(
                base,
                key="stronger-source",
                text="half the impedance of the source",
                source_divisor=CIRCUITS,
            )
        )
    return stronger
