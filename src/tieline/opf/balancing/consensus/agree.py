"""`Consensus`: the minute by its regions, each with its own program; they agree on trades, shared DERs and limits by prices.

Used in place of the joint program: `clear(minute, warm, decide=Consensus(partition, warm))`. In a pass every region counts the
loss of what it does itself while others do what they agreed on last; passes end when nobody moves by more than 0.1 kW, or moves
save nothing. Then each has the full derivative of the loss, as the joint program has. A limit that set-points agreed on are past
gets a price for all regions: those whose DERs relieve it are paid, wherever it lies.

Price rounds of a pass end when regions agree to 0.1 kW and prices to 1e-4, or when no other prices would bring more; after 50
rounds borders that do not agree are merged for the minute: their regions become one, whose program is theirs together. Where all
have become one its program is the joint one, which says whether limits can be kept.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Hashable
from dataclasses import dataclass, field

import numpy as np

from tieline.errors import InputError
from tieline.network.partition import Partition
from tieline.opf.balancing.broken import LimitRow
from tieline.opf.balancing.clearing import Clearing
from tieline.opf.balancing.consensus.coordinator import MATCH_KW, Coordinator
from tieline.opf.balancing.consensus.couplings import Couplings
from tieline.opf.balancing.consensus.region_program import RegionProgram
from tieline.opf.balancing.linear_limits import (
    LinearLimit,
    limit_prices,
    linear_limits,
    past_limits,
)
from tieline.opf.balancing.linearised import Linearised
from tieline.opf.balancing.minute import Minute
from tieline.opf.balancing.optimum import GAP, Optimum, money_scale, optimum
from tieline.typing import FloatArray, IntArray

MATCH_PRICE = 1e-4
"""What prices may still move by when all agree [currency/kWh]."""

ROUNDS = 50

PASSES = 10
"""How often regions take in what others agreed to, between price rounds: 2 or 3 do, since losses couple them weakly."""


@dataclass(eq=False)
class Consensus:
    """Decides a minute by its regions; call it with a minute and its linearised feeder.

    Attributes:
        partition: regions of the whole feeder, numbered as in the minute.
        warm: the clearing of the minute before, whose shares are where the first programs begin.
        rounds: price rounds of the last minute, all linearisations together.
        merged: borders of the partition, by index, merged in it because their sides did not agree.
    """

    partition: Partition
    warm: Clearing | None = None
    rounds: int = 0
    merged: tuple[int, ...] = ()
    _share_kw: FloatArray | None = field(default=None, repr=False)
    _price_of: dict[Hashable, float] = field(default_factory=dict, repr=False)
    _rows: tuple[LimitRow, ...] = field(default=(), repr=False)

    def __call__(self, minute: Minute, feeder: Linearised) -> Optimum | None:
        """The optimum that regions agree on around an AC solution; None if they cannot keep a limit together."""
        _require_active(minute)
        share_kw = self._shares_at(minute, feeder)
        limits = known_limits(minute, feeder, self._rows)
        gap = GAP * money_scale(minute)
        last_cost = np.inf
        best = None
        for _ in range(PASSES):
            couplings = Couplings.of(minute, self.partition, limits)
            if couplings.n_clusters == 1:
                best = optimum(minute, feeder)
                break
            table = _Table(minute, couplings, feeder, share_kw)
            best = table.agree(self._last_prices(couplings))
            self.rounds += table.rounds
            if best is None:
                minute = _merged(minute, couplings, table.apart)
                self.merged += tuple(couplings.border[table.apart].tolist())
                continue
            prices = zip(couplings.names, table.prices.tolist(), strict=True)
            self._price_of.update(prices)
            new = limits_past_at(minute, feeder, best.p_kw, limits)
            limits += new
            moved_kw = np.abs(best.share_kw - share_kw).max(initial=0.0)
            saved = abs(best.objective - last_cost)
            share_kw = best.share_kw
            last_cost = best.objective
            # shares of one cost may change sides for ever
            if not new and (moved_kw <= MATCH_KW or saved <= gap):
                break
        self._share_kw = share_kw
        self._rows = tuple(limit.row for limit in limits)
        return best

    def _last_prices(self, couplings: Couplings) -> FloatArray:
        """The prices that were agreed on last, NaN where a coupling is new, (coupling,) [currency/kWh]."""
        last = [self._price_of.get(name, np.nan) for name in couplings.names]
        return np.array(last)

    def _shares_at(self, minute: Minute, feeder: Linearised) -> FloatArray:
        """Shares at the AC solution, (region, der) [kW]: the last ones, as far as they are what AC has."""
        total_kw = feeder.inputs - minute.injected_kw
        last = self._share_kw
        if last is None and self.warm is not None:
            last = self.warm.share_kw
        if last is None:
            last = np.zeros(minute.chosen.shape)
        # What was not shared out by these is the first region's that calls the DER.
        remainder = total_kw - np.where(minute.chosen, last, 0.0).sum(axis=0)
        share_kw = np.where(minute.chosen, last, 0.0)
        first = minute.chosen.argmax(axis=0)
        share_kw[first, np.arange(minute.n_ders)] += remainder
        return share_kw


class _Table:
    """Price rounds around one AC solution.

    Attributes:
        rounds: so far.
        apart: borders whose sides did not agree, or could not keep a limit together, (border,).
        prices: of the couplings, the last ones, (coupling,) [currency/kWh].
    """

    def __init__(
        self,
        minute: Minute,
        couplings: Couplings,
        feeder: Linearised,
        share_kw: FloatArray,
    ):
        self.rounds = 0
        self.apart: IntArray = np.empty(0, dtype=np.int64)
        self.prices = np.zeros(couplings.count)
        self._minute = minute
        self._feeder = feeder
        self._couplings = couplings
        self._programs = [
            RegionProgram(minute, couplings, cluster, feeder, share_kw)
            for cluster in range(couplings.n_clusters)
        ]

    def agree(self, last_prices: FloatArray) -> Optimum | None:
        """Rounds until regions agree; None if some stay `apart`.

        Args:
            last_prices: to begin with, NaN where there is none yet, (coupling,) [currency/kWh].
        """
        self.prices = np.nan_to_num(last_prices)
        self._coordinator = Coordinator(self._minute, self._couplings, last_prices)
        highest = -np.inf
        gap = GAP * money_scale(self._minute)
        best = None
        for _ in range(ROUNDS):
            self.rounds += 1
            lowest = self._take_proposals()
            if lowest is None:
                self.apart = np.arange(len(self._couplings.border))
                return None
            highest = max(highest, lowest)
            before = self.prices
            self.prices = self._coordinator.prices()
            if self._coordinator.differs.any():
                continue
            cost = sum(
                part.cost_at(self._coordinator.mix(cluster))
                for cluster, part in enumerate(self._programs)
            )
            best = self._read()
            price_change = np.abs(self.prices - before).max(initial=0.0)
            if cost - highest <= gap or price_change <= MATCH_PRICE:
                break
        else:
            self.apart = self._borders_apart()
        if best is None or len(self.apart):
            return None
        return self._priced(best)

    def _borders_apart(self) -> IntArray:
        """Borders whose sides differ; all of them where a limit is not kept, since any region may be the one to relieve it."""
        k = self._couplings
        differing = np.flatnonzero(self._coordinator.differs)
        if (differing < k.kept.stop).any():
            return np.arange(len(k.border))
        return k.borders_of(differing)

    def _take_proposals(self) -> float | None:
        """What every cluster would do at the present prices; the cost below which no agreement can be, or None."""
        lowest = float(self.prices @ self._couplings.highest(self._minute))
        for program in self._programs:
            proposal = program.propose(self.prices)
            if proposal is None:
                return None
            self._coordinator.add(proposal)
            lowest += proposal.lowest
        return lowest

    def _read(self) -> Optimum:
        """The mix that keeps all couplings, without prices of its own."""
        minute = self._minute
        share_kw = np.zeros(minute.chosen.shape)
        exchange_kw = np.zeros((minute.n_regions, minute.n_regions))
        for cluster, part in enumerate(self._programs):
            x = self._coordinator.mix(cluster)
            columns = part.program.columns
            share_kw += columns.share_kw(x, minute.n_ders)
            exchange_kw += columns.exchange_kw(x)
            exchange_kw += part.exports_kw(x)
        # What sides of a border differ by, less than anyone notices, is bought or given up.
        sent_kw = exchange_kw.sum(axis=1) - exchange_kw.sum(axis=0)
        missing_kw = minute.covered_kw + sent_kw - share_kw.sum(axis=1)
        bought_kw = np.maximum(missing_kw, 0.0)
        return Optimum(
            share_kw=share_kw,
            q_kvar=np.zeros(minute.n_ders),
            bought_kw=bought_kw,
            relief_kw=np.maximum(-missing_kw, 0.0),
            exchange_kw=exchange_kw,
            objective=self._cost(share_kw, bought_kw, exchange_kw),
            balance_price=np.zeros(minute.n_regions),
            voltage_price=np.zeros(len(minute.limits.points.names)),
            flow_price=np.zeros(len(minute.limits.flows)),
            rounds=self.rounds,
        )

    def _cost(
        self, share_kw: FloatArray, bought_kw: FloatArray, exchange_kw: FloatArray
    ) -> float:
        """Cost of set-points by the linearised feeder: that of a mix is less than the mix of costs [currency/h]."""
        minute = self._minute
        p_kw = share_kw.sum(axis=0)
        x = self._feeder.unknowns(p_kw + minute.injected_kw)
        loss_kw = self._feeder.loss_kw(x)
        lost = minute.reference_price * loss_kw
        is_merged = minute.group[:, None] == minute.group[None, :]
        sent_kw = np.where(is_merged, 0.0, exchange_kw).sum()
        # w is paid between microgrids only: merged regions are one.
        offers = float(minute.offer @ p_kw)
        balancing = minute.balancing_price * float(bought_kw.sum())
        exports = minute.export_price * float(sent_kw)
        return offers + balancing + exports + lost

    def _priced(self, best: Optimum) -> Optimum:
        """Set-points with the duals of balances, each from the cluster whose it is, and of limits, which all agreed on."""
        for cluster, part in enumerate(self._programs):
            # Once more, at the prices on which all agreed.
            part.propose(self.prices)
            is_member = self._couplings.cluster_of == cluster
            of_cluster = part.program.balance_price()
            best.balance_price[is_member] = of_cluster[is_member]
        k = self._couplings
        # What more room would cost: below zero as a dual, as `Optimum` has prices of limits above.
        worth = -self.prices[k.kept] / k.steepest
        rows = [limit.row for limit in k.limits]
        price_of = dict(zip(rows, worth.tolist(), strict=True))
        voltage_price, flow_price = limit_prices(self._minute, price_of)
        return dataclasses.replace(
            best, voltage_price=voltage_price, flow_price=flow_price
        )


def _require_active(minute: Minute) -> None:
    """Raise `InputError` where Q is free: borders would have to agree on reactive flows too."""
    if minute.reactive is not None:
        raise InputError(
            f"{minute.label}: regions agree on active power only. Leave `reactive` out, or clear the minute by the joint program."
        )


def known_limits(
    minute: Minute, feeder: Linearised, rows: Collection[LimitRow]
) -> list[LinearLimit]:
    """Around an AC solution: limits that had a price before, and those that are past there."""
    x = feeder.unknowns(feeder.inputs)
    beyond_kw = feeder.inputs - minute.injected_kw
    before = linear_limits(minute, feeder, x, beyond_kw, rows)
    new = past_limits(minute, feeder, x, beyond_kw, rows)
    return before + new


def limits_past_at(
    minute: Minute, feeder: Linearised, p_kw: FloatArray, limits: list[LinearLimit]
) -> list[LinearLimit]:
    """Limits that set-points are past, (der,) [kW], beside those that have a price already."""
    rows = [limit.row for limit in limits]
    x = feeder.unknowns(p_kw + minute.injected_kw)
    return past_limits(minute, feeder, x, p_kw, rows)


def _merged(minute: Minute, couplings: Couplings, borders: IntArray) -> Minute:
    """The minute with regions on both sides of some borders in one group."""
    group = np.array(minute.group)
    for border in borders.tolist():
        near = group[couplings.near[border]]
        far = group[couplings.far[border]]
        group[group == far] = near
    return dataclasses.replace(minute, group=group)
