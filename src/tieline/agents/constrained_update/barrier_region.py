"""C-TRPO: a trust region that ends before the limits, in the place of limits in the program.

    maximise g^T d   subject to   sum_n KL_n(d) + beta sum_m psi(b_m^T d / s_m) <= N delta,     psi(u) = -log(1 - u) - u

s_m is the slack of constraint m before the step, and psi the divergence that the barrier -log of the slack makes: u = 1 would use
all of it up and is infinitely far away. So close to a limit the metric  H + beta sum_m b_m b_m^T / s_m^2  turns the step along
it, before a limit is met: updates do not come to rest there, as those do that go straight to a limit and along none.

The step goes along that metric's gradient as far as the divergence above allows, with the linear model of the slack, and no agent
beyond its own trust region. Where a limit is broken there is no such region: the step is that of `trust_region.best_step`,
which goes back within limits.

Source: N. Milosevic, J. Mueller, N. Scherf, "Embedding safety into RL: a new take on trust region methods", ICML 2025
(arXiv 2411.02957), there for one constraint and agent; of its two barriers the logarithm, as it knows no unit.
"""

from __future__ import annotations

from functools import partial

import numpy as np
from scipy.optimize import root_scalar

from tieline.agents.constrained_update.row_system import solve_with_rows
from tieline.agents.constrained_update.trust_region import (
    JointStep,
    StepQuestion,
    WhitenedRows,
    are_moved,
    best_step,
)
from tieline.agents.constrained_update.update import FindStep
from tieline.typing import FloatArray

BETA = 1.0
"""Weight of the barrier, the one of the source's experiments."""

TINY = 1e-300
"""For a division where no limit comes nearer."""

ALMOST = 1.0 - 1e-9
"""Part of the way to where a slack would be used up, or a trust region end, that is looked at."""


def barrier_step(beta: float = BETA) -> FindStep:
    """A `FindStep` of `update`; `beta` weighs the barrier against the divergence of policies."""
    return partial(_barrier_step, beta)


def _barrier_step(beta: float, question: StepQuestion) -> JointStep:
    delta = question.delta
    radius = np.full(len(question.grams), np.sqrt(2.0 * delta))
    whole = WhitenedRows(question.grams, radius)
    is_moved = are_moved(np.linalg.norm(whole.rows, axis=1), question.slack)
    if (question.slack[is_moved] <= 0).any():
        return best_step(question.grams, question.slack, delta)
    uses = whole.rows[is_moved] / question.slack[is_moved, None]
    # in these coordinates KL is delta times the squared length: its metric is 2 delta, taken as the unit
    weight = beta / delta
    ones = np.ones(len(whole.objective))
    metric_rows = np.sqrt(weight / 2.0) * uses
    direction = solve_with_rows(ones, metric_rows, whole.objective)
    z = _length(whole, direction, uses, weight) * direction
    return JointStep(
        coefficients=whole.coefficients(z),
        objective=float(whole.objective @ z),
        constraints=whole.rows @ z,
        multipliers=np.zeros(len(question.slack)),
        is_recovery=False,
        is_beyond_influence=~is_moved,
    )


def _length(
    whole: WhitenedRows, direction: FloatArray, uses: FloatArray, weight: float
) -> float:
    """How far a direction is followed: to the end of the joint region, of an agent's own, or nearly to a limit."""
    n_agents = len(whole.grams)
    of_agents = np.bincount(whole.block, direction**2, minlength=n_agents)
    if not of_agents.any():
        return 0.0
    use = uses @ direction
    to_limit = 1.0 / max(use.max(initial=0.0), TINY)
    to_own_end = 1.0 / np.sqrt(of_agents.max())
    furthest = ALMOST * min(to_limit, to_own_end)

    def beyond(length: float) -> float:
        """Of the joint region, in parts of delta."""
        used = length * use
        barrier = -np.log1p(-used) - used
        return length**2 * of_agents.sum() + weight * barrier.sum() - n_agents

    if beyond(furthest) <= 0:
        return furthest
    end = root_scalar(beyond, bracket=(0.0, furthest), method="brentq")
    return float(end.root)
