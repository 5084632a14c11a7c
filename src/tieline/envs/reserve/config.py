"""What can be asked of the reserve environment. Its defaults are the first published case.

Bids are in cents, hundredths of the currency, as in the paper; costs are in the currency.

Source of feeder, places and form: M. Ben-Idris and co-authors' paper on reserve optimisation in active distribution systems for
tertiary frequency regulation with deep reinforcement learning, section IV. The ranges that random requests are drawn from are not
published: these hold both published cases with room around them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import ClassVar

from pydantic import Field

from tieline.comma_lists import Texts
from tieline.settings.currency import CURRENCY, Currency
from tieline.settings.fields import (
    LOAD_MODEL,
    LOAD_PCT,
    LoadModelAsked,
    ders_field,
    feeder_field,
)
from tieline.settings.limit_fields import (
    HIGHEST_PU,
    LOWEST_PU,
    AskedLimit,
    LimitSettings,
    limits_field,
)
from tieline.settings.limits import LimitProfile


class ReserveEnvConfig(LimitSettings):
    """Feeder, DERs, what is weighed, and what random requests look like."""

    JUDGED: ClassVar[tuple[str, ...]] = ("lowest_pu", "highest_pu")
    NEEDED: ClassVar[tuple[str, ...]] = JUDGED
    # bus 890 stands below 0.95 pu in the published cases, before and with any reserve
    PUBLISHED: ClassVar[Mapping[str, LimitProfile]] = {"ieee34": "en50160"}

    feeder: str = feeder_field("ieee34")
    load_model: LoadModelAsked = LOAD_MODEL
    load_pct: float = LOAD_PCT
    ders: Texts = ders_field(("844", "890", "834", "822.1"))
    currency: Currency = CURRENCY
    cost_weight: float = Field(
        default=1.0,
        ge=0,
        description="Weight of the cost of an hour of reserve [per unit of the currency].",
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
        default=10.0,
        ge=0,
        le=100,
        description="Smallest request drawn [% of all capacity].",
    )
    highest_request_pct: float = Field(
        default=100.0,
        gt=0,
        le=100,
        description="Largest request drawn [% of all capacity].",
    )
    limits: LimitProfile = limits_field()
    lowest_pu: AskedLimit = LOWEST_PU
    highest_pu: AskedLimit = HIGHEST_PU

    def _problems(self) -> Iterator[str]:
        yield from super()._problems()
        if not self.ders:
            yield "ders names no place. Give at least one"
        if self.load_pct == 0:
            yield "load_pct is 0: losses are measured against the load. Raise it"
        for low, high in _RANGES:
            if getattr(self, low) > getattr(self, high):
                yield f"{low} ({getattr(self, low):g}) is above {high} ({getattr(self, high):g})"
        if not self.cost_weight + self.loss_weight + self.deviation_weight > 0:
            yield (
                "cost_weight, loss_weight and deviation_weight are all 0: nothing would be weighed. Raise one"
            )

    @property
    def band_pu(self) -> tuple[float, float]:
        """Lowest and highest allowed voltage [pu]."""
        return self.limit_numbers.band_pu


_RANGES = (
    ("smallest_capacity_kw", "largest_capacity_kw"),
    ("lowest_bid_cents", "highest_bid_cents"),
    ("lowest_request_pct", "highest_request_pct"),
)
