"""Configuration of networked microgrids: the feeder, its microgrids, fuel, prices, the day. Task and study ask it alike.

Sizes of generators, PV and batteries are the feeder's. What has no source is tieline's own: the article that asks the question
(Q. Zhang, K. Dehghanpour, Z. Wang, F. Qiu, D. Zhao, Multi-agent safe policy learning for power management of networked
microgrids, IEEE Trans. Smart Grid 12(2), 2021) prints neither sizes, prices nor profiles. They were chosen so that the optimum of
the day keeps all limits and the limits bind.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar, Literal

from pydantic import Field

from tieline.comma_lists import Texts
from tieline.envs.pool_fields import POOL_DAYS, POOL_SEED
from tieline.profiles.config import TariffPeriod
from tieline.settings import Settings
from tieline.settings.currency import CURRENCY, Currency
from tieline.settings.fields import (
    LOAD_MODEL,
    LoadModelAsked,
    controls_field,
    feeder_field,
)
from tieline.settings.limit_fields import (
    FULL_RATING,
    HIGHEST_PU,
    LINE_PCT,
    LOWEST_PU,
    TRANSFORMER_PCT,
    AskedLimit,
    LimitSettings,
    limits_field,
)
from tieline.settings.limits import LimitProfile, Limits
from tieline.settings.step_minutes import STEP_MINUTES, StepMinutes

MINUTES_A_DAY = 24 * 60


class Bump(Settings):
    """A rise and fall of load around an hour: height x exp(-(h - hour)^2 / (2 width^2)), around midnight too."""

    height: float = Field(default=1.0, gt=0, description="Height beside other bumps.")
    hour: float = Field(ge=0, lt=24, description="Local hour of the highest [h].")
    width_h: float = Field(gt=0, le=24, description="Standard deviation [h].")


class LoadShape(Settings):
    """Load of a microgrid over the day: bumps, brought to a range."""

    low_share: float = Field(
        ge=0, le=1, description="Lowest load of the day, of the nominal load [share]."
    )
    bumps: tuple[Bump, ...] = Field(
        min_length=1,
        description="Their sum, scaled: its least is the lowest load, its highest the nominal one.",
    )


def _shape(low_share: float, *bumps: tuple[float, float, float]) -> LoadShape:
    keys = ("height", "hour", "width_h")
    models = [Bump(**dict(zip(keys, bump, strict=True))) for bump in bumps]
    return LoadShape(low_share=low_share, bumps=tuple(models))


LOAD_SHAPES = (
    _shape(150 / 330, (0.25, 8, 2), (1.0, 19, 2.5)),
    _shape(150 / 350, (1.0, 13, 4)),
    _shape(150 / 300, (0.6, 10, 2), (0.9, 20, 2)),
    _shape(330 / 400, (0.2, 14, 5), (0.2, 20, 3)),
    _shape(150 / 320, (1.0, 21, 3), (0.4, 7, 1.5)),
)
"""Homes, offices, shops, a works, homes that wake early; 150 to 400 kW at the nominal loads of `ieee33-microgrids`."""

TARIFF = (
    TariffPeriod(from_hour=16, to_hour=21, price_per_mwh=160),
    TariffPeriod(from_hour=7, to_hour=23, price_per_mwh=100),
)
"""Peak and shoulder; the base price holds off-peak. Fuel costs 68 to 111 a MWh at the margin: off-peak is below, peak above."""


class MicrogridsWorldConfig(LimitSettings):
    """Feeder, microgrids, limits, money and days."""

    JUDGED: ClassVar[tuple[str, ...]] = (
        "highest_pu",
        "lowest_pu",
        "line_pct",
        "transformer_pct",
    )
    NEEDED: ClassVar[tuple[str, ...]] = ("highest_pu", "lowest_pu")
    BESIDE_PROFILE: ClassVar[Limits] = FULL_RATING

    feeder: str = feeder_field("ieee33-microgrids")
    load_model: LoadModelAsked = LOAD_MODEL
    pccs: Texts | None = Field(
        default=None,
        description="Transformers or lines behind which a microgrid lies; left out, those called NAME_pcc.",
    )
    limits: LimitProfile = limits_field("ansi-a")
    highest_pu: AskedLimit = HIGHEST_PU
    lowest_pu: AskedLimit = LOWEST_PU
    line_pct: AskedLimit = LINE_PCT
    transformer_pct: AskedLimit = TRANSFORMER_PCT
    controls: Literal["hold", "off"] = controls_field()

    step_minutes: StepMinutes = STEP_MINUTES
    window_steps: int = Field(
        default=4, ge=1, le=96, description="Steps that a decision looks ahead."
    )
    tariff: tuple[TariffPeriod, ...] = Field(
        default=TARIFF, description="Periods with a price; the first that fits holds."
    )
    tariff_base_per_mwh: float = Field(
        default=60.0, description="Price outside the periods [currency/MWh]."
    )
    stored_value: float = Field(
        default=0.10,
        ge=0,
        description="Value of what is stored at the end of a window [currency/kWh]; without one every battery is emptied.",
    )
    stored_high_share: float = Field(
        default=0.9,
        gt=0,
        le=1,
        description="Highest stored energy [share of full]; the lowest is the feeder's.",
    )
    stored_start_share: float = Field(
        default=0.5,
        ge=0,
        le=1,
        description="Stored energy at the start [share of full].",
    )

    fuel_a: float = Field(
        default=0.0001773, ge=0, description="Fuel by power squared [L/(kW^2 h)]."
    )
    fuel_b: float = Field(default=0.1709, ge=0, description="Fuel by power [L/kWh].")
    fuel_c: float = Field(
        default=14.67, ge=0, description="No-load fuel of a generator that runs [L/h]."
    )
    fuel_price: float = Field(
        default=0.40, ge=0, description="Price of fuel [currency/L]."
    )
    ramp_kw_per_h: float = Field(
        default=600.0, gt=0, description="Fastest change of a generator [kW/h]."
    )
    last_kw: float = Field(
        default=220.0, ge=0, description="Power of each generator before the day [kW]."
    )

    load_shapes: tuple[LoadShape, ...] = Field(
        default=LOAD_SHAPES,
        min_length=1,
        description="Load of each microgrid over the day, in turn (configuration file only).",
    )
    load_noise: float = Field(
        default=0.04,
        ge=0,
        le=1,
        description="Spread of a drawn day's loads around their shape, cut at twice as much [share].",
    )
    cloudiness: Literal["clear", "fair", "mixed", "overcast"] = Field(
        default="mixed", description="Sky of drawn days."
    )

    def _problems(self) -> Iterator[str]:
        yield from super()._problems()
        if self.window_steps * self.step_minutes > MINUTES_A_DAY:
            yield (
                f"window_steps ({self.window_steps}) of {self.step_minutes} min look beyond a day, the longest that is known; "
                f"take at most {MINUTES_A_DAY // self.step_minutes}"
            )

    @property
    def step_h(self) -> float:
        """Length of a step [h]."""
        return self.step_minutes / 60


class MicrogridsEnvConfig(MicrogridsWorldConfig):
    """What can be asked of the task."""

    pool_days: int = POOL_DAYS
    pool_seed: int = POOL_SEED
    currency: Currency = CURRENCY
