"""`Pupils`: the agents of a plant as they learn: their days, one seed after the other, and how they stand on held-out days."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from tieline.agents.constrained_update.update import FindStep
from tieline.agents.policy import Plain
from tieline.agents.window_policies.inputs import Eyes
from tieline.agents.window_policies.policies import WindowPolicies, wished
from tieline.agents.window_policies.policy_file import to_bytes
from tieline.agents.window_policies.policy_key import PolicyKey
from tieline.envs.microgrids.days import drawn_day
from tieline.envs.microgrids.plan import merit_plan
from tieline.envs.microgrids.plant import Plant
from tieline.envs.microgrids.pool import Pool
from tieline.envs.microgrids.set_points import SetPoints, planned
from tieline.envs.microgrids.windows import Windows
from tieline.studies.microgrids.cases import FIRST_HELD_OUT
from tieline.studies.microgrids.training.config import MicrogridsTrainingConfig
from tieline.studies.microgrids.training.gaussians import plain_layers
from tieline.studies.microgrids.training.learner import Learned, learn
from tieline.studies.microgrids.training.school import School, told
from tieline.studies.microgrids.training.walk import Wish, roll_out
from tieline.typing import Progress

DAYS_OF_A_SEED = 1_000
"""Days of a training have seeds from its own seed times this."""

FIRST_CHECK = 2**31
"""Days of checks have seeds from this on, between those of trainings and those of case `held-out`."""


class Pupils:
    """The agents of a plant."""

    def __init__(self, plant: Plant, config: MicrogridsTrainingConfig):
        self._plant = plant
        self._config = config
        self._eyes = Eyes(plant)
        self._checks = self._days(FIRST_CHECK, config.learner.check_days)

    def learn(self, seed: int, progress: Progress, find_step: FindStep) -> Learned:
        """Train one seed, with steps found by `find_step`."""
        config = self._config.learner
        lessons = self._days(DAYS_OF_A_SEED * seed, config.lesson_days)
        school = self._school(lessons)
        return learn(school, config, seed, progress, find_step)

    def policies(self, learned: Learned, about: Mapping[str, Plain]) -> WindowPolicies:
        """What a seed learned, as it is kept."""
        config = self._config
        key = PolicyKey.of(self._eyes, config.window_steps, config.step_h)
        means = tuple(plain_layers(policy.mean) for policy in learned.policies)
        spreads = tuple(plain_layers(policy.factor) for policy in learned.policies)
        return WindowPolicies(key, means, spreads, about)

    def to_bytes(self, learned: Learned, about: Mapping[str, Plain]) -> bytes:
        """The content of a policy file."""
        policies = self.policies(learned, about)
        return to_bytes(policies)

    def hold_out(
        self,
        seeds: Sequence[int],
        learned: Sequence[Learned],
        first_day: int = FIRST_HELD_OUT,
    ) -> pd.DataFrame:
        """How policies and merit order stand on days that nobody has seen.

        Args:
            seeds: of the trainings.
            learned: what each learned.
            first_day: seed of the first day; the others follow.

        Returns:
            A row for each seed, and one for merit order (seed -1): `who`, `seed` and the columns of `learner.told`.
        """
        days = self._days(first_day, self._config.held_out)
        school = self._school(days)
        rows = [self._row("merit", -1, school, self._plan)]
        for seed, one in zip(seeds, learned, strict=True):
            wish = self._wish_of(one)
            row = self._row("policy", seed, school, wish)
            rows.append(row)
        return pd.DataFrame(rows)

    def _row(self, who: str, seed: int, school: School, wish: Wish) -> dict[str, Any]:
        course = roll_out(school.lessons.days, school.steps, wish)
        columns = told(course, school)
        return {"who": who, "seed": seed, **columns}

    def _wish_of(self, learned: Learned) -> Wish:
        means = [plain_layers(policy.mean) for policy in learned.policies]

        def wish(windows: Windows) -> SetPoints:
            inputs = self._eyes.see(windows)
            return wished(self._eyes, inputs, means)

        return wish

    def _plan(self, windows: Windows) -> SetPoints:
        plan = merit_plan(self._plant, windows)
        return planned(self._plant, windows, plan)

    def _school(self, lessons: Pool) -> School:
        config = self._config
        return School.of(
            lessons, self._checks, self._eyes, config.learner, config.window_steps
        )

    def _days(self, first_seed: int, count: int) -> Pool:
        plant = self._plant
        seeds = range(first_seed, first_seed + count)
        days = [drawn_day(plant, self._config, seed) for seed in seeds]
        return Pool.of(plant, days)
