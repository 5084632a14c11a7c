"""What can be asked of the two forms of the task `dso33`."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from tieline.envs.substation_days.config import PricedConfig, SeriesConfig

Split = Literal["train", "held-out", "summer", "other-zones"]
PublishedWindows = Literal["evaluation", "bank", "first"]


class Dso33EnvConfig(PricedConfig):
    """Days, and what is weighed."""

    split: Split = Field(
        default="train",
        description='Days that episodes are picked from: "train" May to November 2024 without every fourth day, "held-out" '
        'these fourth days, "summer" December to February, "other-zones" the held-out days of other substations.',
    )
    loss_per_mwh: float = Field(
        default=57.0,
        ge=0,
        description="Price of energy lost in lines [currency/MWh]; the mean of tieline's own pool prices.",
    )


class PublishedDso33EnvConfig(SeriesConfig):
    """Which of the published episodes are played, on which series."""

    windows: PublishedWindows = Field(
        default="evaluation",
        description='The 50 episodes that judge ("evaluation"), the 8 that may train ("bank"), or the one that most published '
        'policies were trained on ("first").',
    )
