"""What each DER would have been worth to an agent, by the judge of the region, in one batch for all games."""

from __future__ import annotations

from typing import Any

import numpy as np

from tieline.agents.leader_follower.region import NO_SOLUTION, ChoiceRegion
from tieline.typing import BoolArray, FloatArray, IntArray


def objective_of_each(
    region: ChoiceRegion, games: Any, leaders: IntArray, is_open: BoolArray
) -> FloatArray:
    """J with each open DER added to the leaders' choice.

    Args:
        region: where is chosen.
        games: of the region.
        leaders: their choice, (game, leader).
        is_open: DERs that the next agent may take, (game, der).

    Returns:
        (game, der) [currency/h]; infinite where a DER is not open.
    """
    # open DERs first: what is away or taken is asked about only where another game has more that are open
    n_open = is_open.sum(axis=1)
    most_open = int(n_open.max(initial=1))
    order = np.argsort(~is_open, axis=1, kind="stable")
    candidates = order[:, :most_open]
    repeated = np.repeat(leaders[:, None], most_open, axis=1)
    followers = candidates[..., None]
    sets = np.concatenate([repeated, followers], axis=2)
    of_candidates = region.objective(games, sets)
    objective = np.full(is_open.shape, np.inf)
    np.put_along_axis(objective, candidates, of_candidates, axis=1)
    # a game with fewer open DERs was asked about closed ones too
    return np.where(is_open, objective, np.inf)


def rewards_of_each(
    objectives: list[FloatArray],
    choices: IntArray,
    idle_objective: FloatArray,
    worth: FloatArray,
) -> tuple[FloatArray, FloatArray]:
    """Rewards of what each agent took, and of every DER that it could have taken.

    Args:
        objectives: of each agent, J with each DER, (..., der).
        choices: what the agents took, (..., agent).
        idle_objective: J of choosing nothing, (...).
        worth: what rewards are measured in, (...).

    Returns:
        (agent, ...) and (agent, ..., der); a DER that was not open or has no solution loses the worth of the game.
    """
    of_choice = []
    of_each = []
    before = idle_objective
    for agent, objective in enumerate(objectives):
        gain = before[..., None] - objective
        saved = gain / worth[..., None]
        is_solved = np.isfinite(saved)
        reward = np.where(is_solved, saved, NO_SOLUTION)
        choice = choices[..., agent, None]
        chosen_reward = np.take_along_axis(reward, choice, axis=-1)
        of_choice.append(chosen_reward[..., 0])
        of_each.append(reward)
        # the next agent saves from where this one's choice has led
        chosen_objective = np.take_along_axis(objective, choice, axis=-1)
        before = chosen_objective[..., 0]
    return np.stack(of_choice), np.stack(of_each)
