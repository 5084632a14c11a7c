"""`train_actors`: constrained policy optimisation along exact slopes.

    round      episodes with noise, from where they stand; one update of all agents (`constrained_update`) within their trust
               regions, which raises what is raised and keeps the tails of limits; the episodes go on from what was played
    at the end the mean of each policy, without noise

Limits that are kept need no price: where one is broken the update brings it back before it looks at anything else. As in the
articles on networked microgrids and load restoration, agents can find the step among themselves (`agents/consensus`).

Sources: J. Achiam et al., "Constrained policy optimization", ICML 2017; with derivatives in the place of advantages: Q. Zhang
et al., "Multi-agent safe policy learning for power management of networked microgrids", IEEE Trans. Smart Grid 12(2), 2021.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp

from tieline.agents.actors import actors_of
from tieline.agents.consensus.agent import ConsensusConfig
from tieline.agents.consensus.graph import graph_weights
from tieline.agents.consensus.message import LocalChannel
from tieline.agents.consensus.step import ConsensusStep
from tieline.agents.constrained_update.config import UpdateConfig
from tieline.agents.constrained_update.curvature import Curvature
from tieline.agents.constrained_update.easing import eased
from tieline.agents.constrained_update.gaussian import GaussianPolicy, random_policy
from tieline.agents.constrained_update.trust_region import central_step
from tieline.agents.constrained_update.update import FindStep, update_policies
from tieline.agents.cpo.episodes import Episodes
from tieline.agents.cpo.problem import EpisodeProblem
from tieline.agents.cpo_config import CpoConfig
from tieline.agents.networks import Network, with_small_last_layer
from tieline.agents.round_training import Watch, no_gradient_error, train_in_rounds
from tieline.envs.compiled import Rows
from tieline.envs.draws import spread
from tieline.envs.task import Task
from tieline.typing import Progress


class Learner(NamedTuple):
    """Policies of all agents, random key, updates so far and those that had a derivative, unit of what is raised (0 before the
    first round), and how much larger true divergences are than the metric says.
    """

    policies: tuple[GaussianPolicy, ...]
    key: Any
    rounds: int
    taught: int
    reward_spread: float
    curvature: float


class Cpo:
    """Updates of one task and configuration; to be called with JAX's 64-bit types on.

    Raises:
        InputError: as of `Episodes`.
    """

    def __init__(self, task: Task[Any], config: CpoConfig):
        self.task = task
        self.config = config
        self.episodes = Episodes(task, config)
        self._actors = actors_of(task, config.hidden, each_agent=config.each_agent)
        self._find_step = _find_step(config, len(self.episodes.sets))

    def start(self, seed: int) -> Learner:
        """Random policies whose means are near 0."""
        n_agents, n_numbers = self.episodes.sets.shape
        n_seen = self.episodes.sees.shape[1]
        key, *agent_keys = jax.random.split(jax.random.key(seed), n_agents + 1)
        policies = tuple(self._first_policy(n_seen, n_numbers, k) for k in agent_keys)
        return Learner(policies, key, 0, 0, 0.0, self.config.first_curvature)

    def actor(self, learner: Learner) -> Network:
        """Means of all agents as one network; its outputs go through the head of the configuration.

        Raises:
            NotConvergedError: if no round so far had a gradient, so that nothing was learned.
        """
        if learner.rounds > 0 and learner.taught == 0:
            raise no_gradient_error(self.task)
        means = [policy.mean for policy in learner.policies]
        together = means[0]
        if self.config.each_agent:
            together = jax.tree.map(lambda *parts: jnp.stack(parts), *means)
        return self._actors.network(together)

    def collector(self, seed: int) -> Callable[[Learner], Learner]:
        """A function that makes updates one after the other with the episodes of a seed."""
        rows = self.episodes.env.reset(spread(seed, self.config.episodes))

        def make_round(learner: Learner) -> Learner:
            nonlocal rows
            learner, rows = self._make_round(learner, rows)
            return learner

        return make_round

    def _first_policy(self, n_seen: int, n_numbers: int, key: Any) -> GaussianPolicy:
        policy = random_policy(
            n_seen,
            n_numbers,
            self.config.hidden,
            key,
            spread=self.config.spread,
            is_diagonal=True,
        )
        return policy._replace(mean=with_small_last_layer(policy.mean))

    def _make_round(self, learner: Learner, rows: Rows) -> tuple[Learner, Rows]:
        """The learner after an update, and where the episodes stand after it."""
        noise_key, key = jax.random.split(learner.key)
        noise = jax.random.normal(noise_key, self.episodes.noise_shape)
        unit = learner.reward_spread or self._first_spread(learner, rows, noise)
        problem = EpisodeProblem(
            self.episodes, rows, noise, unit, self.config.tolerance
        )
        problem.act(learner.policies)
        update = update_policies(
            problem,
            learner.policies,
            problem.draws(),
            self._settings(learner),
            find_step=self._find_step,
            act=problem.act,
        )
        curvature = Curvature(learner.curvature)
        curvature.learn(update)
        rows = self.episodes.play(update.policies, rows, noise, unit).rows
        after = Learner(
            policies=update.policies,
            key=key,
            rounds=learner.rounds + 1,
            taught=learner.taught + problem.has_slopes,
            reward_spread=unit,
            curvature=curvature.value,
        )
        return after, rows

    def _first_spread(self, learner: Learner, rows: Rows, noise: Any) -> float:
        """Of what is raised, in a round of policies that have learned nothing; 1 if it never varies."""
        played = self.episodes.play(learner.policies, rows, noise, 1.0)
        return float(played.reward_spread) or 1.0

    def _settings(self, learner: Learner) -> UpdateConfig:
        config = self.config
        return UpdateConfig(
            delta=config.delta(learner.rounds),
            metric="layers",
            metric_samples=config.metric_samples,
            margin=config.margin,
            curvature=learner.curvature,
            damping=config.damping / config.spread**2,
        )


def _find_step(config: CpoConfig, n_agents: int) -> FindStep:
    """Who finds the step of all agents."""
    if config.steps_by == "centre":
        return eased(central_step)
    weights = graph_weights(config.steps_by, n_agents)
    return eased(ConsensusStep(LocalChannel(), weights, ConsensusConfig()))


def train_actors(
    task: Task[Any],
    config: CpoConfig,
    seeds: Sequence[int],
    watch: Watch | None = None,
    progress: Progress | None = None,
) -> list[Network]:
    """Train one policy per seed, or one for each agent.

    Args:
        task: what to decide; it needs a compiled form.
        config: settings.
        seeds, watch, progress: as of `train_in_rounds`.

    Returns:
        The means of the policies, in the order of the seeds, those of a team as one network; their outputs go through
        `Task.squash` (or another head, see `config.head`).

    Raises:
        InputError: if the task has no compiled form, its agents cannot have policies of one size each, or there is no such limit.
        NotConvergedError: if the power flow of some step of every episode has no solution.
    """
    with jax.enable_x64(True):
        return train_in_rounds(Cpo(task, config), config, seeds, watch, progress)
