"""What a run over time can be asked."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import ClassVar, Literal

from pydantic import Field

from tieline.profiles.config import FIRST_DAY, LAST_DAY, ProfileConfig
from tieline.profiles.flags import ProfileFlags
from tieline.settings.fields import (
    LOAD_PCT,
    Controls,
    controls_field,
)
from tieline.settings.limit_fields import EveryLimitSettings
from tieline.settings.limits import Limits
from tieline.settings.step_minutes import StepMinutes
from tieline.studies.config import StudyConfig

MINUTES_A_DAY = 24 * 60


class TimeSeriesConfig(ProfileFlags, EveryLimitSettings, StudyConfig):
    """Power flows of a feeder over days or a year, each beginning where regulators and capacitors ended the last."""

    INPUT_TABLES: ClassVar[tuple[str, ...]] = ("load_table", "sun_table")
    FOLLOWS_INVERTERS: ClassVar[bool] = True
    BESIDE_PROFILE: ClassVar[Limits] = Limits(line_pct=100.0, transformer_pct=100.0)

    start: date = Field(
        default=date(2025, 1, 1),
        ge=FIRST_DAY,
        le=LAST_DAY,
        description="First local day (ISO date).",
    )
    days: int = Field(
        default=365, ge=1, le=3660, description="Number of days, 365 for a year."
    )
    step_minutes: StepMinutes = Field(
        default=60, description="Length of a step [min]; divides an hour."
    )
    shape_kind: Literal["yearly", "daily"] = Field(
        default="yearly",
        description="Which shapes of the feeder's file: yearly, and daily where there is none; or daily alone.",
    )
    load_pct: float = LOAD_PCT
    load_table: str | None = Field(
        default=None,
        description="CSV or Parquet file with loads as shares of nominal, or a SimBench grid, in place of shapes or draws.",
    )
    sun_table: str | None = Field(
        default=None,
        description="File with one column of PV output per rating, or a SimBench grid.",
    )
    profiles: ProfileConfig = Field(
        default=ProfileConfig(),
        description="Place, customers and sky of drawn profiles (configuration file only).",
    )

    controls: Controls = controls_field("feeder")

    def _problems(self) -> Iterator[str]:
        yield from super()._problems()
        if self.n_steps < 2:
            yield "one step is no time series: use tieline solve, or shorter steps"
        try:
            # refuses flags that do not fit the rest of the profiles
            _ = self.drawn_profiles
        except ValueError as error:
            yield str(error)

    @property
    def n_steps(self) -> int:
        """Number of steps, but for the hours that clocks skip or repeat."""
        return self.days * MINUTES_A_DAY // self.step_minutes

    @property
    def drawn_profiles(self) -> ProfileConfig:
        """What is asked of the profiles: `profiles`, with the flags in place of its fields."""
        return self.profiles.with_flags(
            start=self.start,
            days=self.days,
            step_minutes=self.step_minutes,
            **self.profile_flags,
        )
