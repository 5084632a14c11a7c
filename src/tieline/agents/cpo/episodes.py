"""Rounds of episodes as one function of policies and noise, and how its returns change with every number that is drawn.

    number of agent n at step t    x = mu_n(o_n) + L_n(o_n) zeta + e          e = 0: where a derivative takes hold
    J      mean over episodes and steps of what is raised / its spread in the first round - price of what is beyond the bounds
    J_m    mean over the worst episodes of the mean over steps of what lies beyond limit m

dJ/de holds all that a number leads to: later states, and what policies decide in them. It is the derivative of what is carried
out: steps are judged by true returns, so that a number beyond a bound has the slope of its price alone. Noise keeps some inside.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property, partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from tieline.agents.constrained_update.gaussian import (
    GaussianPolicy,
    distribution,
    reparameterised,
)
from tieline.agents.cpo.limited import Limited, tail_mean
from tieline.agents.cpo_config import CpoConfig
from tieline.agents.heads import act_by
from tieline.agents.team_network import team_entries
from tieline.envs.compiled import CompiledEnv, Rows
from tieline.envs.task import Task
from tieline.typing import IntArray


class Played(NamedTuple):
    """A round that was played.

    Attributes:
        rows: where the episodes stand after it.
        views: what each agent saw, (step, episode, agent, entry).
        numbers: that each agent drew, (step, episode, agent, number).
        objective: J.
        constraints: J_m, (limit,).
        reward_spread: of what is raised, over steps and episodes.
    """

    rows: Rows
    views: Any
    numbers: Any
    objective: Any
    constraints: Any
    reward_spread: Any


class Episodes:
    """Rounds of one task, compiled when first used; to be called with JAX's 64-bit types on.

    Raises:
        InputError: if the task has no compiled form, agents do not see and set equally many entries each, or there is no such
            limit.
    """

    def __init__(self, task: Task[Any], config: CpoConfig):
        self.task = task
        self.env = CompiledEnv(task.compiled())
        self.sees, self.sets = _entries(task, each_agent=config.each_agent)
        self.limited = Limited.of(task, config.limited)
        self._config = config
        self.play = jax.jit(self._play)
        self._slopes = jax.jit(jax.jacrev(self._returns))

    @cached_property
    def noise_shape(self) -> tuple[int, int, int, int]:
        """Step, episode, agent, number."""
        config = self._config
        n_agents, n_numbers = self.sets.shape
        return (config.round_steps, config.episodes, n_agents, n_numbers)

    def slopes(
        self,
        policies: Sequence[GaussianPolicy],
        rows: Rows,
        noise: Any,
        reward_spread: Any,
    ) -> Any:
        """Derivative of J and every J_m by each number, (1 + limit, step, episode, agent, number).

        NaN for episodes that come to a step whose power flow has no solution: it has no derivative.
        """
        no_shift = jnp.zeros(self.noise_shape)
        return self._slopes(no_shift, policies, rows, noise, reward_spread)

    def _returns(
        self,
        shift: Any,
        policies: Sequence[GaussianPolicy],
        rows: Rows,
        noise: Any,
        reward_spread: Any,
    ) -> Any:
        played = self._play(policies, rows, noise, reward_spread, shift)
        return jnp.append(played.objective, played.constraints)

    def _play(
        self,
        policies: Sequence[GaussianPolicy],
        rows: Rows,
        noise: Any,
        reward_spread: Any,
        shift: Any = 0.0,
    ) -> Played:
        """A round; numbers are shifted by `shift`, and what is raised counts in units of `reward_spread`."""
        together = jax.tree.map(lambda *parts: jnp.stack(parts), *policies)
        shifts = jnp.broadcast_to(shift, noise.shape)
        step_on = partial(self._step_on, together)
        rows, steps = jax.lax.scan(step_on, rows, (noise, shifts))
        views, numbers, rewards, beyond, excess = steps
        price = self._config.overshoot_weight * excess.mean()
        worst = tail_mean(beyond.mean(axis=0), self._config.tail_share)
        return Played(
            rows=rows,
            views=views,
            numbers=numbers,
            objective=rewards.mean() / reward_spread - price,
            constraints=worst,
            reward_spread=rewards.std(),
        )

    def _step_on(
        self, policies: GaussianPolicy, rows: Rows, noise_and_shift: tuple[Any, Any]
    ) -> tuple[Rows, Any]:
        """One step of every episode; policies of all agents are stacked, (agent, ...)."""
        noise, shift = noise_and_shift
        views = rows.observation[:, self.sees]
        draw = jax.vmap(_draw, in_axes=(0, 1, 1), out_axes=1)
        numbers = draw(policies, views, noise) + shift
        free = jnp.zeros((len(views), self.task.action.size))
        free = free.at[:, self.sets].set(numbers)
        actions = act_by(self._config.head, self.task, rows.observation, free, jnp)
        rows, step = self.env.step(rows, actions)
        raised = step.terms @ self.limited.weights
        beyond = self.limited.beyond(step.terms, step.costs)
        excess = self._excess(free, actions)
        return rows, (views, numbers, raised, beyond, excess)

    def _excess(self, free: Any, actions: Any) -> Any:
        """Mean square of what free numbers are beyond the bounds, for the head that clips."""
        if self._config.head != "clip":
            return jnp.zeros(())
        return ((free - actions) ** 2).mean()


def _draw(policy: GaussianPolicy, view: Any, noise: Any) -> Any:
    return reparameterised(distribution(policy, view), noise)


def _entries(task: Task[Any], *, each_agent: bool) -> tuple[IntArray, IntArray]:
    """What each policy sees and sets, (agent, entry)."""
    if each_agent:
        return team_entries(task, "sees"), team_entries(task, "sets")
    all_seen = np.arange(task.observation.size)
    all_set = np.arange(task.action.size)
    return all_seen[None], all_set[None]
