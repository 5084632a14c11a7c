"""`Layout`: where variables and constraints of the nonlinear program stand."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from tieline.opf.balances import balance_rows
from tieline.opf.decisions import Decisions
from tieline.opf.problem import Problem
from tieline.typing import FloatArray, IntArray


@dataclass(frozen=True, eq=False)
class Layout:
    """Variables x = (v_re, v_im by step, u, slacks by step); constraints g = (those of each step, circles, couplings).

    A step's constraints are current balances (real, imaginary), voltages, branch limits. Only an elastic program has slacks:
    of lowest voltages, highest voltages, branch limits.

    Attributes:
        steps, nodes, points, rows, sources, decisions: how many there are; `rows` of branch limits, `sources` the source's nodes.
        held: nodes whose voltage an ideal source holds.
        balanced: the others.
        balance: combinations of current balances, (balance, balanced node), see `balances`.
        is_elastic: whether limits of the network may give.
    """

    steps: int
    nodes: int
    points: int
    rows: int
    sources: int
    decisions: int
    held: IntArray
    balanced: IntArray
    balance: sparse.csr_array
    is_elastic: bool = False

    @classmethod
    def of(cls, problem: Problem, decisions: Decisions) -> Layout:
        """The layout of a problem."""
        network = problem.network
        balanced = np.setdiff1d(np.arange(network.n_nodes), network.held_nodes)
        return cls(
            steps=problem.n_steps,
            nodes=network.n_nodes,
            points=len(problem.limits.points.names),
            rows=len(problem.limits.flows),
            sources=len(network.source_nodes),
            decisions=decisions.count,
            held=network.held_nodes,
            balanced=balanced,
            balance=balance_rows(network, problem.setting.state, balanced),
        )

    @property
    def voltages(self) -> slice:
        """Voltages in x."""
        return slice(0, 2 * self.nodes * self.steps)

    @property
    def u(self) -> slice:
        """Decisions in x."""
        first = self.voltages.stop
        return slice(first, first + self.decisions)

    @property
    def slacks(self) -> slice:
        """Slacks in x."""
        first = self.u.stop
        return slice(first, first + self.steps * self.slacks_per_step)

    @property
    def slacks_per_step(self) -> int:
        """Slacks of a step; none where limits are held."""
        if not self.is_elastic:
            return 0
        return 2 * self.points + self.rows

    def split_slacks(self, x: FloatArray) -> list[FloatArray]:
        """Slacks of lowest voltages, highest voltages and branch limits of an elastic program, each (step, limit)."""
        by_step = x[self.slacks].reshape(self.steps, -1)
        ends = [self.points, 2 * self.points]
        return np.split(by_step, ends, axis=1)

    def split_constraints(self, g: FloatArray) -> list[FloatArray]:
        """Real and imaginary balances, voltages, branch limits, each (step, constraint)."""
        n_balances = len(self.balanced)
        sizes = [n_balances, n_balances, self.points, self.rows]
        *ends, per_step = np.cumsum(sizes)
        # Circles and couplings follow, which belong to no step.
        of_steps = g[: self.steps * per_step]
        by_step = of_steps.reshape(self.steps, per_step)
        return np.split(by_step, ends, axis=1)
