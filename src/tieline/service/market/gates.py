"""`Gates`: when bids for an interval are taken, when its gate closes, and until when its dispatch has to be out.

    opens_at ...... gate_at ...... deadline_at ... starts_at ...... ends_at
      bids come        | cleared       |  published     dispatch holds
                       |<- deadline_s->|
                       |<-------- lead_s -------->|

Intervals lie on the local clock of the market, whole minutes from the beginning of each hour.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from pydantic import Field

from tieline.settings import Settings

MINUTES_AN_HOUR = 60


class Interval(NamedTuple):
    """Moments of an interval, with their zone."""

    starts_at: datetime
    ends_at: datetime
    gate_at: datetime
    deadline_at: datetime
    opens_at: datetime


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

    def problems(self) -> Iterator[str]:
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
        if self.ahead_minutes * 60 <= self.lead_s:
            yield f"gates.ahead_minutes ({self.ahead_minutes}) ends before the gate: nobody could bid"

    def at(self, starts_at: datetime) -> Interval:
        """The interval that starts then."""
        gate_at = starts_at - timedelta(seconds=self.lead_s)
        return Interval(
            starts_at=starts_at,
            ends_at=starts_at + self.length,
            gate_at=gate_at,
            deadline_at=gate_at + timedelta(seconds=self.deadline_s),
            opens_at=starts_at - timedelta(minutes=self.ahead_minutes),
        )

    @property
    def length(self) -> timedelta:
        """Of an interval."""
        return timedelta(minutes=self.interval_minutes)

    def open_at(self, now: datetime, zone: ZoneInfo) -> Iterator[Interval]:
        """Intervals that take bids at a moment, in rising order."""
        starts_at = self._first_after(now, zone)
        last = now + timedelta(minutes=self.ahead_minutes)
        while starts_at <= last:
            interval = self.at(starts_at)
            if interval.gate_at > now and self._is_in_hours(starts_at, zone):
                yield interval
            starts_at += self.length

    def _first_after(self, now: datetime, zone: ZoneInfo) -> datetime:
        """The first start after a moment, on the market's clock; zones lie whole minutes apart, not whole hours."""
        local = now.astimezone(zone)
        hour = local.replace(minute=0, second=0, microsecond=0)
        # differences are taken in UTC: on the day of a change of clocks local ones lie
        start = hour.astimezone(now.tzinfo)
        n_whole = (now - start) // self.length + 1
        return start + n_whole * self.length

    def _is_in_hours(self, starts_at: datetime, zone: ZoneInfo) -> bool:
        return self.from_hour <= hour_of(starts_at, zone) < self.to_hour


def hour_of(moment: datetime, zone: ZoneInfo) -> float:
    """Hour of the local day [h]."""
    local = moment.astimezone(zone)
    return local.hour + local.minute / MINUTES_AN_HOUR
