"""`Coordinator`: prices at which regions agree, from what they propose; it sees no row of theirs.

The dual function, what all clusters cost at given prices, is concave: every round of proposals is a cutting plane of it, and
prices rise to the maximum of the planes met so far (dual ascent by cutting planes). The same program weighs the proposals of each
cluster: their mix keeps every coupling.

    min  sum cost_k w_k + sum price |mismatch|     s.t.  sum a_k w_k + mismatch = limits,   sum of the w_k of each cluster = 1

What a mismatch costs is the end of the range that prices may have. It begins around those of the round before, since prices far
off lead to proposals that nobody needs, and grows where a mismatch stays.

Sources: G. B. Dantzig, P. Wolfe, "Decomposition principle for linear programs", Operations Research 8(1), 1960; the range: O.
du Merle, D. Villeneuve, J. Desrosiers, P. Hansen, "Stabilized column generation", Discrete Mathematics 194, 1999.
"""

from __future__ import annotations

import numpy as np

from tieline.opf.balancing.consensus.couplings import Couplings
from tieline.opf.balancing.consensus.region_program import Proposal
from tieline.opf.balancing.highs import LinearProgram
from tieline.opf.balancing.minute import Minute
from tieline.opf.infeasible import NoOptimumError
from tieline.typing import BoolArray, FloatArray, IntArray

MATCH_KW = 0.1
"""What sides of a border may differ by and still agree [kW]."""

LIMIT_MATCH_KW = 1e-6
"""How far a limit may be past in the mix, in kW of the DER that moves it most: what a linear program's tolerance leaves."""

NARROW = 0.05
"""How far prices may go at first from those agreed on in the pass or minute before, relative to the balancing price."""

GROWTH = 2.0
"""How much further prices may go from where they were once the mix of proposals asks for more."""


class Coordinator:
    """Proposals of all clusters and the prices they lead to.

    Attributes:
        proposals: all of them.
    """

    def __init__(self, minute: Minute, couplings: Couplings, first_prices: FloatArray):
        self.proposals: list[Proposal] = []
        self._couplings = couplings
        self._program = LinearProgram(minute.label)
        self._weight: list[int] = []
        self._label = minute.label
        lowest = couplings.lowest().tolist()
        highest = couplings.highest(minute).tolist()
        for low, high in zip(lowest, highest, strict=True):
            self._program.add_row(low, high, (), ())
        for _ in range(couplings.n_clusters):
            self._program.add_row(1.0, 1.0, (), ())
        self._over = self._add_mismatches(-1.0)
        self._under = self._add_mismatches(1.0)
        self._tolerance_kw = np.full(couplings.count, MATCH_KW)
        # what regions trade may differ by what nobody notices; a limit that is past is a violation
        self._tolerance_kw[couplings.kept] = LIMIT_MATCH_KW
        is_known = np.isfinite(first_prices)
        self._centre = np.where(is_known, first_prices, 0.0)
        # A price that was agreed on before moves little; without one a kW may be worth all of a kWh.
        whole_price = float(minute.balancing_price)
        self._range = np.where(is_known, NARROW * whole_price, whole_price)
        self._limit_prices(np.arange(couplings.count))

    def add(self, proposal: Proposal) -> None:
        """Take in what a cluster would do."""
        n = self._couplings.count
        # the last row is the cluster's own: the weights of its proposals add up to one
        rows = np.append(np.arange(n), n + proposal.cluster)
        values = np.append(proposal.meaning, 1.0)
        column = self._program.add_column(proposal.cost, rows, values)
        self._weight.append(column)
        self.proposals.append(proposal)

    def prices(self) -> FloatArray:
        """Prices of all couplings at the best mix of what was proposed, (coupling,) [currency/kWh]."""
        if not self._program.solve():
            raise NoOptimumError(
                f"{self._label}: proposals of regions have no mix, which mismatches should allow always."
            )
        prices = self._program.row_duals[: self._couplings.count]
        differs = self.differs
        apart = np.flatnonzero(differs)
        if len(apart):
            self._centre = np.where(differs, prices, self._centre)
            self._range[apart] *= GROWTH
            self._limit_prices(apart)
        return prices

    @property
    def cost(self) -> float:
        """Cost of that mix, mismatches counted [currency/h]."""
        return self._program.objective

    @property
    def mismatch_kw(self) -> FloatArray:
        """On how much of each coupling there is no agreement, (coupling,)."""
        x = self._program.x
        couplings = np.arange(self._couplings.count)
        over_kw = x[self._over + couplings]
        under_kw = x[self._under + couplings]
        return over_kw + under_kw

    @property
    def differs(self) -> BoolArray:
        """Couplings on which there is no agreement, (coupling,)."""
        return self.mismatch_kw > self._tolerance_kw

    def mix(self, cluster: int) -> FloatArray:
        """A cluster's variables in that mix."""
        total = 0.0
        for proposal, column in zip(self.proposals, self._weight, strict=True):
            if proposal.cluster == cluster:
                total = total + self._program.x[column] * proposal.x
        return np.asarray(total)

    def _add_mismatches(self, sign: float) -> int:
        """A column for each coupling; the first one's place."""
        first = self._program.n_columns
        for coupling in range(self._couplings.count):
            self._program.add_column(0.0, [coupling], [sign])
        return first

    def _limit_prices(self, couplings: IntArray) -> None:
        """Let prices of some couplings lie within their range."""
        centre = self._centre[couplings]
        reach = self._range[couplings]
        over = self._over + couplings
        under = self._under + couplings
        self._program.set_cost(over, reach - centre)
        self._program.set_cost(under, reach + centre)
