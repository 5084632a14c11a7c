"""The linear program of one cluster of regions: its own DERs and balances, and prices for what it must agree on.

    min  cost of its own  -  sum over couplings  price_k a_k(variables)

It knows of others only the prices, and the loss that they make now. Its answer is a `Proposal`: variables, what they cost it,
what they mean for the couplings.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

import numpy as np

from tieline.opf.balancing.consensus.couplings import Couplings
from tieline.opf.balancing.linearised import Linearised
from tieline.opf.balancing.minute import Minute, Watched
from tieline.opf.balancing.optimum import close_bounds, money_scale
from tieline.opf.balancing.program import Program
from tieline.typing import BoolArray, FloatArray


@dataclass(frozen=True, eq=False)
class Proposal:
    """What a cluster would do at given prices.

    Attributes:
        cluster: whose it is.
        x: its variables.
        cost: what they cost it, prices left out [currency/h].
        meaning: what they mean for each coupling, (coupling,) [kW].
        lowest: none of its variables cost less at these prices, prices counted [currency/h].
    """

    cluster: int
    x: FloatArray
    cost: float
    meaning: FloatArray
    lowest: float


class RegionProgram:
    """One cluster's program around one AC solution.

    Attributes:
        minute: the part of the question that is the cluster's.
        program: its variables and rows.
    """

    def __init__(
        self,
        minute: Minute,
        couplings: Couplings,
        cluster: int,
        feeder: Linearised,
        share_kw: FloatArray,
    ):
        """Build it.

        Args:
            minute: the whole question.
            couplings: what all clusters must agree on.
            cluster: whose program this is.
            feeder: the feeder around that solution.
            share_kw: what all regions call now, (region, der).
        """
        is_member = couplings.cluster_of == cluster
        self.minute = part_of(minute, is_member, share_kw)
        self.program = Program(self.minute)
        self._cluster = cluster
        self._couplings = couplings
        self._feeder = feeder
        self._trade_columns: dict[int, tuple[int, int]] = {}
        self._entries: list[tuple[int, int, float]] = []
        columns = self.program.columns
        base = np.append(columns.cost(self.minute), minute.reference_price)
        self._cost = dict(enumerate(base.tolist()))
        # All power of a minute together: no trade that anyone agrees to is larger.
        is_called = minute.chosen.any(axis=0)
        self._most_kw = float(
            minute.p_max_kw[is_called].sum() + minute.covered_kw.sum()
        )
        self._scale = money_scale(minute)
        self._add_limits()
        self._add_trades(is_member, minute.export_price)
        self._add_shared()

    def propose(self, prices: FloatArray) -> Proposal | None:
        """The optimum at prices of the couplings, (coupling,) [currency/kWh]; None if balances cannot be kept."""
        matrix = self._matrix()
        cost = np.array(list(self._cost.values()))
        self.program.set_cost(cost - prices @ matrix)
        bundle = close_bounds(self.minute, self._feeder, self.program, self._scale)
        if bundle is None:
            return None
        meaning = matrix @ bundle.best
        paid = float(prices @ meaning)
        return Proposal(
            cluster=self._cluster,
            x=bundle.best,
            cost=bundle.cost + paid,
            meaning=meaning,
            lowest=bundle.lowest,
        )

    def cost_at(self, x: FloatArray) -> float:
        """What some variables cost it, prices left out: less than a mix of costs, since losses are convex [currency/h]."""
        cost = np.array(list(self._cost.values()))
        cost[self.program.columns.loss] = 0.0
        minute = self.minute
        inputs = self.program.inputs_at(x)
        # What others call stands in the schedule, and is lost along with its own.
        inputs += minute.injected_kw
        loss_kw = self._feeder.loss_kw(self._feeder.unknowns(inputs))
        loss_cost = minute.reference_price * loss_kw
        return float(cost @ x) + loss_cost

    def exports_kw(self, x: FloatArray) -> FloatArray:
        """Net flow of trade over the borders of which it is the nearer side, (region, region)."""
        k = self._couplings
        n_regions = self.minute.n_regions
        exports_kw = np.zeros((n_regions, n_regions))
        for border, (sent, arriving) in self._trade_columns.items():
            net_kw = float(x[sent] - x[arriving])
            near = int(k.near[border])
            far = int(k.far[border])
            if k.cluster_of[near] == self._cluster:
                exports_kw[near, far] = max(net_kw, 0.0)
                exports_kw[far, near] = max(-net_kw, 0.0)
        return exports_kw

    def _matrix(self) -> FloatArray:
        shape = (self._couplings.count, len(self._cost))
        matrix = np.zeros(shape)
        for coupling, column, value in self._entries:
            matrix[coupling, column] += value
        return matrix

    def _add_limits(self) -> None:
        """What its DERs do to the limits that all keep together."""
        k = self._couplings
        columns = self.program.columns
        for coupling, limit in enumerate(k.limits, k.kept.start):
            slope = limit.slope[columns.der]
            by_share = slope / k.steepest[coupling]
            # shares are the first columns
            for column, value in enumerate(by_share.tolist()):
                entry = (coupling, column, value)
                self._entries.append(entry)

    def _add_trades(self, is_member: BoolArray, export_price: float) -> None:
        """Two ways over each of its borders; who sends pays for it."""
        k = self._couplings
        for border in range(len(k.near)):
            coupling = k.trades.start + border
            # Net from near to far. The nearer side's copy, less the farther one's, which gets what that sends.
            for region in (int(k.near[border]), int(k.far[border])):
                if not is_member[region]:
                    continue
                sent = self._trade(region, -1.0, export_price)
                arriving = self._trade(region, 1.0, 0.0)
                self._entries.append((coupling, sent, 1.0))
                self._entries.append((coupling, arriving, -1.0))
                self._trade_columns[border] = (sent, arriving)

    def _trade(self, region: int, sign: float, cost: float) -> int:
        column = self.program.add_trade(region, sign, cost, self._most_kw)
        self._cost[column] = cost
        return column

    def _add_shared(self) -> None:
        k = self._couplings
        der = self.program.columns.der
        for coupling, shared in enumerate(k.shared.tolist(), k.shares.start):
            columns = np.flatnonzero(der == shared)
            for column in columns.tolist():
                self._entries.append((coupling, column, 1.0))


def part_of(minute: Minute, is_member: BoolArray, share_kw: FloatArray) -> Minute:
    """The question of some regions: what they call, while what others call stays as it is, (region, der) [kW]."""
    pairs = np.asarray(minute.neighbours, dtype=np.int64).reshape(-1, 2)
    is_inside = is_member[pairs].all(axis=1)
    others_kw = share_kw[~is_member].sum(axis=0)
    row_of_member = is_member[:, None]
    return dataclasses.replace(
        minute,
        chosen=minute.chosen & row_of_member,
        demand_kw=np.where(is_member, minute.covered_kw, 0.0),
        neighbours=pairs[is_inside],
        # limits are kept by all regions together, and so have no row in the program of one
        watched=Watched.none_of(minute.limits, minute.n_regions),
        schedule_kw=minute.injected_kw + others_kw,
    )
