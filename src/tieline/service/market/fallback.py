"""What stands where no program answers: the last safe dispatch, or none; and who pays for it.

A deadline that is missed, or limits that all DERs together cannot keep, give no new set-points. The last ones go on for at most
`FALLBACK` intervals' time: they kept every limit when they were published. Devices are paid what they were paid then, by the
operator, whose failure it is; loads pay nothing beyond their schedule. Bids of the interval are rejected with the reason.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from tieline.opf.settlement import Entry
from tieline.service.market.book import Bid
from tieline.service.market.outcome import NodePrice, Outcome, SetPoint, rejected
from tieline.service.market.settle import DER, SECONDS_AN_HOUR, Settled, book
from tieline.service.market.state import MarketState

FALLBACK = timedelta(minutes=15)
"""How long the last safe dispatch may go on: loads of a feeder change little within a quarter of an hour, the time over which
network operators average what they settle. Ours."""


@dataclass(frozen=True)
class LastSafe:
    """The last dispatch that kept every limit.

    Attributes:
        starts_at: of the interval that was cleared with it.
        dispatch, prices: as published then.
        paid_per_kwh: of each device.
    """

    starts_at: datetime
    dispatch: Sequence[SetPoint]
    prices: Sequence[NodePrice]
    paid_per_kwh: Mapping[str, float]

    def is_fresh(self, starts_at: datetime) -> bool:
        """Whether it may still go on in an interval."""
        return starts_at - self.starts_at <= FALLBACK


def last_safe_outcome(
    reason: str,
    starts_at: datetime,
    length: timedelta,
    bids: Sequence[Bid],
    last: LastSafe | None,
    state: bytes | None,
) -> Outcome:
    """The last safe dispatch where it may go on, else none.

    Args:
        reason: why no program answers.
        starts_at, length: the interval.
        bids: of its book.
        last: the last safe dispatch, if there is one.
        state: what the interval would have begun with.
    """
    if last is None or not last.is_fresh(starts_at):
        without = f"{reason}; no dispatch of the last {FALLBACK.seconds // 60} minutes can go on"
        return no_dispatch(without, bids, state)
    text = f"{reason}; the dispatch of {last.starts_at:%Y-%m-%d %H:%M} goes on"
    lines: tuple = ()
    if state is not None:
        before = MarketState.of_bytes(state)
        settled = _pay(last, starts_at, length, before)
        lines = settled.lines
        state = MarketState(before.carried, settled.balances).to_bytes()
    return Outcome(
        status="fallback",
        reason=text,
        dispatch=last.dispatch,
        prices=last.prices,
        lines=lines,
        blocks=(),
        fates=rejected(bids, text),
        state=state,
        facts={"dispatch_of": last.starts_at.isoformat()},
    )


def no_dispatch(reason: str, bids: Sequence[Bid], state: bytes | None) -> Outcome:
    """Nothing is published that could be unsafe: devices give nothing, and somebody has to look."""
    return Outcome(
        status="unmet",
        reason=reason,
        dispatch=(),
        prices=(),
        lines=(),
        blocks=(),
        fates=rejected(bids, reason),
        state=state,
    )


def _pay(
    last: LastSafe, starts_at: datetime, length: timedelta, before: MarketState
) -> Settled:
    hours = length.total_seconds() / SECONDS_AN_HOUR
    posted = []
    for point in last.dispatch:
        energy_kwh = point.p_discharge_kw * hours
        amount = energy_kwh * last.paid_per_kwh.get(point.device, 0.0)
        posted.append(Entry(f"{DER}{point.device}", "energy", energy_kwh, amount))
    return book(posted, before.balances, starts_at.isoformat())
