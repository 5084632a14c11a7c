"""Whether a day can begin: limits that nothing could keep in its first step are refused by name, before any decider is asked.

Later steps are the deciders' business: what they leave behind decides whether those can be kept.
"""

from __future__ import annotations

import numpy as np

from tieline.agents.set_point_guard import SetPointGuard
from tieline.envs.microgrids.day import Day, problem_of
from tieline.envs.microgrids.plant import Plant
from tieline.errors import NoAnswerError
from tieline.opf import InfeasibleError, Problem, replay, solve_nlp
from tieline.opf.replay import FEASIBLE_PU


def require_start(plant: Plant, day: Day) -> None:
    """Refuse a day whose first step has no set-points within limits.

    Raises:
        NoAnswerError: if there are none; it names the limits that would have to give.
        InputError: if limits contradict each other.
    """
    first = problem_of(plant, day).window(0, 1)
    # a search by linear steps finds what there is in milliseconds; only where it does not the optimum is asked for names
    if _can_be_kept(first):
        return
    try:
        solve_nlp(first)
    except InfeasibleError as error:
        raise NoAnswerError(
            f"The day cannot begin within its limits, whatever is decided in its first step, at {day.hour[0]:g} h. {error}\n"
            "Widen these limits (lowest_pu, highest_pu, transformer_pct, line_pct), or lower the loads."
        ) from None


def _can_be_kept(first: Problem) -> bool:
    ders = first.ders
    # any proposal serves: devices at rest, as far as they can
    idle_kw = np.clip(0.0, ders.p_min_kw[0], ders.p_max_kw[0])
    no_kvar = np.zeros(len(idle_kw))
    guard = SetPointGuard(first)
    kw, kvar = guard(first, idle_kw, no_kvar)
    outcome = replay(first, kw[None], kvar[None])
    return outcome.worst_miss <= FEASIBLE_PU
