"""What to say when no plan keeps all limits of a window: which kinds of limits stand against each other.

The solver's proof that no x keeps A x + s = b, s in K, is a z in the dual cone with A' z = 0 and b z < 0: rows that carry much of
b z are those that cannot be had together (Farkas).
"""

from __future__ import annotations

import numpy as np

from tieline.errors import NoAnswerError
from tieline.opf.cones.interior_point import Solved

NAMED = 4
"""How many kinds of limits a message names."""


class NoPlanError(NoAnswerError):
    """No plan keeps the limits of a window, or the solver stopped without one; `limits` names kinds of limits in conflict."""

    def __init__(self, island: str, steps: int, solved: Solved):
        self.limits = _in_conflict(solved)
        where = f"island '{island}', {steps} steps"
        message = _message(where, solved.status, self.limits)
        super().__init__(message)


def _in_conflict(solved: Solved) -> tuple[str, ...]:
    """Kinds of limits by their weight in the proof, largest first; none without a proof."""
    if not solved.is_infeasible:
        return ()
    largest = {}
    for name, dual in solved.duals.items():
        largest[name] = float(np.abs(dual).max())
    names = sorted(largest, key=largest.__getitem__, reverse=True)
    return tuple(names[:NAMED])


def _message(where: str, status: str, limits: tuple[str, ...]) -> str:
    if not limits:
        return (
            f"No plan for {where}: the solver ended with '{status}'. Scale weights and costs to ordinary numbers, or loosen "
            "limits that only just hold."
        )
    return (
        f"No plan for {where} keeps all limits: {', '.join(limits)} stand against each other. Give more fuel, a larger unit or "
        "ramp, or wider limits of frequency and voltage."
    )
