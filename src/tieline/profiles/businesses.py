"""Businesses and industry: a day of plateaus with ramps, lower at weekends, and noise that shrinks with the number of customers.

    shape(h) = base + (1 - base) S((h - opens) / ramp) S((closes - h) / ramp),   S(x) = 1 / (1 + exp(-x))

At weekends only a share of the part above the base runs. All figures are tieline's own planning assumptions, in the habit of
utilities' class curves; metered series replace them (`table`). Left out: seasons, holidays, the processes of a single plant.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from tieline.profiles.clock import Clock
from tieline.typing import FloatArray


@dataclass(frozen=True)
class BusinessKind:
    """A kind of customer.

    `base`: share of the peak that always runs. `opens_h`, `closes_h`, `ramp_h`: local hours of the plateau, and the time constant
    of its flanks. `weekend`: share of the plateau at weekends. `customer_kw`: peak of one customer; a larger load is several.
    `spread`, `memory_h`: coefficient of variation of one customer around the shape, and how long it lasts.
    """

    base: float
    opens_h: float
    closes_h: float
    ramp_h: float
    weekend: float
    customer_kw: float
    spread: float
    memory_h: float

    def shape(self, clock: Clock) -> FloatArray:
        """Expected share of the peak, at most 1, (time,)."""
        since_opening = (clock.hour - self.opens_h) / self.ramp_h
        until_closing = (self.closes_h - clock.hour) / self.ramp_h
        open_share = expit(since_opening) * expit(until_closing)
        of_the_week = np.where(clock.is_weekend, self.weekend, 1.0)
        # fridges and servers, the base, know no weekend
        above_base = (1 - self.base) * open_share * of_the_week
        return self.base + above_base


COMMERCIAL = BusinessKind(
    base=0.35,
    opens_h=7.5,
    closes_h=19.0,
    ramp_h=0.6,
    weekend=0.6,
    customer_kw=50.0,
    spread=0.15,
    memory_h=1.0,
)
INDUSTRIAL = BusinessKind(
    base=0.60,
    opens_h=6.0,
    closes_h=22.0,
    ramp_h=0.5,
    weekend=0.3,
    customer_kw=500.0,
    spread=0.10,
    memory_h=2.0,
)
