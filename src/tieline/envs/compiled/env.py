"""`CompiledEnv`: many episodes of a compiled task side by side, pure, for the body of a `jax.lax.scan`.

    env = CompiledEnv(task.compiled())
    with jax.enable_x64(True):
        rows = env.reset(seeds)
        rows, step = env.step(rows, actions)

The rules are those of `BatchedEnv`: actions outside the bounds are moved to them; an episode whose power flow has no solution
terminates with every term and cost at its worst, and its observation is the last one. An ended episode starts again in the same
step, with the seeds of `RollingEnv`: row k plays what a single environment with its first seed would play.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from tieline.envs.compiled.draws import follow
from tieline.envs.compiled.task import CompiledOutcome, CompiledTask


class Rows(NamedTuple):
    """Where the episodes stand: the task's states, what is seen now (episode, observation), and the first seed of each row and
    how many episodes followed it, (episode,).
    """

    state: Any
    observation: Any
    first_seed: Any
    followed: Any


class CompiledStep(NamedTuple):
    """What a step brought, (episode, ...); `observation` is what the step led to, also where the next episode began since."""

    observation: Any
    reward: Any
    terms: Any
    costs: Any
    solved: Any
    terminated: Any
    truncated: Any

    @property
    def ended(self) -> Any:
        """Episodes that are over for either reason, (episode,)."""
        return self.terminated | self.truncated


class CompiledEnv:
    """Episodes of a compiled task; it holds no episode itself.

    Attributes:
        compiled: the task in JAX.
        task: the task itself.
    """

    def __init__(self, compiled: CompiledTask):
        self.compiled = compiled
        self.task = compiled.task
        terms = self.task.terms
        self._weights = np.array([term.weight for term in terms])
        self._worst_terms = np.array([term.worst for term in terms])
        self._worst_costs = np.array([limit.worst for limit in self.task.constraints])

    def reset(self, seeds: Any) -> Rows:
        """Start one episode per seed, (episode,), whole numbers >= 0."""
        first_seed = jnp.asarray(seeds, dtype=jnp.int64)
        state = self.compiled.start(first_seed)
        followed = jnp.zeros_like(first_seed)
        return Rows(state, self.compiled.observe(state), first_seed, followed)

    def step(self, rows: Rows, actions: Any) -> tuple[Rows, CompiledStep]:
        """Carry out one action per episode, (episode, action); NaN counts as a step without a solution."""
        box = self.task.action
        is_number = jnp.isfinite(actions).all(axis=-1)
        bounded = jnp.clip(jnp.nan_to_num(actions), box.low, box.high)
        outcome = self.compiled.advance(rows.state, bounded)
        outcome = outcome._replace(solved=outcome.solved & is_number)
        step = self._judged(outcome, rows.observation)
        return self._go_on(rows, outcome.state, step), step

    def _judged(self, outcome: CompiledOutcome, before: Any) -> CompiledStep:
        """Where there is no solution, terms and costs are at their worst and what is seen is as before."""
        solved = outcome.solved[:, None]
        terms = jnp.where(solved, outcome.terms, self._worst_terms)
        terminated = outcome.terminated | ~outcome.solved
        return CompiledStep(
            observation=jnp.where(solved, self.compiled.observe(outcome.state), before),
            reward=terms @ self._weights,
            terms=terms,
            costs=jnp.where(solved, outcome.costs, self._worst_costs),
            solved=outcome.solved,
            terminated=terminated,
            truncated=outcome.truncated & ~terminated,
        )

    def _go_on(self, rows: Rows, state: Any, step: CompiledStep) -> Rows:
        """The states from which the next step decides: ended episodes at the start of the next one."""
        followed = rows.followed + step.ended
        fresh = self.compiled.start(follow(rows.first_seed, followed))

        def choose(first: Any, present: Any) -> Any:
            ended = step.ended.reshape(-1, *([1] * (present.ndim - 1)))
            return jnp.where(ended, first, present)

        next_state = jax.tree.map(choose, fresh, state)
        observation = choose(self.compiled.observe(fresh), step.observation)
        return Rows(next_state, observation, rows.first_seed, followed)
