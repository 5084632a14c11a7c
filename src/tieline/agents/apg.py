"""Analytic policy gradient: policy, power flow and reward are one program, and the return of a round is differentiated by the
weights of the policy.

    maximise over the weights    mean over episodes of  sum over the steps of a round of  reward(state, policy(observation))

No value is learned, and no action has to be drawn: where the likelihood-ratio gradient of PPO has to average out the noise of its
own actions, this one is exact for the episodes of the round. Noise helps all the same where actions within some range change
nothing, as there is no slope to follow. It needs a task with a compiled form, whose steps can be differentiated;
what a decision leads to after the round is not seen.

Actions that a bound stops (head "clip") keep the slope that they would have without it: else an actor that begins at a bound, or
once came there, would never learn to leave it.

Source: J. Xu et al., Accelerated policy learning with parallel differentiable simulation, ICLR 2022, without its value function;
known in control as differentiable predictive control: J. Drgona et al., J. Process Control 116, 2022,
DOI 10.1016/j.jprocont.2022.06.001. The slope beyond bounds: Y. Bengio et al., arXiv:1308.3432, 2013 (straight-through).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import optax

from tieline.agents.actors import actors_of
from tieline.agents.apg_config import ApgConfig
from tieline.agents.heads import act_by
from tieline.agents.networks import Network
from tieline.agents.round_training import Watch, no_gradient_error, train_in_rounds
from tieline.envs.compiled import CompiledEnv, Rows
from tieline.envs.draws import spread
from tieline.envs.task import Task
from tieline.typing import Progress

FAILURES_IN_A_ROW = 1_000_000
"""Gradients that are no numbers are left out, however many: a power flow without a solution has none."""


class Learner(NamedTuple):
    """Weights of the actor or actors, optimiser's state, random key, rounds so far, and the spread of rewards in the first one (0
    before it).
    """

    weights: Network
    optimiser_state: Any
    key: Any
    rounds: Any
    reward_spread: Any


class Apg:
    """The functions of one task and configuration, compiled when first used; to be called with JAX's 64-bit types on.

    Raises:
        InputError: if the task has no compiled form, or its agents cannot have actors of one size each.
    """

    def __init__(self, task: Task[Any], config: ApgConfig):
        self.task = task
        self.config = config
        self.actors = actors_of(task, config.hidden, each_agent=config.each_agent)
        self.env = CompiledEnv(task.compiled())
        rate = optax.cosine_decay_schedule(
            config.rate, decay_steps=config.n_rounds, alpha=config.final_rate_share
        )
        steps = optax.chain(
            optax.clip_by_global_norm(config.largest_slope), optax.adam(rate)
        )
        self._optimiser = optax.apply_if_finite(steps, FAILURES_IN_A_ROW)
        self._make_round = jax.jit(self._round)

    def start(self, seed: int) -> Learner:
        """Random networks."""
        start_key, key = jax.random.split(jax.random.key(seed))
        weights = self.actors.start(start_key)
        none = jnp.zeros((), jnp.int64)
        zero = jnp.zeros((), jnp.float64)
        return Learner(weights, self._optimiser.init(weights), key, none, zero)

    def actor(self, learner: Learner) -> Network:
        """Its outputs go through the head of the configuration.

        Raises:
            NotConvergedError: if no round so far had a gradient, so that nothing was learned.
        """
        rounds = int(learner.rounds)
        if rounds > 0 and int(learner.optimiser_state.total_notfinite) == rounds:
            raise no_gradient_error(self.task)
        return self.actors.network(learner.weights)

    def collector(self, seed: int) -> Callable[[Learner], Learner]:
        """A function that makes rounds one after the other with the episodes of a seed."""
        rows = self.env.reset(spread(seed, self.config.episodes))

        def make_round(learner: Learner) -> Learner:
            nonlocal rows
            learner, rows = self._make_round(learner, rows)
            return learner

        return make_round

    def _round(self, learner: Learner, rows: Rows) -> tuple[Learner, Rows]:
        """The learner after a step along the gradient of a round, and where the episodes stand then."""
        noise_key, key = jax.random.split(learner.key)
        slope_of = jax.value_and_grad(self._loss, has_aux=True)
        (_, ends), slope = slope_of(
            learner.weights, rows, learner, self._noise(learner, noise_key)
        )
        rows, reward_spread = ends
        change, state = self._optimiser.update(
            slope, learner.optimiser_state, learner.weights
        )
        weights: Any = optax.apply_updates(learner.weights, change)
        rounds = learner.rounds + 1
        return Learner(weights, state, key, rounds, reward_spread), rows

    def _noise(self, learner: Learner, key: Any) -> Any:
        """On the actor's numbers of a round, (step, episode, action)."""
        config = self.config
        shape = (config.round_steps, config.episodes, self.task.action.size)
        share_left = 1.0 - learner.rounds / config.n_rounds
        return config.spread * share_left * jax.random.normal(key, shape)

    def _loss(
        self, weights: Network, rows: Rows, learner: Learner, noise: Any
    ) -> tuple[Any, tuple[Rows, Any]]:
        """Minus the mean reward of a step in units of the rewards' spread, and the price of what lies beyond the bounds."""
        step_on = partial(self._step_on, weights)
        rows, (rewards, excess) = jax.lax.scan(step_on, rows, noise)
        first_spread = jax.lax.stop_gradient(rewards.std())
        first_spread = jnp.where(first_spread > 0, first_spread, 1.0)
        is_first = learner.reward_spread == 0
        reward_spread = jnp.where(is_first, first_spread, learner.reward_spread)
        price = self.config.overshoot_weight * excess.mean()
        loss = price - rewards.mean() / reward_spread
        return loss, (rows, reward_spread)

    def _step_on(self, weights: Network, rows: Rows, noise: Any) -> tuple[Rows, Any]:
        """One step of every episode: its rewards, and by how much free numbers passed the bounds."""
        free = self.actors.free(weights, rows.observation) + noise
        actions = act_by(self.config.head, self.task, rows.observation, free, jnp)
        excess = jnp.zeros(())
        if self.config.head == "clip":
            excess = ((free - actions) ** 2).mean()
            actions = free + jax.lax.stop_gradient(actions - free)
        rows, step = self.env.step(rows, actions)
        return rows, (step.reward, excess)


def train_actors(
    task: Task[Any],
    config: ApgConfig,
    seeds: Sequence[int],
    watch: Watch | None = None,
    progress: Progress | None = None,
) -> list[Network]:
    """Train one actor per seed, or one for each agent.

    Args:
        task: what to decide; it needs a compiled form.
        config: settings.
        seeds, watch, progress: as of `train_in_rounds`.

    Returns:
        The actors, in the order of the seeds, those of a team as one network; their outputs go through `Task.squash` (or another
        head, see `config.head`).

    Raises:
        InputError: if the task has no compiled form, or its agents cannot have actors of one size each.
        NotConvergedError: if the power flow of some episode has no solution in any round.
    """
    with jax.enable_x64(True):
        return train_in_rounds(Apg(task, config), config, seeds, watch, progress)
