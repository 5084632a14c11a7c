"""What a hosting-capacity run can be asked. Defaults follow M. Al-Saffar's thesis (University of Alberta), ch. 3, where it
gives one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import ClassVar, Literal, Self

from pydantic import Field, model_validator

from tieline.comma_lists import Texts
from tieline.profiles.config import ProfileConfig
from tieline.profiles.flags import ProfileFlags
from tieline.settings import Settings
from tieline.settings.engine import ENGINE, RAY_ADDRESS, Engine, engine_problems
from tieline.settings.fields import (
    Controls,
    Inverter,
    controls_field,
)
from tieline.settings.limit_fields import BrokenBeforeSettings, EveryLimitSettings
from tieline.studies.config import StudyConfig

Placement = Literal["random", "uniform", "close", "far"]

MINUTES_A_DAY = 24 * 60

IMPACTED_SHARE = 0.8
USUAL_HIGHEST_PU = 1.05
"""The thesis calls a bus impacted above 1.04 pu and critical above 1.05 pu."""

MOST_PCT = 1000.0
"""Highest penetration level that can be asked for [% of peak load]: beyond ten times its load a feeder is another."""


class CustomerClass(Settings):
    """PV sizes of one kind of customer: a site with at most `up_to_load_kw` of nominal load draws a system between the two
    sizes.
    """

    name: str
    up_to_load_kw: float | None = Field(
        default=None,
        gt=0,
        description="Largest nominal load of the class [kW]; none for no bound.",
    )
    smallest_pv_kw: float = Field(gt=0, description="Smallest system [kW].")
    largest_pv_kw: float = Field(gt=0, description="Largest system [kW].")

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.smallest_pv_kw > self.largest_pv_kw:
            raise ValueError(
                f"class '{self.name}': smallest_pv_kw is above largest_pv_kw"
            )
        return self


PLANNING_CLASSES = (
    CustomerClass(
        name="residential", up_to_load_kw=15.0, smallest_pv_kw=3.0, largest_pv_kw=10.0
    ),
    CustomerClass(
        name="commercial", up_to_load_kw=250.0, smallest_pv_kw=10.0, largest_pv_kw=100.0
    ),
    CustomerClass(name="industrial", smallest_pv_kw=100.0, largest_pv_kw=500.0),
)
"""tieline's own planning assumption, stated in every report: common sizes of rooftop, small commercial and large systems.
A utility replaces it by its interconnection records, `[[customer_classes]]` in the configuration file."""


class HostingCapacityConfig(
    BrokenBeforeSettings, ProfileFlags, EveryLimitSettings, StudyConfig
):
    """How much PV fits on a feeder: Monte-Carlo placement at rising penetration levels."""

    INPUT_TABLES: ClassVar[tuple[str, ...]] = ("load_table", "sun_table")
    FOLLOWS_INVERTERS: ClassVar[bool] = True
    BEFORE: ClassVar[str] = "Before PV is added"

    INSTEAD: ClassVar[Mapping[str, str]] = {
        "load_pct": "The load under the sun is light_load_pct.",
        "ders": "PV is placed as placement says, at rising levels.",
    }

    placement: Placement = Field(
        default="random",
        description="Where PV goes: random sites, close or far from the source, or uniform (every load its share).",
    )
    # levels are told apart to nine decimals
    step_pct: float = Field(
        default=10.0,
        ge=1e-9,
        le=1000,
        description="Step between penetration levels [% of peak load].",
    )
    max_pct: float = Field(
        default=100.0,
        gt=0,
        le=MOST_PCT,
        description="Highest penetration level to begin with [% of peak load].",
    )
    cap_pct: float = Field(
        default=MOST_PCT,
        gt=0,
        le=MOST_PCT,
        description="Levels are added above max-pct until half of the deployments break a limit, none above this one [% of peak "
        "load].",
    )
    risk_pct: float = Field(
        default=5.0,
        ge=0,
        lt=100,
        description="Accepted risk: share of the deployments that may break a limit below the hosting capacity [%].",
    )
    deployments: int = Field(
        default=100,
        ge=1,
        le=1_000_000,
        description="Most deployments drawn; one is enough where nothing is left to chance.",
    )
    stop_width: float | None = Field(
        default=None,
        gt=0,
        lt=1,
        description="Stop drawing once the 95 % interval of the violation probability at the deciding levels is narrower "
        "[share].",
    )
    bus_cap_kw: float | None = Field(
        default=None, gt=0, description="Most PV at one bus [kW]; no cap if not given."
    )

    time: Literal["snapshot", "profiles"] = Field(
        default="snapshot",
        description="One snapshot of light load and full sun, or profiles of load and sun over days.",
    )
    light_load_pct: float = Field(
        default=50.0,
        ge=0,
        description="Snapshot: load while the sun shines [% of nominal].",
    )
    light_load_kvar_pct: float | None = Field(
        default=None,
        ge=0,
        description="Snapshot: reactive load [% of nominal]; follows light-load-pct if not given.",
    )
    start: date | None = Field(
        default=None, description="Profiles: first day (ISO date)."
    )
    days: int | None = Field(
        default=None,
        ge=1,
        le=3660,
        description="Profiles: number of days, 365 for a year.",
    )
    step_minutes: int | None = Field(
        default=None,
        ge=1,
        le=60,
        description="Profiles: length of a step [min]; divides an hour.",
    )
    load_table: str | None = Field(
        default=None,
        description="Profiles: CSV or Parquet file with loads as shares of nominal, or a SimBench grid, instead of drawn ones.",
    )
    sun_table: str | None = Field(
        default=None,
        description="Profiles: file with one column of PV output per rating, or a SimBench grid, instead of a drawn sun.",
    )
    profiles: ProfileConfig = Field(
        default=ProfileConfig(),
        description="Place, customers and sky of drawn profiles (configuration file only).",
    )

    impacted_pu: float | None = Field(
        default=None,
        gt=0,
        description="A bus above this voltage is impacted [pu]; four fifths of the way from nominal to the highest voltage if "
        "not given.",
    )

    shown_buses: Texts | None = Field(
        default=None,
        description="Buses whose distribution of voltages is kept and shown, separated by commas; the three most affected if not "
        "given.",
    )

    controls: Controls = controls_field("feeder")
    inverter: Inverter = Field(
        default="unity",
        description="Reactive power of PV: none, a fixed power factor, or volt-var (IEEE 1547-2018 category B default).",
    )
    power_factor: float = Field(
        default=0.95,
        ge=0.8,
        lt=1,
        description="Power factor of PV, absorbing, where it is fixed: inverter or what-if.",
    )
    what_if: Literal["on", "off"] = Field(
        default="on",
        description="Also answer for other inverters, controls and load levels, on the same draws.",
    )
    engine: Engine = ENGINE
    ray_address: str | None = RAY_ADDRESS
    customer_classes: tuple[CustomerClass, ...] = Field(
        default=PLANNING_CLASSES,
        description="PV sizes by customer (configuration file only).",
    )

    def _problems(self) -> Iterator[str]:
        yield from super()._problems()
        yield from self._limit_problems()
        yield from self._draw_problems()
        yield from self._profile_problems()
        yield from engine_problems(self.engine, self.ray_address)

    def _limit_problems(self) -> Iterator[str]:
        """What is beside the limits and does not fit them."""
        limits = self._numbers
        impacted, highest = self.impacted_pu, limits.highest_pu
        if impacted is not None and highest is not None and impacted > highest:
            yield f"impacted_pu ({impacted:g}) is above highest_pu ({highest:g})"
        judges_lines = limits.line_pct is not None or (
            self.line_pct is None and self.needs_feeder
        )
        if self.line_rating_a is not None and not judges_lines:
            yield (
                f"line_rating_a ({self.line_rating_a:g}) has no meaning while line loading is not judged. Add line_pct, "
                "or limits with loading such as disco"
            )

    def _draw_problems(self) -> Iterator[str]:
        """Levels and customers that give nothing to draw."""
        if self.cap_pct < self.max_pct:
            yield f"cap_pct ({self.cap_pct:g}) is below max_pct ({self.max_pct:g}). Lower max_pct, where the levels begin to grow"
        if self.step_pct > self.max_pct:
            yield f"step_pct ({self.step_pct:g}) is above max_pct ({self.max_pct:g}): no level to look at"
        if (
            not self.customer_classes
            or self.customer_classes[-1].up_to_load_kw is not None
        ):
            yield "customer_classes needs a last class without up_to_load_kw, for the largest loads"

    def _profile_problems(self) -> Iterator[str]:
        """Flags of profiles that do not fit each other or the snapshot."""
        idle = [name for name in _PROFILE_FLAGS if getattr(self, name) is not None]
        if self.time == "snapshot" and idle:
            yield f"{', '.join(idle)} has no meaning for a snapshot. Add time = 'profiles', or leave it out"
        try:
            _ = self.drawn_profiles
        except ValueError as error:
            yield str(error)

    @property
    def impacted_above_pu(self) -> float:
        """The voltage above which a bus is impacted; above the highest one it is critical [pu]."""
        if self.impacted_pu is not None:
            return self.impacted_pu
        highest_pu = self.limit_numbers.highest_pu
        if highest_pu is None:
            highest_pu = USUAL_HIGHEST_PU
        return min(1 + IMPACTED_SHARE * (highest_pu - 1), highest_pu)

    @property
    def levels_pct(self) -> tuple[float, ...]:
        """Penetration levels to begin with, from none up [%]."""
        # rounded, for 3 * 0.1 is not 0.3: levels are keys of tables and stand in the names of metrics
        return tuple(round(k * self.step_pct, 9) for k in range(self.n_levels))

    @property
    def n_levels(self) -> int:
        """Number of penetration levels to begin with."""
        # the highest level counts although a division such as 0.3 / 0.1 ends just below 3
        return int(self.max_pct / self.step_pct + 1e-9) + 1

    @property
    def n_steps(self) -> int:
        """Time steps of a deployment, but for the hours that clocks skip or repeat."""
        if self.time == "snapshot":
            return 1
        profiles = self.drawn_profiles
        return profiles.days * MINUTES_A_DAY // profiles.step_minutes

    @property
    def drawn_profiles(self) -> ProfileConfig:
        """What is asked of the profiles: `profiles`, with the flags in place of its fields."""
        return self.profiles.with_flags(
            start=self.start,
            days=self.days,
            step_minutes=self.step_minutes,
            **self.profile_flags,
        )

    @property
    def is_certain(self) -> bool:
        """Whether nothing is left to chance: one deployment then says it all."""
        lacks_table = self.load_table is None or self.sun_table is None
        draws_profiles = self.time == "profiles" and lacks_table
        return self.placement == "uniform" and not draws_profiles

    @property
    def n_deployments(self) -> int:
        """Most deployments that are looked at."""
        return 1 if self.is_certain else self.deployments


_PROFILE_FLAGS = (
    "start",
    "days",
    "step_minutes",
    "load_table",
    "sun_table",
    *ProfileFlags.model_fields,
)
