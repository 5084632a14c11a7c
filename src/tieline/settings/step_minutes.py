"""The length of a step: minutes that divide an hour, so that a step begins with every hour, as tariffs and tables do."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field


def _require_part_of_hour(minutes: int) -> int:
    if 60 % minutes:
        raise ValueError(
            f"{minutes} does not divide an hour; take for example 5, 10, 15, 20, 30 or 60"
        )
    return minutes


# bounds before the rule, which divides by the number
StepMinutes = Annotated[int, Field(ge=1, le=60), AfterValidator(_require_part_of_hour)]

STEP_MINUTES: int = Field(
    default=15, description="Length of a step [min]; divides an hour."
)
