"""What can be asked of the voltage-control environment.

The problem is that of J. Wang, W. Xu, Y. Gu, W. Song, T. C. Green, "Multi-agent reinforcement learning for active voltage control
on power distribution networks", NeurIPS 2021: a 33-bus feeder, six PV inverters, reactive power as the action. There PV reaches
250 % of the peak load; 200 % is enough here for voltages above the band at noon in summer and below it on winter evenings. The
weights have no source: they are tieline's own assumption that limits come before losses. `outside_weight` is the power of ten at
which that holds for the default feeder: its optimum keeps the band in every step, where a weight of 10 lets it leave the band
whenever that saves losses (in up to a fifth of a day's steps).
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from tieline.envs.pool_fields import POOL_DAYS, POOL_SEED
from tieline.profiles.config import FIRST_DAY, LAST_DAY, ProfileConfig
from tieline.settings import Settings
from tieline.settings.fields import (
    LOAD_MODEL,
    LoadModelAsked,
    controls_field,
    feeder_field,
)

SEASONS = (date(2025, 3, 20), date(2025, 6, 21), date(2025, 9, 22), date(2025, 12, 21))
"""First days of the four seasons."""

StartDay = Annotated[date, Field(ge=FIRST_DAY, le=LAST_DAY)]


class VoltageControlEnvConfig(Settings):
    """Feeder, inverters, days, and what is weighed."""

    feeder: str = feeder_field()
    load_model: LoadModelAsked = LOAD_MODEL
    pv_at: tuple[str, ...] = Field(
        default=(),
        description='Place of each PV system, "bus" or "bus.phase"; the buses with the largest loads if none is given.',
    )
    pv_count: int = Field(
        default=6,
        ge=0,
        description="PV systems at the buses with the largest loads, if no place is given.",
    )
    penetration_pct: float = Field(
        default=200.0,
        gt=0,
        description="Rating of all added PV systems together, shared out evenly [% of the feeder's peak load].",
    )
    inverter_pct: float = Field(
        default=110.0,
        ge=100,
        description="Apparent power of an inverter [% of its PV rating]; at 110 it can give 44 % of it as reactive power at 90 % "
        "output, which IEEE 1547-2018 asks of category B.",
    )
    controls: Literal["feeder", "off"] = controls_field("feeder")
    profiles: ProfileConfig = Field(
        default=ProfileConfig(),
        description="Place, customers, sky, step; its days make an episode.",
    )
    starts: tuple[StartDay, ...] = Field(
        default=SEASONS,
        min_length=1,
        description="First local day of episodes, in turn; that of the profiles is not used.",
    )
    pool_days: int = POOL_DAYS
    pool_seed: int = POOL_SEED
    lowest_pu: float = Field(
        default=0.95,
        gt=0,
        description="Lower edge of the voltage band [pu]; ANSI C84.1 range A.",
    )
    highest_pu: float = Field(
        default=1.05,
        gt=0,
        description="Upper edge of the voltage band [pu]; ANSI C84.1 range A.",
    )
    loss_weight: float = Field(
        default=1.0,
        ge=0,
        description="Weight of the active loss of lines and transformers [per % of the peak load].",
    )
    outside_weight: float = Field(
        default=100.0,
        ge=0,
        description="Weight of the mean distance of voltages from the band [per % of nominal].",
    )
    reactive_weight: float = Field(
        default=0.0,
        ge=0,
        description="Weight of the mean reactive power of the inverters [per % of their rating].",
    )
    tap_weight: float = Field(
        default=0.0,
        ge=0,
        description="Weight of the tap steps that regulators move [per step].",
    )

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.lowest_pu >= self.highest_pu:
            raise ValueError(
                f"lowest_pu ({self.lowest_pu:g}) is not below highest_pu ({self.highest_pu:g})"
            )
        if (
            not self.loss_weight
            + self.outside_weight
            + self.reactive_weight
            + self.tap_weight
            > 0
        ):
            raise ValueError(
                "all weights are 0: nothing would be weighed. Raise one, such as outside_weight"
            )
        return self
