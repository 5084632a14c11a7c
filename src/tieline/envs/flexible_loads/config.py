"""What can be asked of the two forms of the task `dso33`."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from tieline.settings import Settings

Split = Literal["train", "held-out", "summer", "other-zones"]
PublishedWindows = Literal["evaluation", "bank", "first"]

SERIES: str = Field(
    default="",
    description="Parquet file with the original series (docs/learning-tasks.md says which); drawn ones if not given.",
)
SERIES_SEED: int = Field(
    default=0, ge=0, description="Seed of the drawn series; not used with a file."
)


class Dso33EnvConfig(Settings):
    """Days, and what is weighed. The prices of giving way are the published ones, which count nothing there."""

    split: Split = Field(
        default="train",
        description='Days that episodes are picked from: "train" May to November 2024 without every fourth day, "held-out" '
        'these fourth days, "summer" December to February, "other-zones" the held-out days of other substations.',
    )
    series: str = SERIES
    series_seed: int = SERIES_SEED
    loss_per_mwh: float = Field(
        default=57.0,
        ge=0,
        description="Price of energy lost in lines [currency/MWh]; the mean of tieline's own pool prices.",
    )
    curtail_per_mwh: float = Field(
        default=50.0, ge=0, description="Paid for energy curtailed [currency/MWh]."
    )
    shift_per_mwh: float = Field(
        default=10.0, ge=0, description="Paid for energy put off [currency/MWh]."
    )
    outside_weight: float = Field(
        default=1000.0,
        ge=0,
        description="Weight of voltages outside the limits [currency per pu, summed over buses and half hours]; a power of ten "
        "that is enough for limits to come before money.",
    )


class PublishedDso33EnvConfig(Settings):
    """Which of the published episodes are played, on which series."""

    windows: PublishedWindows = Field(
        default="evaluation",
        description='The 50 episodes that judge ("evaluation"), the 8 that may train ("bank"), or the one that most published '
        'policies were trained on ("first").',
    )
    series: str = SERIES
    series_seed: int = SERIES_SEED
