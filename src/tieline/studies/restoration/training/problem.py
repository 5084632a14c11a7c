"""A batch of episodes as a problem of `constrained_update`: return, constraints, and the derivative of both at each sample.

    J     mean over draws of  sum over steps of gamma^k reward      [% of the energy that all load would take]
    J_m   mean over the worst draws of how far a droop unit is outside its range, one for each unit, end of the range and step

A range is what rating, ramp, fuel and frequency leave. Beyond it the island itself would drop load or cut injections; constraints
ask before relief. Of all of them an update looks at those nearest to their limit. Limits of set-points need no constraint: what
a unit cannot do it does not do. Voltages and currents have none either: the safety step watches them, and none comes near.
"""

from __future__ import annotations

from collections.abc import Sequence

import jax
import numpy as np

from tieline.agents.constrained_update.backtracking import Returns
from tieline.agents.constrained_update.gaussian import GaussianPolicy
from tieline.studies.restoration.training.classroom import Classroom
from tieline.studies.restoration.training.outside import outside_range
from tieline.studies.restoration.training.record import record_of
from tieline.studies.restoration.training.roll_out import Practice, RollOut
from tieline.studies.restoration.training.tails import tail_means, tail_weights
from tieline.typing import FloatArray, IntArray

MOST_CONSTRAINTS = 7
"""Of an update: those nearest to their limit. Others are far inside."""


class EpisodeProblem:
    """Draws with their noise.

    Args:
        classroom: island, model and settings.
        practice: draws and noise.
    """

    def __init__(self, classroom: Classroom, practice: Practice):
        self._classroom = classroom
        self._practice = practice
        self._played: RollOut | None = None
        self._policy: GaussianPolicy | None = None
        self._watched: IntArray | None = None

    @property
    def limits(self) -> FloatArray:
        """Of the constraints that are watched, (constraint,)."""
        assert self._watched is not None  # returns come first
        tolerance = self._classroom.config.tolerance
        return np.full(len(self._watched), tolerance)

    def act(self, policies: Sequence[GaussianPolicy]) -> list[FloatArray]:
        """Play the draws; numbers of each sample, (step x draw, number)."""
        (policy,) = policies
        self._policy = policy
        self._played = self._classroom.play(policy, self._practice)
        numbers = self._played.numbers
        return [numbers.reshape(-1, numbers.shape[-1])]

    def returns(self, actions: Sequence[FloatArray]) -> Returns:
        """Of the episodes last played."""
        del actions
        assert self._played is not None
        outside = self._outside()
        means = tail_means(outside, self._classroom.config.tail_share)
        # the same constraints for all parts of a step, or a shorter part would be judged by others
        if self._watched is None:
            nearest = np.argsort(-means, kind="stable")
            self._watched = np.sort(nearest[:MOST_CONSTRAINTS])
        objective = self._classroom.objective(self._played.episode)
        return Returns(objective, means[self._watched])

    def slopes(
        self, actions: Sequence[FloatArray], constraints: IntArray
    ) -> list[FloatArray]:
        """Derivative of the return and of some constraints by each number, (1 + constraint, sample, number)."""
        del actions
        assert self._played is not None
        assert self._watched is not None
        classroom = self._classroom
        outside = self._outside()
        weights = tail_weights(outside, self._watched, classroom.config.tail_share)
        record = record_of(classroom.world.plant, self._played)
        slopes = classroom.credit.slopes(
            self._policy, record, self._practice.noise, weights
        )
        rows = np.append(0, constraints + 1)
        by_number = np.asarray(jax.device_get(slopes))[rows]
        n_rows, *_, n_numbers = by_number.shape
        return [by_number.reshape(n_rows, -1, n_numbers)]

    def _outside(self) -> FloatArray:
        assert self._played is not None
        classroom = self._classroom
        plant = classroom.world.plant
        return outside_range(plant, classroom.figures, self._played.episode)
