"""`Board`: an interval of a market as people look at it, out of the database and the market's definition.

What is shown of bids and bills hangs on who looks: an operator sees those of all, a participant its own, others none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

import sqlalchemy as sa

from tieline.reports.numbers import with_unit
from tieline.service.pages.sessions import Visitor
from tieline.service.store import clearings, intervals, ledger, markets
from tieline.service.store.clearings import Clearing, ClearingHead, Fate, Published
from tieline.service.store.intervals import Interval
from tieline.service.store.markets import MarketRow

DAY = timedelta(days=1)


@dataclass(frozen=True, eq=False)
class Board:
    """What a page of a market shows.

    Attributes:
        market: with its definition.
        starts: of the intervals with a clearing within a day before the newest, in order.
        interval: that is looked at; None before there is one.
        published: its clearing that counts; None before there is one.
        earlier: those that counted before it.
        bids: that count in it and may be seen.
        fates: what became of these, by the id of the bid; empty before there is a clearing.
        taking: the next interval that takes bids; None if none does.
        next_bid: that counts in it of who looks; None if there is none.
        visitor: who looks.
    """

    market: MarketRow
    starts: Sequence[datetime]
    interval: Interval | None
    published: Published | None
    earlier: Sequence[ClearingHead]
    bids: Sequence[ledger.Bid]
    fates: Mapping[int, Fate]
    taking: Interval | None
    next_bid: ledger.Bid | None
    visitor: Visitor

    @property
    def clearing(self) -> Clearing | None:
        """What was cleared."""
        return None if self.published is None else self.published.clearing

    @property
    def facts(self) -> Mapping[str, Any]:
        """Numbers of the clearing."""
        return {} if self.clearing is None else self.clearing.facts

    @property
    def position(self) -> int:
        """Place of the interval among `starts`; the last one for an interval that is not among them."""
        if self.interval is None or self.interval.starts_at not in self.starts:
            return len(self.starts) - 1
        return list(self.starts).index(self.interval.starts_at)

    @cached_property
    def price_of_bus(self) -> dict[str, float]:
        """Mean over the phases of each bus [currency/kWh]."""
        return self.part_of_bus("price")

    def part_of_bus(self, part: str) -> dict[str, float]:
        """A part of the price, or the voltage, `v_pu`, of each bus: the mean over its phases."""
        if self.clearing is None:
            return {}
        return self.clearing.mean_by_bus(part)

    @property
    def shows(self) -> datetime | None:
        """What the market's clock shows, where its day is played; None where that is the interval's own time."""
        text = self.facts.get("shows")
        if text is None or self.interval is None:
            return None
        moment = datetime.fromisoformat(text)
        return None if moment == self.interval.starts_at else moment

    @property
    def tiles(self) -> list[tuple[str, str]]:
        """The numbers that matter, as far as they are known: a dispatch that stands in has no losses of its own."""
        if self.clearing is None:
            return []
        given_kw = sum(row.p_discharge_kw for row in self.clearing.dispatch)
        prices = [row.price for row in self.clearing.prices]
        voltages = [row.v_pu for row in self.clearing.prices]
        facts = self.facts
        tiles = [
            (f"price [{self.market.currency}/kWh]", _range(prices)),
            ("voltages [pu]", _range(voltages)),
            ("from devices", with_unit(given_kw, "kW")),
        ]
        if facts.get("demand_kw") is not None:
            bought_kw = sum(facts["bought_kw"])
            tiles += [
                ("load beyond schedule", with_unit(sum(facts["demand_kw"]), "kW")),
                ("from the main feeder", with_unit(bought_kw, "kW")),
                ("losses", with_unit(facts["loss_kw"], "kW")),
            ]
        return tiles


def markets_with_newest(c: sa.Connection) -> list[tuple[MarketRow, Interval | None]]:
    """All markets, each with its newest interval that is cleared."""
    return [
        (market, intervals.newest_cleared(c, market.name))
        for market in markets.all_of(c)
    ]


def _range(numbers: Sequence[float]) -> str:
    if not numbers:
        return "none"
    return f"{min(numbers):.4f} to {max(numbers):.4f}"


def read_board(
    c: sa.Connection, visitor: Visitor, name: str, at: datetime | None, now: datetime
) -> Board:
    """The board of a market.

    Args:
        c: connection.
        visitor: who looks.
        name: of the market.
        at: start of the interval to look at; the newest with a clearing if None.
        now: the moment.

    Raises:
        UnknownMarket, UnknownInterval: if there is none.
    """
    market = markets.find(c, name)
    newest = intervals.newest_cleared(c, name)
    interval = newest if at is None else intervals.get(c, name, at)
    published = None
    earlier: list[ClearingHead] = []
    bids: list[ledger.Bid] = []
    fates: dict[int, Fate] = {}
    if interval is not None:
        earlier = clearings.heads(c, name, interval.starts_at)[:-1]
        published = clearings.published(c, name, interval.starts_at, with_fates=False)
        bids = _bids(c, visitor, interval)
        fates = _fates(c, visitor, interval)
    taking = intervals.next_open(c, name, now)
    return Board(
        market=market,
        starts=[] if newest is None else _starts(c, newest),
        interval=interval,
        published=published,
        earlier=earlier,
        bids=bids,
        fates=fates,
        taking=taking,
        next_bid=None if taking is None else _own_bid(c, visitor, taking),
        visitor=visitor,
    )


def _starts(c: sa.Connection, newest: Interval) -> list[datetime]:
    """Intervals with a clearing in the day that ends with the newest."""
    first = newest.starts_at - DAY
    rows = intervals.between(c, newest.market, first, newest.ends_at)
    return [row.starts_at for row in rows if row.published is not None]


def _bids(c: sa.Connection, visitor: Visitor, interval: Interval) -> list[ledger.Bid]:
    if visitor.sees_all:
        return list(ledger.book(c, interval.market, interval.starts_at).bids)
    bid = _own_bid(c, visitor, interval)
    return [] if bid is None else [bid]


def _fates(c: sa.Connection, visitor: Visitor, interval: Interval) -> dict[int, Fate]:
    whose = visitor.bids_as
    if whose is None and not visitor.sees_all:
        return {}
    return clearings.book_fates(
        c, interval.market, interval.starts_at, participant=whose
    )


def _own_bid(
    c: sa.Connection, visitor: Visitor, interval: Interval
) -> ledger.Bid | None:
    """The bid of who looks, who has one at most in an interval."""
    if visitor.bids_as is None:
        return None
    return ledger.valid_bid(c, interval.market, interval.starts_at, visitor.bids_as)
