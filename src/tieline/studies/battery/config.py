"""What a battery run can be asked. Defaults are the published 33-bus case: M. Al-Saffar, PhD thesis, University of Alberta,
section 4.4.2, where it gives a number.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import ClassVar, Literal

from pydantic import Field

from tieline.comma_lists import split_commas
from tieline.profiles.config import ForecastConfig, ProfileConfig
from tieline.profiles.flags import ProfileFlags
from tieline.settings.currency import CURRENCY, Currency
from tieline.settings.fields import controls_field
from tieline.settings.limit_fields import (
    HIGHEST_PU,
    AskedLimit,
    LimitSettings,
    limits_field,
)
from tieline.settings.limits import LimitProfile
from tieline.studies.config import StudyConfig

Drawn = Literal["drawn"]
Thevenin = Literal["thevenin"]
BoundMethod = Literal["auto", "lp", "socp", "off"]
Plan = Literal["expected", "chance-constrained"]
AUTO_UP_TO = 200
"""Batteries up to which the central optimum of a day takes seconds."""

LONGEST_H = 366 * 24
"""Hours of the longest run: nothing lies further ahead."""

CLEAR_DAY = ProfileConfig(customers="residential", cloudiness="clear")
"""Homes under a clear sky, as in the published case."""


class BatteryConfig(ProfileFlags, LimitSettings, StudyConfig):
    """Cooperative battery control: batteries of assisting buses lend capacity to a region whose voltages are too high.

    Controls that hold stay where they rest under the highest sun.
    """

    INPUT_TABLES: ClassVar[tuple[str, ...]] = ("load_table", "sun_table", "price_table")

    JUDGED: ClassVar[tuple[str, ...]] = ("highest_pu",)
    NEEDED: ClassVar[tuple[str, ...]] = ("highest_pu",)
    # 4.4.2: the 33-bus feeder is small, so a lower threshold than the usual 1.05 pu is looked at
    PUBLISHED: ClassVar[Mapping[str, LimitProfile]] = {"ieee33": "high-voltage-tight"}
    INSTEAD: ClassVar[Mapping[str, str]] = {
        "reverse_kw": "The reverse power of each bus is limited by reverse_limit_kw.",
        "load_pct": "The load of the day is light_load_pct and peak_load_pct.",
        "ders": "Batteries and PV stand beside every load: battery_pct, pv_pct.",
    }

    scenarios: int = Field(
        default=1,
        ge=1,
        le=10_000,
        description="Days drawn; metrics are means over them, voltages the highest.",
    )
    pv_pct: float = Field(
        default=90.0,
        ge=0,
        le=1000,
        description="PV beside every load, peak power [% of its nominal load].",
    )
    light_load_pct: float | Drawn = Field(
        default=5.0,
        description="Load while the sun is highest [% of nominal]; 'drawn' leaves the loads as they are drawn.",
    )
    peak_load_pct: float = Field(
        default=100.0,
        gt=0,
        le=1000,
        description="Highest load of the day, if not drawn [% of nominal].",
    )
    reactive_pct: float = Field(
        default=0.0,
        ge=0,
        le=1000,
        description="Reactive load [% of what goes with the active load].",
    )

    battery_pct: float = Field(
        default=20.0,
        ge=0,
        le=1000,
        description="Battery beside every load, rated power [% of its nominal load]; 0: the feeder's own only.",
    )
    battery_hours: float = Field(
        default=2.0,
        gt=0,
        lt=1000,
        description="Energy of such a battery [h at rated power].",
    )
    efficiency_pct: float = Field(
        default=95.0,
        gt=0,
        le=100,
        description="Efficiency of such a battery each way [%].",
    )
    soc_min_pct: float = Field(
        default=20.0, ge=0, le=100, description="Lowest state of charge [%]."
    )
    soc_max_pct: float = Field(
        default=90.0,
        ge=0,
        le=100,
        description="Highest state of charge, also of the feeder's own batteries [%].",
    )
    initial_soc_pct: float = Field(
        default=20.0,
        ge=0,
        le=100,
        description="State of charge at the start, and at least at the end of the day [%].",
    )

    limits: LimitProfile = limits_field()
    highest_pu: AskedLimit = HIGHEST_PU
    margin_pu: float = Field(
        default=0.0,
        ge=0,
        lt=1,
        description="How far below the highest voltage cooperation plans, against what it does not know [pu].",
    )
    reverse_limit_kw: float | Thevenin = Field(
        default=0.0,
        description="Highest reverse power of a bus, theta [kW]; 'thevenin': what lifts the bus to the limit by itself.",
    )
    # the thesis' 10 % are a share of the bus' full load (eq. 4.27), half of a battery of 20 % of it
    alpha_a_pct: float = Field(
        default=50.0,
        ge=0,
        le=100,
        description="Part of its battery, power and energy, that an assisting bus lends [%].",
    )
    kappa: float = Field(
        default=1.215,
        ge=0,
        le=1e20,
        description="Capacity that one kW of path loss outweighs in the ranking [kW per kW].",
    )
    episodes: int = Field(
        default=600, ge=1, le=1_000_000, description="Episodes of the tree search."
    )
    horizon_h: float = Field(
        default=24.0,
        gt=0,
        le=LONGEST_H,
        description="How far ahead batteries plan [h].",
    )
    bound: BoundMethod = Field(
        default="auto",
        description="Central optimum beside the cases: linear or cone program, none, or auto: up to 200 batteries, the cone "
        "program on radial single-phase equivalents, the linear one elsewhere and where the cone program is not exact.",
    )
    sweep_hours: str | None = Field(
        default=None,
        description="Also play these battery energies, separated by commas, without the bound [h at rated power].",
    )
    controls: Literal["hold", "off"] = controls_field()

    start: date | None = Field(default=None, description="The day (ISO date).")
    days: int | None = Field(
        default=None, ge=1, le=366, description="Number of days in a row."
    )
    step_minutes: int | None = Field(
        default=None,
        ge=1,
        le=60,
        description="Length of a step [min]; divides an hour.",
    )
    load_table: str | None = Field(
        default=None,
        description="CSV or Parquet file with loads as shares of nominal, taken as they are, or a SimBench grid.",
    )
    sun_table: str | None = Field(
        default=None,
        description="File with one column of PV output per rating, or a SimBench grid.",
    )
    price_table: str | None = Field(
        default=None, description="File with one column of prices [currency/MWh]."
    )
    currency: Currency = CURRENCY
    forecast: Literal["perfect", "drawn"] = Field(
        default="perfect",
        description="What is known of the rest of the day: all, or a forecast with errors that grow ahead.",
    )
    plan: Plan = Field(
        default="expected",
        description="What loans are planned for on a drawn forecast: the day as expected, or chance-constrained, a day with more "
        "surplus, so that voltages pass the limit with the accepted risk only.",
    )
    # half of all forecasts are too low: a risk of 50 % plans for less than is expected
    risk_pct: float = Field(
        default=5.0,
        gt=0,
        lt=50,
        description="Accepted risk of a chance-constrained plan: chance that the sun of a step comes out above what is planned "
        "for, and a load below [%].",
    )
    coordinate_every_h: float = Field(
        default=1.0,
        gt=0,
        le=LONGEST_H,
        description="How often loans are decided anew on a drawn forecast [h].",
    )
    forecasts: ForecastConfig = Field(
        default=ForecastConfig(),
        description="How wrong a drawn forecast is (configuration file only); it sees the whole day.",
    )
    profiles: ProfileConfig = Field(
        default=CLEAR_DAY,
        description="Place, customers, sky and prices (configuration file only).",
    )

    def _problems(self) -> Iterator[str]:
        yield from super()._problems()
        low, high = self.soc_min_pct, self.soc_max_pct
        if low >= high:
            yield f"soc_min_pct ({low:g}) is not below soc_max_pct ({high:g}): a battery could store nothing"
        elif not low <= self.initial_soc_pct <= high:
            yield f"initial_soc_pct ({self.initial_soc_pct:g}) is outside soc_min_pct to soc_max_pct ({low:g} to {high:g})"
        light = self.light_load_pct
        peak = self.peak_load_pct
        if not isinstance(light, str) and not 0 <= light <= peak:
            yield f"light_load_pct ({light:g}) is not between 0 and peak_load_pct ({peak:g})"
        theta_kw = self.reverse_limit_kw
        if not isinstance(theta_kw, str) and not theta_kw >= 0:
            yield f"reverse_limit_kw ({theta_kw:g}) is below 0"
        if self.plan == "chance-constrained" and self.forecast == "perfect":
            yield (
                "plan 'chance-constrained' keeps room against the errors of a forecast, and forecast 'perfect' has none: give "
                "--forecast drawn"
            )
        if self.sweep_hours is not None and not self.swept_hours:
            yield f"sweep_hours ({self.sweep_hours}) must list energies above 0 h, separated by commas"
        try:
            # refuses flags that do not fit the rest of the profiles
            _ = self.drawn_profiles
        except ValueError as error:
            yield str(error)

    @property
    def critical_pu(self) -> float:
        """The highest voltage; a bus above it is critical [pu]."""
        highest_pu = self.limit_numbers.highest_pu
        assert highest_pu is not None  # it is NEEDED, and every profile has it
        return highest_pu

    @property
    def theta_words(self) -> str:
        """The highest reverse power of a bus, for a sentence."""
        if isinstance(self.reverse_limit_kw, str):
            return "what its Thevenin equivalent allows"
        return f"{self.reverse_limit_kw:g} kW"

    @property
    def swept_hours(self) -> tuple[float, ...]:
        """The battery energies of the sweep; empty if there is none, or one of them is no number above 0."""
        try:
            hours = tuple(float(part) for part in split_commas(self.sweep_hours or ""))
        except ValueError:
            return ()
        if all(0 < hour < 1000 for hour in hours):
            return hours
        return ()

    def wants_bound(self, n_batteries: int) -> bool:
        """Whether the central optimum is asked for."""
        return self.bound in ("lp", "socp") or (
            self.bound == "auto" and n_batteries <= AUTO_UP_TO
        )

    @property
    def drawn_profiles(self) -> ProfileConfig:
        """What is asked of the profiles: `profiles`, with the flags in place of its fields."""
        return self.profiles.with_flags(
            start=self.start,
            days=self.days,
            step_minutes=self.step_minutes,
            **self.profile_flags,
        )
