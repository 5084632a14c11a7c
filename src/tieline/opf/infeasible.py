"""What to say when no set-points keep all limits: the smallest relaxation of voltage and branch limits that admits an answer.

Each formulation carries one slack per limit, held at zero. Without an answer it solves again with the slacks free, minimising
their sum: squared voltages in per unit, squared currents and powers relative to their limit. A sum (instead of the largest one)
names few limits: those that have to give.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tieline.errors import TielineError
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

    def __str__(self) -> str:
        return f"step {self.step}: {self.where} {self.limit:.5g} -> {self.needed:.5g} {self.unit}"


class InfeasibleError(TielineError):
    """No set-points keep all limits; `relaxations` holds the smallest change of limits that would allow some."""

    exit_code = 3

    def __init__(self, problem: Problem, method: str, relaxations: tuple[Relaxation, ...]):
        self.relaxations = relaxations
        super().__init__(_message(problem, method, relaxations))


class NoOptimumError(TielineError):
    """The solver stopped without an optimum and without a proof that there is none."""

    exit_code = 3


def relaxations_of(problem: Problem, below: FloatArray, above: FloatArray, flow: FloatArray) -> tuple[Relaxation, ...]:
    """Name the slacks of an elastic solve, largest first.

    Args:
        problem: what was asked.
        below, above: by how much squared voltages miss their limits, (step, point) [pu].
        flow: by how much squared flows exceed theirs, (step, row) [relative to the squared limit].
    """
    found: list[tuple[float, Relaxation]] = []
    names, flows = problem.points.names, problem.flows
    for t, k in np.argwhere(below > NOTICED):
        needed = float(np.sqrt(max(problem.v_min_pu[k] ** 2 - below[t, k], 0.0)))
        found.append((below[t, k], Relaxation(int(t), f"lowest voltage at {names[k]}", problem.v_min_pu[k], needed, "pu")))
    for t, k in np.argwhere(above > NOTICED):
        needed = float(np.sqrt(problem.v_max_pu[k] ** 2 + above[t, k]))
        found.append((above[t, k], Relaxation(int(t), f"highest voltage at {names[k]}", problem.v_max_pu[k], needed, "pu")))
    for t, k in np.argwhere(flow > NOTICED):
        needed = float(flows.limit[k] * np.sqrt(1 + flow[t, k]))
        unit = "A" if flows.is_current[k] else "kVA"
        found.append((flow[t, k], Relaxation(int(t), f"limit of {flows.names[k]}", flows.limit[k], needed, unit)))
    return tuple(relaxation for _, relaxation in sorted(found, key=lambda pair: -pair[0]))


def _message(problem: Problem, method: str, relaxations: tuple[Relaxation, ...]) -> str:
    name = problem.network.feeder.name
    if not relaxations:
        return (
            f"The {method} optimum of feeder '{name}' does not exist even without voltage and branch limits. Limits of the "
            "devices over time contradict each other (stored energy, ramps, energy due), or the load is beyond collapse. Relax "
            "those."
        )
    lines = [f"  {relaxation}" for relaxation in relaxations[:NAMED]]
    more = [f"  and {len(relaxations) - NAMED} more"] if len(relaxations) > NAMED else []
    head = f"No set-points of feeder '{name}' keep all limits ({method}). The smallest relaxation that would allow some:"
    return "\n".join([head, *lines, *more])
