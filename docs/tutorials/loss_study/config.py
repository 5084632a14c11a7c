"""What can be asked: up to which load, and in how many steps."""

from __future__ import annotations

from pydantic import Field

from tieline.studies.config import StudyConfig


class LossConfig(StudyConfig):
    """Losses at growing load."""

    highest_load_pct: float = Field(
        default=150.0, gt=0, description="Highest load [% of nominal]."
    )
    levels: int = Field(default=16, ge=2, description="Number of load levels.")
