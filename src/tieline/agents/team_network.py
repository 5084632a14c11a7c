"""What agents of a team see and set, and one network for them: what independent actors do, as a single network from all that is
seen to all that is set.

Each layer is block diagonal, with a block for each agent, so that no agent's numbers reach another. A team's policy is then a
policy like any other: it is bound, saved and run in the same way.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy.linalg import block_diag

from tieline.envs.task import Agent, Task
from tieline.errors import InputError
from tieline.typing import FloatArray, IntArray

Layers = tuple[tuple[FloatArray, FloatArray], ...]


def team_entries(task: Task[Any], side: Literal["sees", "sets"]) -> IntArray:
    """Entries that each agent sees or sets, (agent, entry).

    Raises:
        InputError: if one has more of them than another.
    """
    entries: Sequence[IntArray] = [getattr(agent, side) for agent in task.agents]
    counts = {len(numbers) for numbers in entries}
    if len(counts) > 1:
        raise InputError(
            f"Agents of '{task.name}' that learn side by side need as many entries each; one {side} {min(counts)}, another "
            f"{max(counts)}. Train one policy for all."
        )
    return np.stack(entries)


def team_network(
    agents: Sequence[Agent],
    actors: Sequence[tuple[ArrayLike, ArrayLike]],
    n_seen: int,
    n_set: int,
) -> Layers:
    """Weight (in, out) and bias (out,) of each layer of the team.

    Args:
        agents: who sees and sets which entries; every entry of the action is set by one.
        actors: weight (agent, in, out) and bias (agent, out) of each layer, agents in the same order.
        n_seen, n_set: entries of the whole observation and action.
    """
    layers = [_side_by_side(*layer) for layer in actors]
    first_weight, first_bias = layers[0]
    # several agents may see the same entry
    spread_out = np.zeros((n_seen, first_weight.shape[1]))
    entries = np.concatenate([agent.sees for agent in agents])
    np.add.at(spread_out, entries, first_weight)
    layers[0] = (spread_out, first_bias)
    last_weight, last_bias = layers[-1]
    place = np.argsort(np.concatenate([agent.sets for agent in agents]))
    assert len(place) == n_set  # every entry is set by one agent
    layers[-1] = (last_weight[:, place], last_bias[place])
    return tuple(layers)


def _side_by_side(weight: ArrayLike, bias: ArrayLike) -> tuple[FloatArray, FloatArray]:
    """The layers of all agents as one, which knows nothing of the others' inputs."""
    blocks = list(np.asarray(weight, dtype=float))
    together = np.asarray(block_diag(*blocks), dtype=float)
    return together, np.asarray(bias, dtype=float).ravel()
