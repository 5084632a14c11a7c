"""`Program`: the minute's linear program in HiGHS. Loss and limits enter as rows, which come when they are needed.

Variables are those of `columns`, and in the elastic program a slack for each limit.

    loss >= Loss(P_k) + grad Loss (P - P_k)            one cut for each P_k asked about; Loss is convex in P
    value_k + slope (P - P_k) <= limit                 relative to its largest slope, so that what is missed is in kW of a DER

All powers in kW, costs in currency/h. Minutes with free reactive power have `cone_optimum`.
"""

from __future__ import annotations

import numpy as np

from tieline.opf.balancing.broken import LimitRow
from tieline.opf.balancing.columns import Columns
from tieline.opf.balancing.highs import LinearProgram
from tieline.opf.balancing.minute import FIRST_KW, Minute
from tieline.typing import FloatArray


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
        # What moves the network: the columns, and of which DER each is.
        c = self.columns
        self._moving = np.arange(c.shares.stop)
        self._input = c.der
        self._add_columns()
        self._add_balances()
        self._add_shared_limits()

    def add_loss_cut(self, p_kw: FloatArray, loss_kw: float, slope: FloatArray) -> None:
        """The loss is at least its tangent at p_kw."""
        least = loss_kw - float(slope @ p_kw)
        by_column = slope[self._input]
        index = np.append(self._moving, self.columns.loss)
        value = np.append(-by_column, 1.0)
        self._program.add_row(least, np.inf, index, value)
        self.has_cuts = True

    def add_limit(self, row: LimitRow, slope: FloatArray, room: float) -> None:
        """slope P <= room, (input,)."""
        by_column = slope[self._input]
        steepest = float(np.abs(by_column).max(initial=0.0))
        # Where no DER moves a limit its row only says whether it is kept.
        scale = steepest or 1.0
        index = self._moving
        value = by_column / scale
        if self._is_elastic:
            slack = self._program.add_column(1.0, (), ())
            index = np.append(index, slack)
            value = np.append(value, -1.0)
        place = self._program.add_row(
            -np.inf,
            room / scale,
            index,
            value,
        )
        self._limit_at.append(place)
        self.limit_rows.append(row)
        self._row_scale.append(scale)

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

    @property
    def share_kw(self) -> FloatArray:
        """What each DER gives each region at the last optimum, (region, der)."""
        return self.columns.share_kw(self.x, self._minute.n_ders)

    def inputs_at(self, x: FloatArray) -> FloatArray:
        """What DERs give beyond the schedule at some variables, (der,) [kW]."""
        power = x[self._moving]
        # shares of one DER add up: regions may call it together
        n_ders = self._minute.n_ders
        inputs = np.bincount(self._input, weights=power, minlength=n_ders)
        return np.asarray(inputs, dtype=float)

    def add_trade(self, region: int, sign: float, cost: float, most_kw: float) -> int:
        """A column that brings power to a region's balance (sign 1) or takes it away (-1); its place."""
        return self._program.add_column(cost, [region], [sign], most_kw)

    def set_cost(self, cost: FloatArray) -> None:
        """Cost of all columns [currency/kWh]."""
        self._program.set_cost(np.arange(len(cost)), cost)

    @property
    def largest_share_kw(self) -> float:
        """Limit of the largest DER that is called."""
        limit_kw = self._minute.p_max_kw[self.columns.der]
        return float(limit_kw.max(initial=0.0))

    def stay_near(self, x: FloatArray, reach: float) -> None:
        """Let what DERs give go at most so far from some variables [kW]; an infinite reach frees it."""
        c = self.columns
        middle = x[c.shares]
        limit_kw = self._minute.p_max_kw[c.der]
        low = np.maximum(middle - reach, 0.0)
        high = np.minimum(middle + reach, limit_kw)
        if len(middle):
            self._program.set_bounds(self._moving, low, high)

    def balance_price(self) -> FloatArray:
        """What one kWh more of demand costs each region, losses and limits aside, (region,) [currency/kWh].

        A region without demand has many duals, 0 among them: that of its first watt says what the next kWh costs.
        """
        n_regions = self._minute.n_regions
        idle_regions = self._minute.without_demand.tolist()
        at_optimum = self._program.row_duals[:n_regions]
        if not idle_regions:
            return at_optimum
        for region in idle_regions:
            self._program.set_row(region, FIRST_KW)
        has_price = self._program.solve()
        after = self._program.row_duals[:n_regions]
        for region in idle_regions:
            self._program.set_row(region, float(self._minute.covered_kw[region]))
        # where limits leave no room for a watt, what is asked of no one has the price it had
        return after if has_price else at_optimum

    def limit_prices(self) -> dict[LimitRow, float]:
        """What one unit less of each limit costs, zero or more [currency/h per kW, kVA, A or pu]."""
        dual = self._program.row_duals[self._limit_at]
        scale = np.asarray(self._row_scale)
        # A higher bound lowers the cost: its dual is negative, what it is worth is not.
        worth = -dual / scale
        return dict(zip(self.limit_rows, worth.tolist(), strict=True))

    def _add_columns(self) -> None:
        c = self.columns
        minute = self._minute
        count = c.loss + 1
        low = np.zeros(count)
        high = np.full(count, np.inf)
        p_max_kw = np.asarray(minute.p_max_kw, dtype=float)
        high[c.shares] = p_max_kw[c.der]
        # its tangents bound the loss, since balances hold what DERs give
        low[c.loss] = -np.inf
        cost = np.zeros(count)
        if not self._is_elastic:
            cost[: c.loss] = c.cost(minute)
            cost[c.loss] = minute.reference_price
        self._program.add_columns(low, high, cost)

    def _add_balances(self) -> None:
        """What arrives at each region, less what leaves it, is its demand."""
        matrix = self.columns.balances()
        for region, demand_kw in enumerate(self._minute.covered_kw.tolist()):
            first = matrix.indptr[region]
            end = matrix.indptr[region + 1]
            columns = matrix.indices[first:end]
            values = matrix.data[first:end]
            self._program.add_row(demand_kw, demand_kw, columns, values)

    def _add_shared_limits(self) -> None:
        """The shares of one DER are together within its limit."""
        der = self.columns.der
        calls = np.bincount(der, minlength=self._minute.n_ders)
        for k in np.flatnonzero(calls > 1).tolist():
            shares = np.flatnonzero(der == k)
            ones = np.ones(len(shares))
            limit_kw = float(self._minute.p_max_kw[k])
            self._program.add_row(-np.inf, limit_kw, shares, ones)
