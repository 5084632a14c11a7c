"""Who has networks: one actor for all that is seen and set, or each agent of a task its own for what it sees and sets.

actors.start(key)                    random weights whose outputs are near 0
actors.free(weights, observation)    numbers of the last layer, (episode, action)
actors.network(weights)              all of it as one network
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any, Protocol

import jax
import jax.numpy as jnp

from tieline.agents.networks import (
    Network,
    forward,
    random_network,
    with_small_last_layer,
)
from tieline.agents.team_network import team_entries, team_network
from tieline.envs.task import Task

single = partial(jnp.asarray, dtype=jnp.float32)


class Actors(Protocol):
    """Networks and how they make the numbers of an action; weights count in single precision."""

    def start(self, key: Any) -> Network:
        """Random weights whose outputs are near 0."""
        ...

    def free(self, weights: Network, observation: Any) -> Any:
        """Numbers of the last layer, (episode, observation) -> (episode, action)."""
        ...

    def network(self, weights: Network) -> Network:
        """All of it as one network."""
        ...


class OneActor:
    """A network that sees and sets everything."""

    def __init__(self, task: Task[Any], hidden: Sequence[int]):
        self._sizes = (task.observation.size, hidden, task.action.size)

    def start(self, key: Any) -> Network:
        """As of `Actors`."""
        network = random_network(*self._sizes, key)
        return jax.tree.map(single, with_small_last_layer(network))

    def free(self, weights: Network, observation: Any) -> Any:
        """As of `Actors`."""
        return forward(weights, single(observation))

    def network(self, weights: Network) -> Network:
        """As of `Actors`."""
        return weights


class TeamActors:
    """A network for each agent, weights (agent, ...): it sees the agent's entries alone.

    Raises:
        InputError: if agents see or set different numbers of entries.
    """

    def __init__(self, task: Task[Any], hidden: Sequence[int]):
        self._task = task
        self._sees = team_entries(task, "sees")
        self._sets = team_entries(task, "sets")
        self._hidden = hidden

    def start(self, key: Any) -> Network:
        """As of `Actors`."""
        sizes = (self._sees.shape[1], self._hidden, self._sets.shape[1])
        keys = jax.random.split(key, len(self._sees))
        networks = jax.vmap(partial(random_network, *sizes))(keys)
        return jax.tree.map(single, with_small_last_layer(networks))

    def free(self, weights: Network, observation: Any) -> Any:
        """As of `Actors`."""
        local_views = single(observation)[:, self._sees]
        of_each = jax.vmap(forward, in_axes=(0, 1), out_axes=1)
        free = of_each(weights, local_views)
        together = jnp.zeros((len(observation), self._task.action.size), free.dtype)
        return together.at[:, self._sets].set(free)

    def network(self, weights: Network) -> Network:
        """As of `Actors`."""
        task = self._task
        n_seen = task.observation.size
        layers = team_network(task.agents, weights, n_seen, task.action.size)
        return jax.tree.map(jnp.asarray, layers)


def actors_of(task: Task[Any], hidden: Sequence[int], *, each_agent: bool) -> Actors:
    """One actor, or one for each agent.

    Raises:
        InputError: if agents see or set different numbers of entries.
    """
    return TeamActors(task, hidden) if each_agent else OneActor(task, hidden)
