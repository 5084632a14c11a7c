"""Settlement of cleared minutes: who pays, who is paid, what is left over; it adds up to the cent, by minute and by day.

    a load          pays its departure from the schedule at its nodal price; paid where it takes less
    a DER           is paid what it gives each region at the price there
    main feeder     is paid what regions buy at the balancing price, the change of losses and what the market leaves to it at l0
    a region        is paid w for what it sends to others
    operator        keeps what is left over: the rent of limits that bind, and of losses priced at the margin

Prices are those of `balancing.prices`. Amounts are in cents, hundredths of the currency, as whole numbers. An account's amount of
a minute is the change of its rounded total since the first minute (half to even), so that minutes add up to the day and no
account is ever more than half a cent off. The operator's is what closes the minute.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np

from tieline.opf.balancing.clearing import Clearing
from tieline.opf.balancing.prices import MarketPrices
from tieline.typing import FloatArray

CENTS = 100
"""Cents in one unit of the currency."""

OPERATOR = "operator"
MAIN_FEEDER = "main feeder"


@dataclass(frozen=True)
class Entry:
    """What one account gets for one thing in one minute; below zero it pays [currency].

    Attributes:
        account: who.
        what: for what.
        energy_kwh: how much of it; above zero where the account delivers.
        amount: what it gets [currency].
    """

    account: str
    what: str
    energy_kwh: float
    amount: float


@dataclass(frozen=True)
class Line:
    """A line of the settlement table: an entry with its amount in whole cents, in one minute."""

    minute: str
    account: str
    what: str
    energy_kwh: float
    cents: int


def entries(
    clearing: Clearing, prices: MarketPrices, scheduled_kw: FloatArray, hours: float
) -> tuple[Entry, ...]:
    """What every account gets for one minute; the operator's share is what a `Ledger` closes it with.

    Args:
        clearing, prices: of the minute.
        scheduled_kw: what each load was to take, (load,) [kW].
        hours: length of the minute [h].
    """
    departure_kw = np.asarray(clearing.minute.load_kw - scheduled_kw, dtype=float)
    return (
        *_load_entries(clearing, prices, departure_kw, hours),
        *_der_entries(clearing, prices, hours),
        *_main_feeder_entries(clearing, prices, departure_kw, hours),
        *_region_entries(clearing, hours),
    )


@dataclass
class Ledger:
    """Minutes one after the other, in whole cents.

    Attributes:
        lines: the table so far.
    """

    lines: list[Line] = field(default_factory=list)
    _exact: dict[tuple[str, str], float] = field(
        default_factory=lambda: defaultdict(float)
    )
    _cents: dict[tuple[str, str], int] = field(default_factory=lambda: defaultdict(int))

    @classmethod
    def resumed(cls, balances: Mapping[tuple[str, str], float]) -> Ledger:
        """A ledger that goes on from the balances of another, without its lines."""
        ledger = cls()
        for key, exact in balances.items():
            ledger._exact[key] = exact
            ledger._cents[key] = round(exact)
        return ledger

    @property
    def balances(self) -> dict[tuple[str, str], float]:
        """Exact total of each account and thing [cents]."""
        return dict(self._exact)

    def post(self, minute: str, posted: Iterable[Entry]) -> tuple[Line, ...]:
        """Add a minute and close it; its lines."""
        lines = [self._line(minute, entry) for entry in posted]
        remainder = -sum(line.cents for line in lines)
        lines.append(Line(minute, OPERATOR, "left over", 0.0, remainder))
        self.lines += lines
        return tuple(lines)

    def totals(self) -> dict[str, int]:
        """Cents of each account over all minutes; they add up to zero."""
        total: dict[str, int] = defaultdict(int)
        for line in self.lines:
            total[line.account] += line.cents
        return dict(total)

    def _line(self, minute: str, entry: Entry) -> Line:
        key = (entry.account, entry.what)
        self._exact[key] += entry.amount * CENTS
        # Python rounds halves to the even number, so that no side gains by many small amounts.
        total_cents = round(self._exact[key])
        cents = total_cents - self._cents[key]
        self._cents[key] = total_cents
        return Line(minute, entry.account, entry.what, entry.energy_kwh, cents)


def _load_entries(
    clearing: Clearing, prices: MarketPrices, departure_kw: FloatArray, hours: float
) -> Iterator[Entry]:
    for k, load in enumerate(clearing.minute.network.feeder.loads):
        energy_kwh = departure_kw[k] * hours
        if energy_kwh:
            amount = -energy_kwh * prices.load[k]
            yield Entry(f"load {load.name}", "departure", -energy_kwh, float(amount))


def _der_entries(
    clearing: Clearing, prices: MarketPrices, hours: float
) -> Iterator[Entry]:
    energy_kwh = clearing.share_kw * hours
    amount = energy_kwh * prices.der
    for k, der in enumerate(clearing.minute.network.feeder.ders):
        if energy_kwh[:, k].any():
            total_kwh = float(energy_kwh[:, k].sum())
            paid = float(amount[:, k].sum())
            yield Entry(f"DER {der.name}", "energy", total_kwh, paid)


def _main_feeder_entries(
    clearing: Clearing, prices: MarketPrices, departure_kw: FloatArray, hours: float
) -> Iterator[Entry]:
    minute = clearing.minute
    cost = clearing.cost
    bought_kwh = float(clearing.bought_kw.sum()) * hours
    yield Entry(MAIN_FEEDER, "balancing", bought_kwh, cost.balancing * hours)
    loss_kwh = (clearing.loss_kw - clearing.base_loss_kw) * hours
    yield Entry(MAIN_FEEDER, "losses", loss_kwh, cost.loss * hours)
    outside_kwh = float(departure_kw[~prices.is_cleared].sum()) * hours
    amount = outside_kwh * minute.reference_price
    yield Entry(MAIN_FEEDER, "outside the market", outside_kwh, amount)


def _region_entries(clearing: Clearing, hours: float) -> Iterator[Entry]:
    minute = clearing.minute
    is_merged = minute.group[:, None] == minute.group[None, :]
    sent_kwh = np.where(is_merged, 0.0, clearing.exchange_kw).sum(axis=1) * hours
    for region, energy_kwh in enumerate(sent_kwh.tolist()):
        if energy_kwh:
            amount = energy_kwh * minute.export_price
            yield Entry(f"region {region}", "exports", energy_kwh, amount)
