"""What can be asked of the two forms of the task `ders141`."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from tieline.settings import Settings

Split = Literal[
    "train",
    "held-out",
    "summer",
    "pv-penetration",
    "load-stress",
    "voltage-tightening",
]
PublishedSplit = Literal[
    "iid", "pv-penetration", "load-stress", "voltage-tightening", "train"
]

SERIES: str = Field(
    default="",
    description="Parquet file with the original load series (docs/learning-tasks.md says which); drawn ones if not given.",
)
SERIES_SEED: int = Field(default=0, ge=0, description="Seed of the drawn series.")


class Ders141EnvConfig(Settings):
    """Days, and what is weighed."""

    split: Split = Field(
        default="train",
        description='Days that episodes are picked from: "train" May to November 2024 without every fourth day, "held-out" '
        'these fourth days, "summer" December to February; and the held-out days with twice the PV and inverters '
        '("pv-penetration"), 1.15 of all loads ("load-stress"), limits 0.96 to 1.04 pu ("voltage-tightening").',
    )
    series: str = SERIES
    series_seed: int = SERIES_SEED
    energy_per_mwh: float = Field(
        default=57.0,
        ge=0,
        description="Price of energy lost in lines and batteries, spilled by PV, or missing in batteries at midnight "
        "[currency/MWh]; the mean of tieline's own pool prices.",
    )
    curtail_per_mwh: float = Field(
        default=50.0, ge=0, description="Paid for load curtailed [currency/MWh]."
    )
    shift_per_mwh: float = Field(
        default=10.0, ge=0, description="Paid for load put off [currency/MWh]."
    )
    outside_weight: float = Field(
        default=1000.0,
        ge=0,
        description="Weight of voltages outside the limits [currency per pu, summed over buses and half hours]; a power of ten "
        "that is enough for limits to come before money.",
    )


class PublishedDers141EnvConfig(Settings):
    """Which of the published episodes are played, and the weight of voltages."""

    split: PublishedSplit = Field(
        default="iid",
        description='The 30 episodes that judge ("iid"); the same with twice the PV behind the same inverters '
        '("pv-penetration"), 1.15 of all loads ("load-stress"), limits 0.96 to 1.04 pu ("voltage-tightening"); or the 8 that '
        'train ("train").',
    )
    series: str = SERIES
    series_seed: int = SERIES_SEED
    outside_weight: float = Field(
        default=4.0,
        ge=0,
        description='Weight of voltages outside the limits [per pu, summed over buses]: 4 in "ippo", 8 in "ippo_safe", 0 with '
        "Lagrangian multipliers.",
    )
