"""`Classroom`: what does not change in a training: world, figures, model of episodes, settings."""

from __future__ import annotations

import numpy as np

from tieline.agents.constrained_update.gaussian import GaussianPolicy
from tieline.agents.restoration_policies.policies import NetworkDecider
from tieline.agents.window_policies.policies import Layers
from tieline.envs.restoration.episode import Episode, play
from tieline.envs.restoration.plan.figures import IslandFigures
from tieline.envs.restoration.world import RestorationWorld
from tieline.opf.restoration.state import first_state
from tieline.studies.restoration.training.config import LearnerConfig
from tieline.studies.restoration.training.credit import Credit
from tieline.studies.restoration.training.model import EpisodeModel
from tieline.studies.restoration.training.roll_out import Practice, RollOut, roll_out
from tieline.typing import FloatArray


class Classroom:
    """An island to learn on.

    Attributes:
        world, figures: the island.
        config: settings of the method.
        credit: derivatives of episodes.
    """

    def __init__(self, world: RestorationWorld, config: LearnerConfig):
        self.world = world
        self.figures = IslandFigures.of(world)
        self.config = config
        model = EpisodeModel(self.figures, world.config, config.base)
        start = first_state(world.plant, config.draws)
        self.credit = Credit(model, start, self._scale, config.discount)

    @property
    def _scale(self) -> float:
        """Percent of what all load would take, per kWh."""
        hours = self.world.config.steps * self.world.config.step_h
        return 100.0 / (hours * self.figures.load_kw.sum())

    def play(self, policy: GaussianPolicy, practice: Practice) -> RollOut:
        """Play draws with noise."""
        mean = plain_layers(policy.mean)
        spread = plain_layers(policy.factor)
        base = self.config.base
        return roll_out(self.world, self.figures, base, mean, spread, practice)

    def play_mean(self, policy: GaussianPolicy, actual_kw: FloatArray) -> Episode:
        """Play draws without noise."""
        layers = plain_layers(policy.mean)
        return play(self.world, self.decider(layers), actual_kw)

    def decider(self, layers: Layers) -> NetworkDecider:
        """Who decides by a mean network."""
        return NetworkDecider(self.figures, layers, self.config.base)

    def objective(self, episode: Episode) -> float:
        """Discounted return [%]."""
        # by step, the mean of all draws
        rewards = episode.bill.objective.mean(axis=1)
        steps = np.arange(len(rewards))
        weights = self.config.discount**steps
        total = float(weights @ rewards)
        return self._scale * total


def plain_layers(network: object) -> Layers:
    """A network of JAX as plain arrays."""
    layers = []
    for weight, bias in network:  # type: ignore[attr-defined]
        plain = (np.asarray(weight), np.asarray(bias))
        layers.append(plain)
    return tuple(layers)
