"""Derivatives of whole episodes by every number that a policy said, through the states that follow and the decisions on them.

    dJ/da_t = sum over k >= t of gamma^k dr_k/da_t,      a_k = policy(state_k) + noise for k > t

by reverse accumulation over the steps (`model`), for return and constraints at once, at each sample. With the reward of one step
alone a policy is as blind as a window of one step.
"""

from __future__ import annotations

from functools import partial

import jax
import jax.numpy as jnp
from jax import Array

from tieline.agents.constrained_update.gaussian import GaussianPolicy
from tieline.opf.restoration.state import IslandState
from tieline.studies.restoration.training.model import EpisodeModel
from tieline.studies.restoration.training.record import Record
from tieline.typing import FloatArray


class Credit:
    """Derivatives with one model.

    Args:
        model: of episodes.
        start: their first state.
        scale: what a mean reward is multiplied by to be a return.
        discount: gamma.
    """

    def __init__(
        self, model: EpisodeModel, start: IslandState, scale: float, discount: float
    ):
        self._start = start
        self._slopes = jax.jit(partial(_slopes, model, scale, discount))

    def slopes(
        self,
        policy: GaussianPolicy | None,
        record: Record,
        noise: FloatArray,
        weights: FloatArray,
    ) -> Array:
        """Derivatives, (1 + constraint, step, draw, number).

        Args:
            policy: that was played.
            record: of the course.
            noise: that it was played with, (step, draw, number).
            weights: of each constraint, (constraint, draw, step x 2 x unit).
        """
        assert policy is not None
        n_draws = noise.shape[1]
        start = jax.tree.map(lambda row: row[:n_draws], self._start)
        # states are hundreds of kWh and changes of them watts: single precision has no digits left for these
        with jax.enable_x64(True):
            return self._slopes(policy, start, record, noise, weights)


def _slopes(
    model: EpisodeModel,
    scale: float,
    discount: float,
    policy: GaussianPolicy,
    start: IslandState,
    record: Record,
    noise: Array,
    weights: Array,
) -> Array:
    n_steps, n_draws, _ = noise.shape
    factor = scale / n_draws * discount ** jnp.arange(n_steps)

    def returns(change: Array) -> Array:
        outcome = model.outcome(policy, start, record, noise, change)
        of_steps = outcome.reward.sum(axis=1)
        objective = factor @ of_steps
        by_draw = jnp.moveaxis(outcome.beyond, 0, 1)
        beyond = by_draw.reshape(n_draws, -1)
        constraints = jnp.einsum("cdx,dx->c", weights, beyond)
        return jnp.append(objective, constraints)

    _, pull_back = jax.vjp(returns, jnp.zeros_like(noise))
    # all rows share one forward pass, which is the larger part of the work
    rows = jnp.eye(len(weights) + 1)
    (slopes,) = jax.vmap(pull_back)(rows)
    return slopes
