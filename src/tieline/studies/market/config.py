"""What a market run can be asked, beyond the stage of the market (`stage_config`)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import ClassVar, Literal

from pydantic import Field, field_validator

from tieline.profiles.config import ProfileConfig
from tieline.profiles.flags import ProfileFlags
from tieline.settings.currency import CURRENCY, Currency
from tieline.settings.limit_fields import BrokenBeforeSettings
from tieline.studies.market.flag_texts import parse_watch
from tieline.studies.market.stage_config import MarketStageConfig

Choice = Literal["auto", "policy", "greedy", "cheapest", "margin-search", "all"]

MINUTES_AN_HOUR = 60
MINUTES_A_DAY = 24 * MINUTES_AN_HOUR

HOMES = ProfileConfig(customers="residential", step_minutes=1)
"""Series of the published cases: homes, in steps of a minute."""


class MarketConfig(BrokenBeforeSettings, ProfileFlags, MarketStageConfig):
    """Balancing market of a distribution feeder, minute by minute, in microgrids that form, merge and split."""

    BEFORE: ClassVar[str] = "Without the market"
    INPUT_TABLES: ClassVar[tuple[str, ...]] = (
        "load_table",
        "schedule_table",
        "extra_table",
        "price_table",
    )
    INPUT_POLICIES: ClassVar[tuple[str, ...]] = ("policy",)

    # when microgrids merge
    watch: str | None = Field(
        default=None,
        description="Border buses whose load merges microgrids, BUS[:KW] separated by commas; 75 % of the day's peak there "
        "without a number.",
    )
    watch_minutes: int = Field(
        default=15,
        ge=1,
        le=MINUTES_A_DAY,
        description="Running mean of the watched load [min].",
    )
    hysteresis: float = Field(
        default=0.0,
        ge=0,
        lt=1,
        description="How far below 1 the load centroid falls before merged microgrids split.",
    )
    dwell_minutes: int = Field(
        default=0,
        ge=0,
        le=MINUTES_A_DAY,
        description="Least time between a merge and a split [min].",
    )

    # money
    exchange_price: float = Field(
        default=0.01,
        ge=0,
        description="What is paid on top for energy of another region; nothing between merged ones [currency/kWh].",
    )
    currency: Currency = CURRENCY

    # who supplies
    reactive_power: bool = Field(
        default=False,
        description="Let called DERs inject reactive power too, unpaid, within their apparent power; the choice weighs active "
        "power only, and regions do not settle among themselves.",
    )

    # who chooses
    choice: Choice = Field(
        default="auto",
        description="Who chooses DERs: policy, greedy, cheapest, margin-search, all of them, or auto: a policy that fits, else "
        "greedy.",
    )
    stability_margin: float = Field(
        default=0.02,
        ge=0,
        lt=1,
        description="Least margin of the margin search; 0 searches without one.",
    )
    policy: str | None = Field(
        default=None,
        description="Policy file, or folder of `tieline train market`; the shipped policies if they fit.",
    )
    train: bool = Field(
        default=False, description="Train policies anew, which takes minutes."
    )

    # which minutes
    start: date | None = Field(default=None, description="First day (ISO date).")
    days: int | None = Field(
        default=None, ge=1, le=366, description="Number of days in a row."
    )
    from_hour: float = Field(
        default=0.0, ge=0, lt=24, description="Hour of each day from which is cleared."
    )
    to_hour: float = Field(
        default=24.0, gt=0, le=24, description="Hour up to which is cleared."
    )
    every_minutes: int = Field(
        default=10,
        ge=1,
        le=MINUTES_A_DAY,
        description="Clear every so many minutes; 1 for each.",
    )
    optimum_every: int = Field(
        default=12,
        ge=0,
        description="Optima over all DERs, linear and AC, beside every so many cleared minutes; 0: none.",
    )
    ac_optimum: bool = Field(
        default=True,
        description="Of these optima the AC one too, which takes minutes each on feeders of thousands of nodes.",
    )
    consensus_every: int = Field(
        default=72,
        ge=0,
        description="Regions that agree by prices, each with its own program, beside the joint one every so many cleared "
        "minutes; 0: none.",
    )
    confirm_every: int = Field(
        default=72,
        ge=0,
        description="Regions that solve their own power flow, by what neighbours tell of their borders, to confirm the published "
        "one every so many cleared minutes; 0: none.",
    )
    sampled_minutes: int = Field(
        default=24,
        ge=0,
        le=100_000,
        description="Minutes, spread over the run, in which the choice is held against that of others and the best; 0: none.",
    )
    load_table: str | None = Field(
        default=None,
        description="CSV or Parquet file with loads as shares of nominal, in place of the schedule.",
    )
    schedule_table: str | None = Field(
        default=None,
        description="File with scheduled loads as shares of nominal; load_pct of nominal if not given.",
    )
    extra_table: str | None = Field(
        default=None,
        description="File with loads beyond the schedule, a column per bus [kW].",
    )
    price_table: str | None = Field(
        default=None,
        description="File with one column of reference prices [currency/MWh].",
    )
    profiles: ProfileConfig = Field(
        default=HOMES,
        description="Place, customers, sky (configuration file only).",
    )

    @field_validator("watch")
    @classmethod
    def _read_as_watch(cls, text: str | None) -> str | None:
        parse_watch(text)
        return text

    def _problems(self) -> Iterator[str]:
        yield from super()._problems()
        if self.from_hour >= self.to_hour:
            yield f"from_hour ({self.from_hour:g}) is not before to_hour ({self.to_hour:g})"
        if self.policy is not None and self.train:
            yield "policy and train exclude each other: give the one or ask for the other"
        asks_policy = self.policy is not None or self.train
        if asks_policy and self.choice not in ("auto", "policy"):
            yield f"choice {self.choice} asks no policy: leave out policy and train, or give choice policy"
        yield from self._without_effect()
        if self.profiles.step_minutes != 1:
            yield f"profiles.step_minutes ({self.profiles.step_minutes}) must be 1: the market is cleared by the minute"
        try:
            # refuses flags that do not fit the rest of the profiles
            _ = self.drawn_profiles
        except ValueError as error:
            yield str(error)

    def _without_effect(self) -> Iterator[str]:
        """What is asked of a search or a training where there is none."""
        searches = self.choice == "margin-search"
        if not searches and self._is_unusual("stability_margin"):
            yield "stability_margin is of the margin search: give choice margin-search too"
        if self.train:
            return
        for name in ("games", "credit"):
            if self._is_unusual(name):
                yield f"{name} is of a training, and none is asked for: add train, or use `tieline train market`"

    def _is_unusual(self, name: str) -> bool:
        """Whether a field differs from its default; what a saved configuration repeats is not asked for."""
        return getattr(self, name) != type(self).model_fields[name].default

    @property
    def drawn_profiles(self) -> ProfileConfig:
        """What is asked of the profiles: `profiles`, with the flags in place of its fields."""
        return self.profiles.with_flags(
            start=self.start, days=self.days, **self.profile_flags
        )
