"""Safe policy learning over a distribution of windows: one seed.

    start      networks whose means are next to nothing: the agents follow the merit plan
    update     windows that the policies come into (`walk`), actions with noise, one trust-region update of all agents
               (`constrained_update`) that raises the gain of all microgrids and brings tails of limits (`tails`) below -margin
    check      now and then: days that no update sees, without noise

The spread is small from the start: returns are differentiated, so that noise explores nothing; it gives the trust region
its unit.

Source of the method: the article on networked microgrids (see `constrained_update.gaussian`), algorithm 1.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from tieline.agents.constrained_update.curvature import Curvature
from tieline.agents.constrained_update.update import (
    FindStep,
    Policies,
    Update,
    update_policies,
)
from tieline.agents.window_policies.policies import Layers, wished
from tieline.envs.microgrids.set_points import SetPoints
from tieline.envs.microgrids.windows import Windows
from tieline.studies.microgrids.training.config import LearnerConfig
from tieline.studies.microgrids.training.gaussians import (
    draws_of,
    first_policies,
    plain_layers,
)
from tieline.studies.microgrids.training.lesson import choose
from tieline.studies.microgrids.training.problem import WindowProblem
from tieline.studies.microgrids.training.school import School, told
from tieline.studies.microgrids.training.walk import Walk, roll_out
from tieline.typing import Progress


@dataclass(frozen=True, eq=False)
class Learned:
    """What one seed learned: policies of each agent, and a row of `curve` for each update."""

    policies: Policies
    curve: pd.DataFrame


def learn(
    school: School,
    config: LearnerConfig,
    seed: int,
    progress: Progress,
    find_step: FindStep,
) -> Learned:
    """Train one seed, with steps as `find_step` has them; the same seed and way to find steps give the same policies."""
    learner = _Learner(school, config, seed, find_step)
    return learner.run(progress)


class _Learner:
    def __init__(
        self, school: School, config: LearnerConfig, seed: int, find: FindStep
    ):
        self._school = school
        self._config = config
        self._seed = seed
        self._find = find
        self._random = np.random.default_rng(seed)
        self._policies = _first(school, config, seed)
        self._curvature = Curvature(config.first_curvature)
        days = school.lessons.days
        self._walk = Walk(days, school.steps, config.walkers, self._wish, self._random)

    def run(self, progress: Progress) -> Learned:
        rows = []
        n_updates = self._config.updates
        for number in range(1, n_updates + 1):
            progress(number - 1, n_updates, f"seed {self._seed}")
            row = self._row(number, self._update(number))
            # seeds are told apart by their last check, so that there is always one
            is_last = number == n_updates
            if is_last or number % self._config.check_every == 0:
                row |= self._check()
            rows.append(row)
        curve = pd.DataFrame(rows)
        return Learned(self._policies, curve)

    def _wish(self, windows: Windows) -> SetPoints:
        """Set-points without noise."""
        eyes = self._school.eyes
        inputs = eyes.see(windows)
        return wished(eyes, inputs, self._means())

    def _means(self) -> list[Layers]:
        return [plain_layers(policy.mean) for policy in self._policies]

    def _update(self, number: int) -> Update:
        config = self._config
        eyes = self._school.eyes
        judge = self._school.judge
        windows = self._walk.windows()
        inputs = eyes.see(windows)
        wish = wished(eyes, inputs, self._means())
        lesson = choose(judge, windows, wish, config, self._random)
        batch = windows.take(lesson.rows)
        batch_inputs = inputs.take(lesson.rows)
        problem = WindowProblem(
            judge, batch, batch_inputs.base, lesson.weights, config.margin
        )
        draws = draws_of(batch_inputs, self._policies, self._random)
        settings = config.update_config(number - 1, self._curvature.value)
        update = update_policies(
            problem, self._policies, draws, settings, find_step=self._find
        )
        self._policies = update.policies
        self._curvature.learn(update)
        # with the wishes before the update: all windows of it began in states that these lead to
        self._walk.advance(wish)
        return update

    def _row(self, number: int, update: Update) -> dict[str, Any]:
        after = update.after
        return {
            "seed": self._seed,
            "update": number,
            "step": number * self._config.walkers,
            "gain": after.objective,
            "worst_tail": float(after.constraints.max()),
            "constraints": len(update.constraints),
            "is_recovery": update.step.is_recovery,
            "part": update.part,
            "divergence": float(update.divergence.max()),
        }

    def _check(self) -> dict[str, float]:
        """Days that no update sees."""
        school = self._school
        course = roll_out(school.checks.days, school.steps, self._wish)
        return told(course, school)


def _first(school: School, config: LearnerConfig, seed: int) -> Policies:
    """Policies that know only how many numbers they will see."""
    days = school.lessons.days
    steps = school.steps
    every = np.arange(len(days))
    midnight = np.zeros_like(every)
    windows = days.windows(every, midnight, steps.n_steps, steps.before(days))
    inputs = school.eyes.see(windows)
    return first_policies(inputs, school.eyes, config, seed)
