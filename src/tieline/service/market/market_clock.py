"""`MarketClock`: what a market's clock shows at a moment: the computer's time, or a day that is played in minutes.

    shown(t) = shows + speed (t - began_at)

Intervals are known by moments of the computer's clock; schedule, prices, energy and money count in time of the market.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from pydantic import AwareDatetime, Field

from tieline.settings import Settings


class MarketClock(Settings):
    """The clock of a market."""

    speed: float = Field(
        default=1.0,
        gt=0,
        le=100_000,
        description="How many times faster it runs than the computer's.",
    )
    began_at: AwareDatetime | None = Field(
        default=None, description="When it began to run faster."
    )
    shows: AwareDatetime | None = Field(
        default=None, description="What it showed then."
    )

    def problems(self) -> Iterator[str]:
        """What does not fit together."""
        stated = (self.began_at is not None) + (self.shows is not None)
        needed = 0 if self.speed == 1 else 2
        if stated not in (needed, 2):
            yield "clock has a speed other than 1: began_at and shows say where it begins, give both"

    def shown(self, moment: datetime) -> datetime:
        """What it shows at a moment of the computer's clock, in whole seconds where it runs faster."""
        if self.began_at is None or self.shows is None:
            return moment
        passed_s = self.speed * (moment - self.began_at).total_seconds()
        # a microsecond of the computer's clock is more of this one: an hour must not begin a moment before it does
        return self.shows + timedelta(seconds=round(passed_s))

    def moment(self, market_time: datetime) -> datetime:
        """When it shows this: a moment of the computer's clock, the same for the same question."""
        if self.began_at is None or self.shows is None:
            return market_time
        return self.began_at + (market_time - self.shows) / self.speed

    def lasts(self, length: timedelta) -> timedelta:
        """How long a time of the market is on the computer's clock."""
        return length / self.speed
