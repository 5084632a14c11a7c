"""What to say when no set-points keep all limits: the smallest relaxation of voltage and branch limits that admits an answer.

Each formulation carries one slack per limit, held at zero. Without an answer it solves again with the slacks free, minimising
their sum: squared voltages in per unit, squared currents and powers relative to their limit. A sum (instead of the largest one)
names few limits: those that have to give.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tieline.errors import NoAnswerError
from tieline.opf.problem import Problem
from tieline.typing import FloatArray

NAMED = 5
"""How many relaxations a message spells out."""

NOTICED = 1e-6
"""Relaxations below this are what a solver's tolerance leaves [pu]."""


@dataclass(frozen=True)
class Relaxation:
    """A limit that has to give: where, in which step, the limit asked for and the one that could be met."""

    step: int
    where: str
    limit: float
    needed: float
    unit: str

    @property
    def change(self) -> str:
        """The limit and what it would have to be, in words."""
        return f"{self.where} {self.limit:.5g} -> {self.needed:.5g} {self.unit}"

    def __str__(self) -> str:
        return f"step {self.step}: {self.change}"


class InfeasibleError(NoAnswerError):
    """No set-points keep all limits; `relaxations` holds the smallest change of limits that would allow some."""

    def __init__(
        self, problem: Problem, method: str, relaxations: tuple[Relaxation, ...]
    ):
        self.relaxations = relaxations
        super().__init__(_message(problem, method, relaxations))


class NoOptimumError(NoAnswerError):
    """The solver stopped without an optimum and without a proof that there is none."""


def relaxations_of(
    problem: Problem, below: FloatArray, above: FloatArray, flow: FloatArray
) -> tuple[Relaxation, ...]:
    """Name the slacks of an elastic solve, largest first.

    Args:
        problem: what was asked.
        below, above: by how much squared voltages miss their limits, (step, point) [pu].
        flow: by how much flows miss theirs, as `FlowLimits.misses`, (step, row).
    """
    limits = problem.limits
    flows = limits.flows
    low, high = limits.v_min_pu, limits.v_max_pu
    # No voltage has a square below zero, whatever a solver leaves.
    lowest = np.sqrt(np.maximum(low**2 - below, 0.0))
    highest = np.sqrt(high**2 + above)
    points = limits.points
    low_names = [f"lowest voltage at {name}" for name in points.names]
    high_names = [f"highest voltage at {name}" for name in points.names]
    flow_names = [f"limit of {name}" for name in flows.names]
    pu = ["pu"] * len(low_names)
    kinds = (
        (below, low_names, low, lowest, pu),
        (above, high_names, high, highest, pu),
        (flow, flow_names, flows.limit, flows.met_by(flow), flows.unit.tolist()),
    )
    sized = []
    for slack, names, limit, needed, units in kinds:
        for step, k in np.argwhere(slack > NOTICED).tolist():
            change = Relaxation(
                step, names[k], float(limit[k]), float(needed[step, k]), units[k]
            )
            sized.append((float(slack[step, k]), change))
    sized.sort(key=lambda pair: -pair[0])
    return tuple(change for _, change in sized)


def _message(problem: Problem, method: str, relaxations: tuple[Relaxation, ...]) -> str:
    feeder = problem.network.feeder
    if not relaxations:
        return (
            f"The {method} optimum of feeder '{feeder.name}' was not found even without voltage and branch limits. Limits of the "
            "devices over time contradict each other (stored energy, ramps, energy due), or the load is beyond collapse: relax "
            "those. Or a branch limit is so far below what flows there that the solver cannot tell: look at the lowest one."
        )
    lines = [
        f"No set-points of feeder '{feeder.name}' keep all limits ({method}). The smallest relaxation that would allow some:"
    ]
    spelled_out = relaxations[:NAMED]
    if problem.n_steps > 1:
        lines += [f"  {relaxation}" for relaxation in spelled_out]
    else:
        lines += [f"  {relaxation.change}" for relaxation in spelled_out]
    if len(relaxations) > NAMED:
        lines.append(f"  and {len(relaxations) - NAMED} more")
    if feeder.regulators:
        lines.append("Regulators are held where they stand: other taps may do without.")
    return "\n".join(lines)
