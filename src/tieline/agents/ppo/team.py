"""IPPO: independent PPO: each agent of a team learns by PPO from what it sees, as if the others were part of the world.

Every agent has an actor and a critic of its own, which see its own entries of the observation, and is rewarded for its own terms,
which in a team are all of them. All agents learn side by side in one program.

With a multiplier of each limit (`multiplier_rate`) broken limits have a price that rises until they are kept:

    reward learned from     r - sum over limits k of m_k (c_k - limit_k)+
    after a round           m_k <- m_k + rate * mean over its steps of (c_k - limit_k)+

which is stochastic ascent on the Lagrangian, slower for m than for the policies. Only what lies beyond a limit counts, so that a
price never falls.

Sources: C. Schroeder de Witt et al., "Is independent learning all you need in the StarCraft multi-agent challenge?",
arXiv:2011.09533, 2020; C. Tessler, D. J. Mankowitz, S. Mannor, "Reward constrained policy optimization", ICLR 2019, eqs. 7 to 10.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from tieline.agents.heads import act_by
from tieline.agents.ippo_config import IppoConfig
from tieline.agents.networks import Network
from tieline.agents.ppo.learning import Learner, Learning, Lesson, single
from tieline.agents.ppo.rounds import OnPolicy, Walk
from tieline.agents.team_network import team_entries, team_network
from tieline.envs.task import Task
from tieline.errors import InputError, unknown_name_message
from tieline.typing import FloatArray


class Team(NamedTuple):
    """Learners of all agents, (agent, ...), the team's random key, and the price of each limit, (constraint,)."""

    learners: Learner
    key: Any
    multipliers: Any


class Ippo(OnPolicy):
    """IPPO on a task with agents.

    Raises:
        InputError: if agents see or set different numbers of entries, or the task has no term that is to be left out.
    """

    def __init__(self, task: Task[Any], config: IppoConfig):
        super().__init__(task, config)
        self._sees = team_entries(task, "sees")
        self._sets = team_entries(task, "sets")
        self._n_agents = len(task.agents)
        n_seen = self._sees.shape[1]
        self.learning = Learning(n_seen, self._sets.shape[1], config)
        self._weights = _learned_weights(task, config.left_out)
        self._limits = np.array([limit.limit for limit in task.constraints])
        self._multiplier_rate = config.multiplier_rate

    def start(self, seed: int) -> Team:
        """Random networks of every agent; limits have no price yet."""
        first_key = jax.random.key(seed)
        key, *agent_keys = jax.random.split(first_key, self._n_agents + 1)
        start_each = jax.vmap(self.learning.start)
        learners = start_each(jnp.stack(agent_keys))
        no_price = jnp.zeros(len(self._limits), jnp.float32)
        return Team(learners, key, no_price)

    def actor(self, learner: Team) -> Network:
        """All actors as one network."""
        task = self.task
        actors = learner.learners.weights.actor
        n_seen = task.observation.size
        layers = team_network(task.agents, actors, n_seen, task.action.size)
        return jax.tree.map(jnp.asarray, layers)

    def _act(self, learner: Team, observation: Any, key: Any) -> tuple[Any, Any, Any]:
        """Of each agent, (episode, agent, ...), and the action of all."""
        local_views = observation[:, self._sees]
        keys = jax.random.split(key, self._n_agents)
        draw = jax.vmap(self.learning.draw, in_axes=(0, 1, 0), out_axes=1)
        free, log_probability = draw(learner.learners.weights, local_views, keys)
        together = jnp.zeros((len(observation), self.task.action.size), free.dtype)
        together = together.at[:, self._sets].set(free)
        action = act_by(self.config.head, self.task, observation, together, jnp)
        return free, log_probability, action

    def _learn(self, learner: Team, walk: Walk) -> Team:
        beyond = jnp.maximum(walk.costs - self._limits, 0.0)
        learners = self._learn_each(learner, walk, beyond @ learner.multipliers)
        rise = self._multiplier_rate * beyond.mean(axis=(0, 1))
        multipliers = single(learner.multipliers + rise)
        return Team(learners, learner.key, multipliers)

    def _learn_each(self, team: Team, walk: Walk, price: Any) -> Learner:
        """Every agent by itself; the price of broken limits, (step, episode), is all agents'."""
        # the price counts in units in which rewards are learned from
        charged = price[..., None] * team.learners.reward_spread
        lesson = Lesson(
            walk.observation[..., self._sees],
            walk.free,
            walk.log_probability,
            single(walk.terms @ self._weights - charged),
            walk.following[..., self._sees],
            walk.terminated,
            walk.ended,
        )
        # what has agents has them behind step and episode
        agent_axes = Lesson(2, 2, 2, 2, 2, None, None)
        learn = jax.vmap(self.learning.learn, in_axes=(0, agent_axes))
        return learn(team.learners, lesson)


def _learned_weights(task: Task[Any], left_out: Sequence[str]) -> FloatArray:
    """What each term counts for each agent, (term, agent), 0 where it is left out."""
    names = [term.name for term in task.terms]
    weights = task.agent_weights.copy()
    for name in left_out:
        if name not in names:
            raise InputError(unknown_name_message("reward term", name, names))
        weights[names.index(name)] = 0.0
    return weights
