"""What a run of the study of networked microgrids can be asked, beyond its world (`envs.microgrids.config`)."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field, field_validator

from tieline.comma_lists import Texts
from tieline.envs.microgrids.config import MicrogridsWorldConfig
from tieline.errors import unknown_name_message
from tieline.settings.currency import CURRENCY, Currency
from tieline.studies.config import StudyConfig
from tieline.studies.microgrids.deciders import DECIDERS

CaseName = Literal["paper-window", "peak-window", "day", "held-out"]


class MicrogridsConfig(MicrogridsWorldConfig, StudyConfig):
    """Networked microgrids: which steps are asked, and who decides."""

    INPUT_POLICIES: ClassVar[tuple[str, ...]] = ("policy",)

    case: CaseName = Field(
        default="day",
        description="Which steps: the published hour at a flat price, the evening peak, a day of 24 hours, or days drawn from "
        "seeds that no training sees.",
    )
    days: int = Field(default=3, ge=1, le=10_000, description="Days of case held-out.")
    deciders: Texts | None = Field(
        default=None,
        description=f"Who decides, separated by commas: {', '.join(DECIDERS)}; left out, those that the case is made for.",
    )
    policy: str | None = Field(
        default=None,
        description="Policy file, or folder of `tieline train microgrids`; the shipped policies if they fit.",
    )
    freed_microgrids: int = Field(
        default=2,
        ge=1,
        description="How many microgrids, the first ones, have no limit of generators where it is dropped in some.",
    )
    currency: Currency = CURRENCY

    @field_validator("deciders")
    @classmethod
    def _exist(cls, names: tuple[str, ...] | None) -> tuple[str, ...] | None:
        unknown = [name for name in names or () if name not in DECIDERS]
        if unknown:
            messages = [
                unknown_name_message("decider", name, DECIDERS) for name in unknown
            ]
            raise ValueError(" ".join(messages))
        return names
