"""`Outcome`: how the solution of one scenario ended, as data, with a text that names the remedy."""

from __future__ import annotations

from enum import IntEnum


class Outcome(IntEnum):
    """Codes in `Solution.outcome`. Only `CONVERGED` has voltages; the others are NaN."""

    CONVERGED = 0
    ITERATION_LIMIT = 1
    DIVERGED = 2
    BAD_INPUT = 3
    CONTROL_LIMIT = 4
    UNBALANCED = 5

    @property
    def remedy(self) -> str:
        """What the power flow did, as the end of a sentence about it, and what to try."""
        return _REMEDY[self]


_REMEDY = {
    Outcome.CONVERGED: "converged.",
    Outcome.ITERATION_LIMIT: "did not converge within the iteration limit: the load is near or beyond what the feeder can "
    "carry. Reduce the load, or raise max_iterations if the last step is still shrinking.",
    Outcome.DIVERGED: "diverged: no voltage can carry this load. Reduce the load or the generation at the weakest bus, or look "
    "for an impedance that is far too large on the way to it.",
    Outcome.BAD_INPUT: "has an input (power, tap, switch or source voltage) that is NaN or infinite. Correct the data.",
    Outcome.CONTROL_LIMIT: "does not come to rest: regulators or capacitor controls keep hunting within the limit of "
    "control rounds. Widen a band, separate the delays, or solve with controls='off'.",
    Outcome.UNBALANCED: "ended at voltages at which the currents do not balance (Kirchhoff's law): these are no answer. "
    "Look there for impedances far too large or too small, for a neutral without earth, or for a part without supply.",
}
