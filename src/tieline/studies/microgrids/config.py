"""What a run of the study of networked microgrids can be asked, beyond its world (`envs.microgrids.config`)."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from tieline.envs.microgrids.config import MicrogridsWorldConfig
from tieline.studies.config import StudyConfig

CaseName = Literal["paper-window", "peak-window", "day"]


class MicrogridsConfig(MicrogridsWorldConfig, StudyConfig):
    """Networked microgrids: which steps are asked."""

    case: CaseName = Field(
        default="day",
        description="Which steps: the published hour at a flat price, the evening peak, or a day of 24 hours.",
    )
