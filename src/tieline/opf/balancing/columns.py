"""`Columns`: where each variable of a minute stands, in its linear program as on AC.

    share      what each region calls of each DER                      (share,)
    bought     at the main feeder, of each region                      (region,)
    relief     what its DERs give beyond all demand                    (region,)
    exports    over each border, either way                            (way,)
    q          reactive power of every DER that is called, if free     (q,)
    loss       of the feeder, in the linear program only

All powers in kW and kvar.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from tieline.linear.blocks import assemble
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
        # shaped even where there is no border: an empty list has no second axis
        borders = np.asarray(minute.neighbours, dtype=np.int64).reshape(-1, 2)
        near, far = borders.T
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
        first = self.shares.stop
        return slice(first, first + self.n_regions)

    @property
    def relief(self) -> slice:
        """What DERs of each region give beyond all demand, for the sake of a limit."""
        first = self.bought.stop
        return slice(first, first + self.n_regions)

    @property
    def exports(self) -> slice:
        """What goes over borders."""
        first = self.relief.stop
        return slice(first, first + len(self.exporter))

    @property
    def q(self) -> slice:
        """Reactive power of DERs, beyond what is scheduled [kvar]."""
        first = self.exports.stop
        return slice(first, first + len(self.q_der))

    @property
    def loss(self) -> int:
        """The loss, last."""
        return self.q.stop

    def cost(self, minute: Minute) -> FloatArray:
        """What one kWh of each costs, (column but the loss,) [currency/kWh]."""
        cost = np.zeros(self.loss)
        offer = np.asarray(minute.offer, dtype=float)
        cost[self.shares] = offer[self.der]
        cost[self.bought] = minute.balancing_price
        exporter_group = minute.group[self.exporter]
        importer_group = minute.group[self.importer]
        is_merged = exporter_group == importer_group
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
        # Infinite columns would be slow: the circle bounds Q before it has any tangent.
        lowest = np.maximum(reactive.q_min_kvar, -reactive.kva)
        highest = np.minimum(reactive.q_max_kvar, reactive.kva)
        low = lowest - minute.injected_kvar
        high = highest - minute.injected_kvar
        return low[self.q_der], high[self.q_der]

    def exchange_kw(self, x: FloatArray) -> FloatArray:
        """What each region sends to each, (region, region)."""
        shape = (self.n_regions, self.n_regions)
        exchange = np.zeros(shape)
        ways = (self.exporter, self.importer)
        # Two regions may share several borders.
        np.add.at(exchange, ways, x[self.exports])
        return exchange

    def balances(self) -> sparse.csr_array:
        """What each region calls, buys and is sent, less what it sends and gives for relief, (region, column but the loss)."""
        regions = np.arange(self.n_regions)
        exports = self.exports.start + np.arange(len(self.exporter))
        arriving = [self.region, regions, self.importer]
        leaving = [regions, self.exporter]
        rows = np.concatenate([*arriving, *leaving])
        shares_and_bought = np.arange(self.bought.stop)
        relief = self.relief.start + regions
        # in the order of the rows: what arrives, then what leaves
        columns = np.concatenate([shares_and_bought, exports, relief, exports])
        values = np.ones(len(rows))
        n_arriving = sum(map(len, arriving))
        values[n_arriving:] = -1.0
        shape = (self.n_regions, self.loss)
        return assemble(rows, columns, values, shape)
