"""`Program`: the minute's linear program in HiGHS. Loss and limits enter as rows, which come when they are needed.

Columns: the share of every DER that a region calls, what each region buys at the main feeder and gives for relief, exports over
each border either way, Q of every DER that is called where it is free, the loss, and in the elastic program a slack for each
limit.

    loss >= Loss(P_k) + grad Loss (P - P_k)            one cut for each P_k asked about; Loss is convex in P
    value_k + slope (P - P_k) <= limit                 relative to its largest slope, so that what is missed is in kW of a DER

    cos(a) P + sin(a) Q <= S                           tangents of the circle of a DER (`circles`)

All powers in kW and kvar, costs in currency/h.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from tieline.linear.blocks import assemble
from tieline.opf.balancing.broken import LimitKind, LimitRow
from tieline.opf.balancing.highs import LinearProgram
from tieline.opf.balancing.minute import Minute
from tieline.typing import BoolArray, FloatArray, IntArray


@dataclass(frozen=True, eq=False)
class Columns:
    """Where the variables stand.

    Attributes:
        region, der: of each share, (share,).
        exporter, importer: regions of each way over a border, (way,).
        q_der: DERs whose reactive power is free, rising, (q,).
    """

    region: IntArray
    der: IntArray
    exporter: IntArray
    importer: IntArray
    q_der: IntArray
    n_regions: int

    @classmethod
    def of_pairs(cls, minute: Minute, calls: BoolArray) -> Columns:
        """The columns of a minute with the DERs that each region calls, (region, der)."""
        region, der = np.nonzero(calls)
        near, far = np.asarray(minute.neighbours, dtype=np.int64).reshape(-1, 2).T
        exporter = np.concatenate([near, far])
        importer = np.concatenate([far, near])
        q_der = np.empty(0, dtype=np.int64)
        if minute.reactive is not None:
            q_der = np.flatnonzero(calls.any(axis=0))
        return cls(region, der, exporter, importer, q_der, minute.n_regions)

    @property
    def shares(self) -> slice:
        """Shares, first."""
        return slice(0, len(self.der))

    @property
    def bought(self) -> slice:
        """What each region buys at the main feeder."""
        return slice(self.shares.stop, self.shares.stop + self.n_regions)

    @property
    def relief(self) -> slice:
        """What DERs of each region give beyond all demand, for the sake of a limit."""
        return slice(self.bought.stop, self.bought.stop + self.n_regions)

    @property
    def exports(self) -> slice:
        """What goes over borders."""
        return slice(self.relief.stop, self.relief.stop + len(self.exporter))

    @property
    def q(self) -> slice:
        """Reactive power of DERs, beyond what is scheduled [kvar]."""
        return slice(self.exports.stop, self.exports.stop + len(self.q_der))

    @property
    def loss(self) -> int:
        """The loss, last."""
        return self.q.stop

    def cost(self, minute: Minute) -> FloatArray:
        """What one kWh of each costs, (column but the loss,) [currency/kWh]."""
        cost = np.zeros(self.loss)
        cost[self.shares] = np.asarray(minute.offer, dtype=float)[self.der]
        cost[self.bought] = minute.balancing_price
        is_merged = minute.group[self.exporter] == minute.group[self.importer]
        cost[self.exports] = np.where(is_merged, 0.0, minute.export_price)
        return cost

    def share_kw(self, x: FloatArray, n_ders: int) -> FloatArray:
        """What each DER gives each region at some x, (region, der)."""
        share = np.zeros((self.n_regions, n_ders))
        # A tolerance may leave a share just below nothing.
        share[self.region, self.der] = np.maximum(x[self.shares], 0.0)
        return share

    def q_kvar(self, x: FloatArray, n_ders: int) -> FloatArray:
        """What each DER injects beyond its schedule at some x, (der,) [kvar]."""
        q_kvar = np.zeros(n_ders)
        q_kvar[self.q_der] = x[self.q]
        return q_kvar

    def q_bounds(self, minute: Minute) -> tuple[FloatArray, FloatArray]:
        """Lowest and highest of these columns, (q,) each [kvar]."""
        if minute.reactive is None:
            return np.empty(0), np.empty(0)
        reactive = minute.reactive
        low = np.maximum(reactive.q_min_kvar, -reactive.kva) - minute.injected_kvar
        high = np.minimum(reactive.q_max_kvar, reactive.kva) - minute.injected_kvar
        return low[self.q_der], high[self.q_der]

    def exchange_kw(self, x: FloatArray) -> FloatArray:
        """What each region sends to each, (region, region)."""
        exchange = np.zeros((self.n_regions, self.n_regions))
        np.add.at(exchange, (self.exporter, self.importer), x[self.exports])
        return exchange

    def balances(self) -> sparse.csr_array:
        """What each region calls, buys and is sent, less what it sends and gives for relief, (region, column but the loss)."""
        regions = np.arange(self.n_regions)
        exports = self.exports.start + np.arange(len(self.exporter))
        arriving = [self.region, regions, self.importer]
        leaving = [regions, self.exporter]
        rows = np.concatenate([*arriving, *leaving])
        columns = np.concatenate(
            [
                np.arange(self.bought.stop),
                exports,
                self.relief.start + regions,
                exports,
            ]
        )
        values = np.ones(len(rows))
        values[sum(map(len, arriving)) :] = -1.0
        return assemble(rows, columns, values, (self.n_regions, self.loss))


class Program:
    """The program of one minute.

    Attributes:
        columns: where its variables stand.
        limit_rows: the limits that have rows.
        has_cuts: whether the loss has any.
    """

    def __init__(self, minute: Minute, is_elastic: bool = False):
        self.columns = Columns.of_pairs(minute, minute.chosen)
        self.limit_rows: list[LimitRow] = []
        self.has_cuts = False
        self._minute = minute
        self._is_elastic = is_elastic
        self._row_scale: list[float] = []
        self._limit_at: list[int] = []
        self._program = LinearProgram(minute.label)
        # What moves the network: the columns, and which input of the feeder each is.
        c = self.columns
        self._moving = np.append(
            np.arange(c.shares.stop), np.arange(c.q.start, c.q.stop)
        )
        self._input = np.append(c.der, minute.n_ders + c.q_der)
        self._add_columns()
        self._add_balances()
        self._add_shared_limits()

    def add_loss_cut(self, p_kw: FloatArray, loss_kw: float, slope: FloatArray) -> None:
        """The loss is at least its tangent at p_kw."""
        least = loss_kw - float(slope @ p_kw)
        index = np.append(self._moving, self.columns.loss)
        value = np.append(-slope[self._input], 1.0)
        self._program.add_row(least, np.inf, index, value)
        self.has_cuts = True

    def add_limit(self, row: LimitRow, slope: FloatArray, room: float) -> None:
        """slope P <= room, (input,)."""
        value = slope[self._input]
        scale = float(np.abs(value).max(initial=0.0)) or 1.0
        index = self._moving
        value = value / scale
        if self._is_elastic:
            slack = self._program.add_column(1.0, (), ())
            index = np.append(index, slack)
            value = np.append(value, -1.0)
        place = self._program.add_row(-np.inf, room / scale, index, value)
        self._limit_at.append(place)
        self.limit_rows.append(row)
        self._row_scale.append(scale)

    def add_tangent(self, der: int, by_p: float, by_q: float, room: float) -> None:
        """by_p P + by_q Q <= room for a DER, P being what all regions call of it [kVA]."""
        c = self.columns
        shares = np.flatnonzero(c.der == der)
        q = c.q.start + int(np.searchsorted(c.q_der, der))
        index = np.append(shares, q)
        value = np.append(np.full(len(shares), by_p), by_q)
        self._program.add_row(-np.inf, room, index, value)

    def solve(self) -> bool:
        """Whether there is an optimum; it stands in `x`. Raises `NoOptimumError` if HiGHS gave up."""
        return self._program.solve()

    @property
    def x(self) -> FloatArray:
        """All columns at the last optimum."""
        return self._program.x

    @property
    def objective(self) -> float:
        """Then [currency/h, or kW of all slacks]."""
        return self._program.objective

    def places(self, kind: LimitKind) -> list[int]:
        """The limits of a kind that have rows."""
        return [row.place for row in self.limit_rows if row.kind == kind]

    @property
    def share_kw(self) -> FloatArray:
        """What each DER gives each region at the last optimum, (region, der)."""
        return self.columns.share_kw(self.x, self._minute.n_ders)

    def moving(self) -> Iterator[tuple[int, int]]:
        """Each column that moves the network, and which input it is."""
        yield from zip(self._moving.tolist(), self._input.tolist(), strict=True)

    def inputs_at(self, x: FloatArray, n_inputs: int) -> FloatArray:
        """What moves the network beyond the schedule at some variables, (input,) [kW, kvar]."""
        inputs = np.bincount(self._input, weights=x[self._moving], minlength=n_inputs)
        return np.asarray(inputs, dtype=float)

    def add_inputs(self, inputs: IntArray, low: FloatArray, high: FloatArray) -> int:
        """Columns for what is injected beside DERs, before any limit or cut; the first one's place."""
        first = self._program.add_columns(low, high, np.zeros(len(inputs)))
        self._moving = np.append(self._moving, first + np.arange(len(inputs)))
        self._input = np.append(self._input, inputs)
        return first

    def add_trade(self, region: int, sign: float, cost: float, most_kw: float) -> int:
        """A column that brings power to a region's balance (sign 1) or takes it away (-1); its place."""
        return self._program.add_column(cost, [region], [sign], most_kw)

    def set_cost(self, cost: FloatArray) -> None:
        """Cost of all columns [currency/kWh]."""
        self._program.set_cost(np.arange(len(cost)), cost)

    @property
    def largest_share_kw(self) -> float:
        """Limit of the largest DER that is called."""
        return float(self._minute.p_max_kw[self.columns.der].max(initial=0.0))

    def stay_near(self, x: FloatArray, reach: float) -> None:
        """Let what DERs give go at most so far from some variables [kW, kvar]; an infinite reach frees it."""
        c = self.columns
        limit_kw = self._minute.p_max_kw[c.der]
        q_low, q_high = c.q_bounds(self._minute)
        self._bound(c.shares, np.zeros(len(c.der)), limit_kw, x, reach)
        self._bound(c.q, q_low, q_high, x, reach)

    def _bound(
        self,
        columns: slice,
        lowest: FloatArray,
        highest: FloatArray,
        x: FloatArray,
        reach: float,
    ) -> None:
        """Bounds of some columns, narrowed to a reach around x."""
        low = np.maximum(lowest, x[columns] - reach)
        high = np.minimum(highest, x[columns] + reach)
        index = np.arange(columns.start, columns.stop)
        if len(index):
            self._program.set_bounds(index, low, high)

    @property
    def balance_price(self) -> FloatArray:
        """What one kWh more of demand costs each region, losses and limits aside, (region,) [currency/kWh]."""
        return self._program.row_duals[: self._minute.n_regions]

    def limit_prices(self) -> dict[LimitRow, float]:
        """What one unit less of each limit costs, zero or more [currency/h per kW, kVA, A or pu]."""
        dual = self._program.row_duals[self._limit_at]
        worth = -dual / np.asarray(self._row_scale)
        return dict(zip(self.limit_rows, worth.tolist(), strict=True))

    def _add_columns(self) -> None:
        c = self.columns
        minute = self._minute
        count = c.loss + 1
        low = np.zeros(count)
        high = np.full(count, np.inf)
        high[c.shares] = np.asarray(minute.p_max_kw, dtype=float)[c.der]
        q_low, q_high = c.q_bounds(minute)
        low[c.q] = q_low
        high[c.q] = q_high
        # One tangent bounds the loss by P, which balances hold; Q may go wherever it falls, yet never below nothing.
        low[c.loss] = -np.inf if minute.reactive is None else 0.0
        cost = np.zeros(count)
        if not self._is_elastic:
            cost[: c.loss] = c.cost(minute)
            cost[c.loss] = minute.reference_price
        self._program.add_columns(low, high, cost)

    def _add_balances(self) -> None:
        """What arrives at each region, less what leaves it, is its demand."""
        matrix = self.columns.balances()
        for region, demand_kw in enumerate(self._minute.covered_kw.tolist()):
            row = slice(matrix.indptr[region], matrix.indptr[region + 1])
            columns = matrix.indices[row]
            self._program.add_row(demand_kw, demand_kw, columns, matrix.data[row])

    def _add_shared_limits(self) -> None:
        """The shares of one DER are together within its limit."""
        der = self.columns.der
        calls = np.bincount(der, minlength=self._minute.n_ders)
        for k in np.flatnonzero(calls > 1).tolist():
            shares = np.flatnonzero(der == k)
            limit = float(self._minute.p_max_kw[k])
            self._program.add_row(-np.inf, limit, shares, np.ones(len(shares)))
