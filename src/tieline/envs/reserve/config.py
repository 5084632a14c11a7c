"""What can be asked of the reserve environment. Its defaults are the first published case.

Source of feeder, places and form: M. Ben-Idris and co-authors' paper on reserve optimisation in active distribution systems for
tertiary frequency regulation with deep reinforcement learning, section IV. The ranges that random requests are drawn from are not
published: these hold both published cases with room around them.
"""

from __future__ import annotations

from typing import Self

from pydantic import Field, model_validator

from tieline.comma_lists import Texts
from tieline.settings import LOAD_MODEL, LoadModelAsked, Settings


class ReserveEnvConfig(Settings):
    """Feeder, DERs, what is weighed, and what random requests look like."""

    feeder: str = Field(
        default="ieee34",
        description="Bundled feeder name, or path of an OpenDSS, MATPOWER, pandapower or tieline feeder.",
    )
    load_model: LoadModelAsked = LOAD_MODEL
    ders: Texts = Field(
        default=("844", "890", "834", "822.1"),
        min_length=1,
        description='Place of each DER, "bus" or "bus.phase".',
    )
    cost_weight: float = Field(
        default=1.0, ge=0, description="Weight of the cost of an hour of reserve [per $]."
    )
    loss_weight: float = Field(
        default=1.0,
        ge=0,
        description="Weight of the active loss of lines and transformers [per kW].",
    )
    deviation_weight: float = Field(
        default=1.0, ge=0, description="Weight of the mean voltage deviation [per %]."
    )
    smallest_capacity_kw: float = Field(
        default=50.0, ge=0, description="Smallest capacity of a DER that is drawn [kW]."
    )
    largest_capacity_kw: float = Field(
        default=250.0, gt=0, description="Largest capacity of a DER that is drawn [kW]."
    )
    lowest_bid_cents: float = Field(
        default=8.0, ge=0, description="Lowest bid that is drawn [cents/kWh]."
    )
    highest_bid_cents: float = Field(
        default=16.0, gt=0, description="Highest bid that is drawn [cents/kWh]."
    )
    lowest_request_pct: float = Field(
        default=10.0, ge=0, le=100, description="Smallest request drawn [% of all capacity]."
    )
    highest_request_pct: float = Field(
        default=100.0, gt=0, le=100, description="Largest request drawn [% of all capacity]."
    )
    lowest_pu: float = Field(
        default=0.9, gt=0, description="Lowest allowed voltage [pu]; EN 50160."
    )
    highest_pu: float = Field(
        default=1.1, gt=0, description="Highest allowed voltage [pu]; EN 50160."
    )

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        for low, high in _RANGES:
            if getattr(self, low) > getattr(self, high):
                raise ValueError(
                    f"{low} ({getattr(self, low):g}) is above {high} ({getattr(self, high):g})"
                )
        if self.lowest_pu == self.highest_pu:
            raise ValueError("lowest_pu equals highest_pu: no voltage would be allowed")
        if not self.cost_weight + self.loss_weight + self.deviation_weight > 0:
            raise ValueError(
                "cost_weight, loss_weight and deviation_weight are all 0: nothing would be weighed. Raise one"
            )
        return self


_RANGES = (
    ("smallest_capacity_kw", "largest_capacity_kw"),
    ("lowest_bid_cents", "highest_bid_cents"),
    ("lowest_request_pct", "highest_request_pct"),
    ("lowest_pu", "highest_pu"),
)
