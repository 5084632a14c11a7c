"""`SetPointGuard`: the safety step for set-points of any origin, one step of a `Problem` after the other.

1. Replay. Set-points within all limits pass as they are.
2. Else the nearest ones within limits (`safety`), all devices together, in shares of their ratings.
3. Where that finds none, the optimum of the step by the AC program, if it has one.
4. Where it has none, what of these breaks limits least.
"""

from __future__ import annotations

import numpy as np

from tieline.agents.safety import make_safe
from tieline.envs.guarded_problem import guard_problem, next_step
from tieline.opf import InfeasibleError, NoOptimumError, Problem, warm_nlp
from tieline.typing import FloatArray


class SetPointGuard:
    """The safety step of the steps of one problem."""

    def __init__(self, problem: Problem):
        self._guarded = guard_problem(problem)
        # built when first needed: most runs never get there
        self._optimum = warm_nlp()

    def __call__(
        self, question: Problem, der_kw: FloatArray, der_kvar: FloatArray
    ) -> tuple[FloatArray, FloatArray]:
        """Set-points that keep the limits of a step.

        Args:
            question: the step alone, with the stored energy and last power that it begins with.
            der_kw, der_kvar: proposed for every DER, (der,) [kW, kvar].

        Returns:
            P and Q of every DER, (der,) each: the arrays that were given where they keep all limits and devices can follow them.
        """
        guarded = self._guarded
        entries = guarded.entries
        state = next_step(guarded, question)
        proposed = entries.taken(der_kw[None], der_kvar[None])
        feasible = guarded.carried_out(state, proposed)
        safe = make_safe(guarded, state, feasible)
        is_feasible = np.array_equal(feasible, proposed)
        if is_feasible and not safe.touched[0]:
            return der_kw, der_kvar
        action = safe.actions
        violation_pu = safe.violation_after[0]
        if violation_pu > 0:
            action = self._or_optimum(question, action, violation_pu)
        p_kw, q_kvar = entries.put(action, state.der_kw, state.der_kvar)
        return p_kw[0], q_kvar[0]

    def _or_optimum(
        self, question: Problem, action: FloatArray, violation_pu: float
    ) -> FloatArray:
        """The optimum of the step, if there is one and it breaks limits less."""
        try:
            answer = self._optimum(question, None)
        except (InfeasibleError, NoOptimumError):
            return action
        guarded = self._guarded
        state = next_step(guarded, question)
        optimum = guarded.entries.taken(answer.der_kw, answer.der_kvar)
        # an interior point may stand on a bound by its tolerance, on either side
        feasible = guarded.carried_out(state, optimum)
        limited = guarded.limited(state, feasible)
        is_better = limited.violation_pu[0] < violation_pu
        return feasible if is_better else action
