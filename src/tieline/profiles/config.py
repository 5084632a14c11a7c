"""What can be asked of profiles and forecasts. This file imports nothing heavy: command lines read it to print help.

Where a default has no source it is tieline's own planning assumption, to be replaced by what the user knows of the place.
"""

from __future__ import annotations

from datetime import date
from typing import Any, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import Field, ValidationError, field_validator, model_validator

from tieline.settings import Settings
from tieline.settings.step_minutes import STEP_MINUTES, StepMinutes
from tieline.wording import explain

CustomerKind = Literal["residential", "commercial", "industrial"]
Cloudiness = Literal["clear", "fair", "mixed", "overcast"]
ShapesAsked = Literal["feeder", "drawn"]

FIRST_DAY = date(1700, 1, 1)
LAST_DAY = date(2200, 1, 1)
"""Days of profiles: instants in nanoseconds, as pandas counts them, reach from 1677 to 2262."""


class TariffPeriod(Settings):
    """Hours of the day with one price."""

    from_hour: float = Field(
        ge=0, lt=24, description="Local hour at which the period begins [h]."
    )
    to_hour: float = Field(
        gt=0,
        le=24,
        description="Local hour at which it ends [h]; may be past midnight (22 to 6).",
    )
    price_per_mwh: float = Field(description="Price in the period [currency/MWh].")
    days: Literal["all", "weekdays", "weekends"] = Field(
        default="all", description="Days on which the period holds."
    )


TIME_OF_USE = (
    TariffPeriod(from_hour=7, to_hour=11, price_per_mwh=110, days="weekdays"),
    TariffPeriod(from_hour=11, to_hour=17, price_per_mwh=85, days="weekdays"),
    TariffPeriod(from_hour=17, to_hour=21, price_per_mwh=160, days="weekdays"),
)
"""tieline's own planning assumption: a morning shoulder, a day price and an evening peak on weekdays."""


