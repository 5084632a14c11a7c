"""Episodes played exactly by a policy that learns, with noise, and what derivatives need of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tieline.agents.restoration_policies.departure import Base, base_of, departed
from tieline.agents.restoration_policies.inputs import observe
from tieline.agents.restoration_policies.policies import set_points_of
from tieline.agents.window_policies.policies import Layers, network_output
from tieline.envs.restoration.episode import Episode, play
from tieline.envs.restoration.plan.figures import IslandFigures
from tieline.envs.restoration.plan.view import View, view_of
from tieline.envs.restoration.seen import Seen
from tieline.envs.restoration.step.set_points import SetPoints
from tieline.envs.restoration.world import RestorationWorld
from tieline.opf.restoration.state import IslandState
from tieline.typing import FloatArray


@dataclass(frozen=True, eq=False)
class Practice:
    """Draws that are played, and with what noise: `actual_kw` (draw, step, renewable), `noise` (step, draw, number)."""

    actual_kw: FloatArray
    noise: FloatArray


@dataclass(frozen=True, eq=False)
class RollOut:
    """Episodes side by side.

    Attributes:
        episode: as it was played.
        views: what was known in each step.
        observations: of each step, (step, draw, input).
        numbers: of the policy, noise included, (step, draw, number).
    """

    episode: Episode
    views: tuple[View, ...]
    observations: FloatArray
    numbers: FloatArray


class NoisyDecider:
    """Decides by mean and spread, and keeps what it saw and said."""

    def __init__(
        self,
        figures: IslandFigures,
        base: Base,
        mean: Layers,
        spread: Layers,
        noise: FloatArray,
    ):
        self._figures = figures
        self._base: Base = base
        self._mean = mean
        self._spread = spread
        self._noise = noise
        self.views: list[View] = []
        self.observations: list[FloatArray] = []
        self.numbers: list[FloatArray] = []

    def decide(self, state: IslandState, sight: Seen) -> SetPoints:
        """Set-points of this step."""
        figures = self._figures
        view = view_of(figures, sight)
        base = base_of(self._base, figures, state, view)
        observation = observe(figures, state, view, base)
        log_spread = network_output(self._spread, observation)
        # the same noise for all candidates of an update: they differ by their parameters alone
        deviation = np.exp(log_spread) * self._noise[sight.step]
        numbers = network_output(self._mean, observation) + deviation
        self.views.append(view)
        self.observations.append(observation)
        self.numbers.append(numbers)
        decision = departed(figures, state, base, numbers)
        return set_points_of(decision)


def roll_out(
    world: RestorationWorld,
    figures: IslandFigures,
    base: Base,
    mean: Layers,
    spread: Layers,
    practice: Practice,
) -> RollOut:
    """Play draws."""
    decider = NoisyDecider(figures, base, mean, spread, practice.noise)
    episode = play(world, decider, practice.actual_kw)
    return RollOut(
        episode,
        tuple(decider.views),
        np.stack(decider.observations),
        np.stack(decider.numbers),
    )
