"""`Course`: what one who decides made of the draws of a scenario, with the time of its decisions and the gaps of its model."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tieline.agents.restoration_mpc import MpcDecider
from tieline.envs.restoration.episode import Episode, Guard, IslandDecider, play
from tieline.envs.restoration.seen import Seen
from tieline.envs.restoration.step.set_points import SetPoints
from tieline.envs.restoration.world import RestorationWorld
from tieline.opf.restoration.plan import Gaps
from tieline.opf.restoration.state import IslandState
from tieline.typing import FloatArray


@dataclass(frozen=True, eq=False)
class Course:
    """An episode and how it was decided.

    Attributes:
        episode: what the island made of it.
        actual_kw: what sun and wind offered, (draw, step, renewable).
        decision_ms: time of a decision of one draw, (step,).
        gaps: of the plan behind each decision, by step and draw, None where there was no plan; empty where no model was relaxed.
    """

    episode: Episode
    actual_kw: FloatArray
    decision_ms: FloatArray
    gaps: Sequence[Sequence[Gaps | None]]


class _Watched:
    """A decider whose decisions are timed and whose gaps are kept."""

    def __init__(self, decider: IslandDecider):
        self._decider = decider
        self.decision_ms: list[float] = []
        self.gaps: list[list[Gaps | None]] = []

    def decide(self, state: IslandState, sight: Seen) -> SetPoints:
        """As the decider does."""
        began = time.perf_counter()
        wish = self._wish(state, sight)
        elapsed_ms = 1000 * (time.perf_counter() - began)
        # programs are solved one after the other; who decides all draws at once takes microseconds for another one
        self.decision_ms.append(elapsed_ms / sight.n_draws)
        return wish

    def _wish(self, state: IslandState, sight: Seen) -> SetPoints:
        decider = self._decider
        if not isinstance(decider, MpcDecider):
            return decider.decide(state, sight)
        plans = decider.plans(state, sight)
        self.gaps.append([plan and plan.gaps for plan in plans])
        return decider.set_points(state, sight, plans)


def play_course(
    world: RestorationWorld,
    decider: IslandDecider,
    actual_kw: FloatArray,
    guard: Guard | None,
) -> Course:
    """Play the draws of a scenario side by side.

    Args:
        world: the island, its limits and the forecast.
        decider: who decides.
        actual_kw: available power, (draw, step, renewable) [kW].
        guard: the safety step.
    """
    watched = _Watched(decider)
    episode = play(world, watched, actual_kw, guard)
    return Course(
        episode=episode,
        actual_kw=actual_kw,
        decision_ms=np.array(watched.decision_ms),
        gaps=watched.gaps,
    )
