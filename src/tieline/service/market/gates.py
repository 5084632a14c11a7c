"""`Gates`: when bids for an interval are taken, when its gate closes, and until when its dispatch has to be out.

    opens_at ...... gate_at ...... deadline_at ... starts_at ...... ends_at
      bids come        | cleared       |  published     dispatch holds
                       |<- deadline_s->|
                       |<-------- lead_s -------->|

Intervals lie on the clock of the market, whole minutes from the beginning of each local hour. Lead and deadline are of people and
computers, so they are seconds of the computer's clock.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from pydantic import Field

from tieline.service.market.market_clock import MarketClock
from tieline.settings import Settings

MINUTES_AN_HOUR = 60


class Interval(NamedTuple):
    """Moments of an interval on the computer's clock, with their zone."""

    starts_at: datetime
    ends_at: datetime
    gate_at: datetime


class Gates(Settings):
    """Times of a market."""

    interval_minutes: int = Field(
        default=1,
        ge=1,
        le=MINUTES_AN_HOUR,
        description="Length of an interval; an hour holds a whole number of them [min].",
    )
    lead_s: float = Field(
        default=30.0,
        gt=0,
        le=3600,
        description="How long before an interval its gate closes [s].",
    )
    deadline_s: float = Field(
        default=20.0,
        gt=0,
        le=3600,
        description="How long after the gate its dispatch has to be out; later the last safe dispatch stands [s].",
    )
    ahead_minutes: int = Field(
        default=60,
        ge=1,
        le=24 * MINUTES_AN_HOUR,
        description="How long before its start an interval takes bids [min].",
    )
    from_hour: float = Field(
        default=0.0, ge=0, lt=24, description="Hour of the day from which is cleared."
    )
    to_hour: float = Field(
        default=24.0, gt=0, le=24, description="Hour up to which is cleared."
    )

    def problems(self, clock: MarketClock) -> Iterator[str]:
        """What does not fit together."""
        if MINUTES_AN_HOUR % self.interval_minutes:
            yield f"gates.interval_minutes is {self.interval_minutes}: an hour is no whole number of these"
        if self.deadline_s > self.lead_s:
            yield (
                f"gates.deadline_s ({self.deadline_s:g}) is above gates.lead_s ({self.lead_s:g}): a dispatch would be out after "
                "its interval has begun"
            )
        if self.from_hour >= self.to_hour:
            yield f"gates.from_hour ({self.from_hour:g}) is not before gates.to_hour ({self.to_hour:g})"
        ahead = clock.lasts(timedelta(minutes=self.ahead_minutes))
        if ahead.total_seconds() <= self.lead_s:
            yield f"gates.ahead_minutes ({self.ahead_minutes}) ends before the gate closes: nobody could bid"

    @property
    def length(self) -> timedelta:
        """Of an interval, in time of the market."""
        return timedelta(minutes=self.interval_minutes)

    def deadline(self, gate_at: datetime) -> datetime:
        """Until when the dispatch of an interval has to be out."""
        return gate_at + timedelta(seconds=self.deadline_s)

    def open_at(
        self,
        now: datetime,
        clock: MarketClock,
        zone: ZoneInfo,
        behind: datetime | None = None,
    ) -> Iterator[Interval]:
        """Intervals that take bids at a moment, in rising order.

        Args:
            now: the moment.
            clock, zone: of the market.
            behind: start of an interval; only later ones are wanted.
        """
        earliest = now if behind is None else max(now, behind)
        market_time = self._first_after(clock.shown(earliest), zone)
        last = clock.shown(now) + timedelta(minutes=self.ahead_minutes)
        while market_time <= last:
            interval = self._at(market_time, clock)
            hour = hour_of(market_time, zone)
            is_in_hours = self.from_hour <= hour < self.to_hour
            if interval.gate_at > now and is_in_hours:
                yield interval
            market_time += self.length

    def _at(self, market_time: datetime, clock: MarketClock) -> Interval:
        """The interval that starts when the market's clock shows this."""
        starts_at = clock.moment(market_time)
        lead = timedelta(seconds=self.lead_s)
        return Interval(
            starts_at, clock.moment(market_time + self.length), starts_at - lead
        )

    def _first_after(self, market_time: datetime, zone: ZoneInfo) -> datetime:
        """The first start after what the clock shows; zones lie whole minutes apart, not whole hours."""
        local = market_time.astimezone(zone)
        hour = local.replace(minute=0, second=0, microsecond=0)
        # differences are taken in one zone: on the day of a change of clocks local ones lie
        start = hour.astimezone(market_time.tzinfo)
        n_whole = (market_time - start) // self.length + 1
        return start + n_whole * self.length


def hour_of(market_time: datetime, zone: ZoneInfo) -> float:
    """Hour of the local day [h]."""
    local = market_time.astimezone(zone)
    return local.hour + local.minute / MINUTES_AN_HOUR
