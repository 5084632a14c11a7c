"""Random questions of a step, of every awkward kind."""

from __future__ import annotations

import numpy as np

from tieline.agents.constrained_update.gram import Gram
from tieline.agents.constrained_update.trust_region import StepQuestion

DELTA = 0.01


def random_question(
    seed: int,
    *,
    n_agents: int = 5,
    n_limits: int = 12,
    n_parameters: int = 30,
    broken: float = 0.1,
    decades: float = 0.0,
    n_own: int = 0,
    is_contrary: bool = False,
) -> StepQuestion:
    """A question about which step to take.

    Args:
        seed: of the draw.
        n_agents, n_limits, n_parameters: its size.
        broken: how far limits are broken at most, as a part of what agents can change them by.
        decades: rows differ in size by up to ten to twice this.
        n_own: so many of the last limits are moved by one agent alone.
        is_contrary: the first two limits are contrary and both broken: no step obeys both.
    """
    random = np.random.default_rng(seed)
    rows = random.normal(size=(n_agents, n_limits + 1, n_parameters))
    share = random.uniform(-broken, 0.2, n_limits)
    for limit in range(n_own):
        others = np.arange(n_agents) != limit % n_agents
        rows[others, n_limits - limit] = 0.0
    if is_contrary:
        rows[:, 2] = -rows[:, 1]
        share[:2] = -0.05
    rows *= 10.0 ** random.uniform(-decades, decades, (n_limits + 1, 1))
    grams = [Gram.of(slopes, slopes) for slopes in rows]
    slack = share * joint_reach(grams)
    return StepQuestion(grams, slack, DELTA, np.arange(n_limits))


def joint_reach(grams: list[Gram]) -> np.ndarray:
    """What all agents together can change each constraint by, (constraint,)."""
    total = np.sum([gram.reach for gram in grams], axis=0)
    return np.sqrt(2.0 * DELTA) * total[1:]
