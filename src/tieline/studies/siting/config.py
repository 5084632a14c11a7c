"""What every study of a plant at a bus can be asked: the plant, the situations it must pass, the limits, how finely."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import ClassVar, Literal

from pydantic import Field

from tieline.settings.fields import Controls, controls_field
from tieline.settings.limit_fields import (
    FULL_RATING,
    AskedLimit,
    BrokenBeforeSettings,
    EveryLimitSettings,
)
from tieline.settings.limits import Limits
from tieline.studies.config import StudyConfig

Kind = Literal["pv", "generator", "load", "battery"]
"""A load may be charging of vehicles; a battery does both, it must pass charging and discharging."""


class SitingConfig(BrokenBeforeSettings, EveryLimitSettings, StudyConfig):
    """Fields that the studies of a plant at a bus share."""

    FOLLOWS_INVERTERS: ClassVar[bool] = True
    BEFORE: ClassVar[str] = "Without the plant"
    BESIDE_PROFILE: ClassVar[Limits] = FULL_RATING
    INSTEAD: ClassVar[Mapping[str, str]] = {
        "load_pct": "The load is light_load_pct and peak_load_pct, each by itself.",
        "ders": "The plant is that of kind.",
    }

    kind: Kind = Field(
        default="pv",
        description="What is to be connected: pv or generator, which inject; load, which takes power, as charging does; battery, "
        "which must pass both.",
    )
    power_factor: float = Field(
        default=1.0,
        ge=-1,
        le=1,
        description="Power factor of the plant: above 0 Q flows the way P does, below 0 against it (-0.95 absorbs while "
        "injecting).",
    )
    inverter: Literal["power-factor", "volt-var"] = Field(
        default="power-factor",
        description="Reactive power of the plant: at power-factor, or volt-var (IEEE 1547-2018 category B default).",
    )

    # FERC's small-generator screen of 15 % of peak is half of this share, the usual minimum load of a feeder (Order 792).
    light_load_pct: float = Field(
        default=30.0,
        ge=0,
        description="Load at its lowest [% of nominal].",
    )
    peak_load_pct: float = Field(
        default=100.0,
        ge=0,
        le=1000,
        description="Load at its highest [% of nominal].",
    )
    controls: Controls = controls_field()

    voltage_step_pct: AskedLimit = Field(
        default=None,
        description="Largest voltage step when the plant trips [% of nominal], or off; 3 above 1 kV and 5 below (IEEE 1547-2018, "
        "7.2.2) if not given.",
    )

    most_kw: float | None = Field(
        default=None,
        gt=0,
        description="Largest plant that is looked at [kW]; the peak load of the feeder if not given.",
    )
    resolution_pct: float = Field(
        default=1.0,
        ge=0.01,
        le=20,
        description="How finely the largest plant is located [% of it].",
    )

    def _problems(self) -> Iterator[str]:
        yield from super()._problems()
        if self.power_factor == 0:
            yield "power_factor (0) would be a plant without kW. Give a number from -1 to 1, but 0"
        step_pct = self.voltage_step_pct
        if isinstance(step_pct, float) and step_pct <= 0:
            yield f"voltage_step_pct ({step_pct:g}) must be above 0, or off"
        if self.light_load_pct > self.peak_load_pct:
            yield f"light_load_pct ({self.light_load_pct:g}) is above peak_load_pct ({self.peak_load_pct:g})"
