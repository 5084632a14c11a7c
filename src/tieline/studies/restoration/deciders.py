"""Who decides: the names that `--deciders` takes, what each is called, and which of them are asked unasked.

    bound              cone program of all steps with what sun and wind will be: nobody can do better
    bound-nlp          a plan that keeps the equations in place of the cones: the optimum lies between it and the bound
    mpc-4, mpc-8       the program of the next 4 or 8 steps, of which the first is carried out
    mpc-rest           of all steps that are left
    mpc-corrected      of all steps that are left, with a forecast corrected by what was measured so far
    mpc-persistent     the same, corrected by what was measured in this step alone
    mpc-paper          of the next 8 steps, with the droop law relaxed as it was published
    hold               as much load as energy can hold to the end, in closed form
    imitation          a network that repeats mpc-8; imitation-corrected one that repeats mpc-corrected
    cpo                a network that learned by constrained policy optimisation

A window of 4 and the second bound answer questions of their own, and are asked only if they are named.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

BOUND = "bound"
BOUND_NLP = "bound-nlp"
CORRECTED = "mpc-corrected"
PERSISTENT = "mpc-persistent"
HOLD = "hold"
CPO = "cpo"

NO_POLICY = -1
"""In place of the seed of a policy, for who has none."""


@dataclass(frozen=True)
class Decider:
    """One who decides.

    Attributes:
        name: as it is typed.
        words: as pages call it.
        is_usual: whether it is asked if nobody is named.
    """

    name: str
    words: str
    is_usual: bool = True

    @property
    def suffix(self) -> str:
        """What stands in the names of its metrics."""
        return self.name.replace("-", "_")


DECIDERS: Mapping[str, Decider] = {
    decider.name: decider
    for decider in (
        Decider(BOUND, "bound"),
        Decider(BOUND_NLP, "plan that keeps the equations", is_usual=False),
        Decider("mpc-4", "MPC, 4 steps", is_usual=False),
        Decider("mpc-8", "MPC, 8 steps"),
        Decider("mpc-rest", "MPC, all steps left"),
        Decider(CORRECTED, "MPC, forecast corrected"),
        Decider(PERSISTENT, "MPC, sun as it is now"),
        Decider("mpc-paper", "MPC, 8 steps, as published"),
        Decider(HOLD, "holding plan"),
        Decider("imitation", "imitation of MPC, 8 steps"),
        Decider("imitation-corrected", "imitation of corrected MPC"),
        Decider(CPO, "CPO"),
    )
}
"""By name, in the order of tables."""

BOUNDS = (BOUND, BOUND_NLP)
"""Those that know what sun and wind will be, and decide all steps at once; what they plan is not played."""

FORECASTING = ("mpc-4", "mpc-8", "mpc-rest", CORRECTED, PERSISTENT)
"""MPCs, by how far they look ahead and what they take a forecast for: the best of them is what a learned claim must face."""

LEARNED = ("imitation", "imitation-corrected", CPO)
"""Those that ask a policy, one for each seed of its training."""


def asked_deciders(names: tuple[str, ...] | None) -> list[Decider]:
    """Those who are named, else the usual ones, in the order of tables."""
    deciders = list(DECIDERS.values())
    if names is None:
        return [decider for decider in deciders if decider.is_usual]
    return [decider for decider in deciders if decider.name in names]