class ProfileConfig(Settings):
    """Days, place, customers, sky and prices of the scenarios."""

    shapes: ShapesAsked = Field(
        default="feeder",
        description="Load and sun over time: by the load shapes of the feeder where it has any, or drawn.",
    )

    start: date = Field(
        default=date(2025, 6, 21),
        ge=FIRST_DAY,
        le=LAST_DAY,
        description="First local day (ISO date).",
    )
    days: int = Field(default=1, ge=1, le=3660, description="Number of local days.")
    step_minutes: StepMinutes = STEP_MINUTES
    time_zone: str = Field(
        default="America/Edmonton", description="Time zone of the place (IANA name)."
    )
    latitude: float = Field(
        default=53.55, ge=-90, le=90, description="Latitude, north positive [deg]."
    )
    longitude: float = Field(
        default=-113.49, ge=-180, le=180, description="Longitude, east positive [deg]."
    )
    altitude_m: float = Field(
        default=670.0, ge=-430, le=8850, description="Height above the sea [m]."
    )

    customers: Literal["by-size", "residential", "commercial", "industrial"] = Field(
        default="by-size",
        description="Kind of customer behind every load, or by its nominal power.",
    )
    residential_up_to_kw: float = Field(
        default=100.0,
        ge=0,
        description="Largest nominal load of homes, if by size [kW].",
    )
    commercial_up_to_kw: float = Field(
        default=500.0,
        ge=0,
        description="Largest nominal load of businesses, if by size [kW].",
    )
    customer_of_load: dict[str, CustomerKind] = Field(
        default_factory=dict,
        description="Kind of customer by load name, before all other rules (configuration file only).",
    )
    household_peak_kw: float | None = Field(
        default=None,
        gt=0,
        description="After-diversity peak of one home, sets how many stand behind a load [kW]; the model's own if not given.",
    )
    weather_spread: float = Field(
        default=0.05,
        ge=0,
        le=1,
        description="Spread of all loads together from day to day, weather and habit [share].",
    )

    cloudiness: Cloudiness = Field(default="mixed", description="Kind of sky.")
    linke_turbidity: float = Field(
        default=3.0,
        ge=1,
        le=10,
        description="Linke turbidity: 2 very clear, 3 clean warm air, 5 hazy town.",
    )
    pv_tilt_deg: float = Field(
        default=30.0, ge=0, le=90, description="Tilt of the panels, 0 flat [deg]."
    )
    pv_azimuth_deg: float | None = Field(
        default=None,
        ge=0,
        lt=360,
        description="Direction they face, 180 south [deg]; towards the equator if not given.",
    )
    dc_ac_ratio: float = Field(
        default=1.2, gt=0, le=5, description="Panel rating per inverter rating."
    )
    air_c: float | None = Field(
        default=None,
        ge=-60,
        le=60,
        description="Air temperature in daylight [C]; cells stay at 25 C if not given.",
    )

    price: Literal["pool", "time-of-use"] = Field(
        default="pool", description="Market pool with spikes, or a tariff."
    )
    pool_mean_per_mwh: float = Field(
        default=57.0,
        gt=0,
        description="Mean pool price with its spikes, over many weeks [currency/MWh].",
    )
    pool_floor_per_mwh: float = Field(
        default=0.0, description="Lowest pool price [currency/MWh]."
    )
    pool_cap_per_mwh: float = Field(
        default=999.99, gt=0, description="Highest pool price [currency/MWh]."
    )
    pool_spikes_per_day: float = Field(
        default=0.35, ge=0, le=24, description="Mean number of spikes per day."
    )
    tariff: tuple[TariffPeriod, ...] = Field(
        default=TIME_OF_USE,
        description="Periods of the tariff; the first that fits holds (configuration file only).",
    )
    tariff_base_per_mwh: float = Field(
        default=60.0, description="Price outside the tariff's periods [currency/MWh]."
    )

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (KeyError, ValueError, OSError):
            raise ValueError(
                f"time zone '{name}' is not known; give an IANA name such as 'Europe/Berlin' or 'UTC'"
            ) from None
        return name

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.residential_up_to_kw > self.commercial_up_to_kw:
            raise ValueError(
                f"residential_up_to_kw ({self.residential_up_to_kw:g}) is above commercial_up_to_kw "
                f"({self.commercial_up_to_kw:g})"
            )
        if self.pool_floor_per_mwh > self.pool_cap_per_mwh:
            raise ValueError(
                f"pool_floor_per_mwh ({self.pool_floor_per_mwh:g}) is above its cap ({self.pool_cap_per_mwh:g})"
            )
        return self

    def with_flags(self, **flags: Any) -> Self:
        """A copy with the fields that flags give; None leaves a field as it is.

        Raises:
            ValueError: if the whole does not fit together, in the words of the checks.
        """
        changes = {name: value for name, value in flags.items() if value is not None}
        values = self.model_dump() | changes
        try:
            # made anew, since `model_copy` would check nothing
            return type(self)(**values)
        except ValidationError as error:
            raise ValueError(" ".join(explain(error, type(self)))) from None


class ForecastConfig(Settings):
    """How far ahead a forecast looks, and how wrong it gets.

    A spread is the standard deviation of the logarithm of forecast / actual that the error reaches far ahead; all spreads and
    `sun_shortfall` at 0 is a perfect forecast.
    """

    horizon_steps: int = Field(
        default=24, ge=1, le=10_000, description="Steps ahead, beside the present one."
    )
    load_spread: float = Field(
        default=0.10, ge=0, le=2, description="Error of each load far ahead [share]."
    )
    load_together: float = Field(
        default=0.5,
        ge=0,
        le=1,
        description="Share of the variance of the load errors that all loads have in common.",
    )
    sun_spread: float = Field(
        default=0.25, ge=0, le=2, description="Error of the sun far ahead [share]."
    )
    price_spread: float = Field(
        default=0.30, ge=0, le=2, description="Error of the price far ahead [share]."
    )
    memory_h: float = Field(
        default=6.0,
        gt=0,
        le=1000,
        description="Memory of the errors; this far ahead they have 93 % of their final spread [h].",
    )
    sun_shortfall: float = Field(
        default=0.0,
        gt=-10,
        lt=1,
        description="Share by which the sun stays under its forecast; below 0 it comes out above.",
    )
