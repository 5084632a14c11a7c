"""Configuration of load restoration in an island: for how long, what is worth what, limits. Task and study ask it alike.

Units, fuel and the power of sun and wind are the island file's. Length of a step, costs, the free share and the limits are not
printed in the article that asks the question (S. Bose, Y. Zhang, arXiv 2111.02054): they are tieline's own, so that fuel, ramps,
stored energy and frequency bind.
"""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from tieline.profiles.config import ProfileConfig
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

Scenario = Literal["perfect", "short15", "short30", "random", "late", "practice"]
"""What sun and wind make of the forecast, see `scenarios`."""


class RestorationWorldConfig(LimitSettings):
    """Horizon, worth and limits."""

    JUDGED: ClassVar[tuple[str, ...]] = (
        "highest_pu",
        "lowest_pu",
        "line_pct",
        "transformer_pct",
    )
    NEEDED: ClassVar[tuple[str, ...]] = ("highest_pu", "lowest_pu")
    BESIDE_PROFILE: ClassVar[Limits] = FULL_RATING

    limits: LimitProfile = limits_field("ansi-a")
    highest_pu: AskedLimit = HIGHEST_PU
    lowest_pu: AskedLimit = LOWEST_PU
    line_pct: AskedLimit = LINE_PCT
    transformer_pct: AskedLimit = TRANSFORMER_PCT

    steps: int = Field(
        default=24, ge=1, le=1000, description="Steps until the grid is back."
    )
    step_minutes: StepMinutes = STEP_MINUTES
    generation_cost: float = Field(
        default=0.05,
        ge=0,
        description="Cost of a kWh of a droop unit or microturbine, in kWh served to a load of weight 1.",
    )
    shed_factor: float = Field(
        default=2.0,
        ge=0,
        description="What load that goes off again costs, times what it was worth while it was on.",
    )
    shed_free_share: float = Field(
        default=0.02,
        ge=0,
        le=1,
        description="Share of a load that may go off in a step and costs nothing.",
    )
    renewable_pct: float = Field(
        default=100.0,
        ge=0,
        description="Expected power of sun and wind, up to their ratings [% of the island's].",
    )
    start_hour: float = Field(
        default=8.0,
        ge=0,
        lt=24,
        description="Local hour of the first step [h]; matters to units whose available power is `sun`.",
    )
    profiles: ProfileConfig = Field(
        default=ProfileConfig(cloudiness="clear"),
        description="Day and place of the sun (configuration file only).",
    )

    @property
    def step_h(self) -> float:
        """Length of a step [h]."""
        return self.step_minutes / 60


class RestorationEnvConfig(RestorationWorldConfig):
    """What can be asked of the task."""

    feeder: str = Field(
        default="ieee36",
        description="Bundled island (ieee36, ieee36-ample, ieee36-priority, ieee36-weak, case141), or path of an island file.",
    )
    scenario: Scenario = Field(
        default="practice",
        description="What sun and wind make of the forecast: perfect, short15, short30, random, late or practice.",
    )
    window_steps: int = Field(
        default=8,
        ge=1,
        le=1000,
        description="Steps of forecast that are seen, the present one included.",
    )
