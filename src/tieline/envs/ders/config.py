"""What can be asked of the two forms of the task `ders141`."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from tieline.envs.substation_days.config import PricedConfig, SeriesConfig

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


class Ders141EnvConfig(PricedConfig):
    """Days, and what is weighed."""

    split: Split = Field(
        default="train",
        description='Days that episodes are picked from: "train" May to November 2024 without every fourth day, "held-out" '
        'these fourth days, "summer" December to February; and the held-out days with twice the PV and inverters '
        '("pv-penetration"), 1.15 of all loads ("load-stress"), limits 0.96 to 1.04 pu ("voltage-tightening").',
    )
    energy_per_mwh: float = Field(
        default=57.0,
        ge=0,
        description="Price of energy lost in lines and batteries, spilled by PV, or missing in batteries at midnight "
        "[currency/MWh]; the mean of tieline's own pool prices.",
    )


class PublishedDers141EnvConfig(SeriesConfig):
    """Which of the published episodes are played, and the weight of voltages."""

    split: PublishedSplit = Field(
        default="iid",
        description='The 30 episodes that judge ("iid"); the same with twice the PV behind the same inverters '
        '("pv-penetration"), 1.15 of all loads ("load-stress"), limits 0.96 to 1.04 pu ("voltage-tightening"); or the 8 that '
        'train ("train").',
    )
    outside_weight: float = Field(
        default=4.0,
        ge=0,
        description='Weight of voltages outside the limits [per pu, summed over buses]: 4 in "ippo", 8 in "ippo_safe", 0 with '
        "Lagrangian multipliers.",
    )
