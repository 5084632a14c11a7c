"""`Pupils`: policies of an island as they learn: one seed after the other by each method, and how they stand on unseen draws."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from tieline.agents.policy import Plain
from tieline.agents.restoration_mpc import MpcDecider
from tieline.agents.restoration_policies.policies import PlanDecider, RestorationPolicy
from tieline.agents.restoration_policies.policy_file import to_bytes
from tieline.agents.restoration_policies.policy_key import PolicyKey
from tieline.envs.restoration.episode import Episode, play
from tieline.envs.restoration.scenarios import TESTED
from tieline.envs.restoration.world import RestorationWorld
from tieline.studies.restoration.training.classroom import Classroom, plain_layers
from tieline.studies.restoration.training.config import RestorationTrainingConfig
from tieline.studies.restoration.training.imitation import imitate
from tieline.studies.restoration.training.learner import Learned, first_policy, learn
from tieline.typing import Progress

FIRST_HELD_OUT = 2**32
"""Seeds of draws that no training and no check sees."""

WINDOW = 8
"""Steps of the program that `imitation` repeats; the article does not print its window."""


@dataclass(frozen=True, eq=False)
class Taught:
    """What a method and seed learned, and in what time: wall and processor [s]."""

    method: str
    seed: int
    learned: Learned
    train_s: float
    train_cpu_s: float


class Pupils:
    """Policies of a world."""

    def __init__(self, world: RestorationWorld, config: RestorationTrainingConfig):
        self._world = world
        self._config = config
        self._classroom = Classroom(world, config.learner)
        self._teachers: dict[str, MpcDecider] = {}

    def teach(self, method: str, seed: int, progress: Progress) -> Taught:
        """Train one seed by one method."""
        began = time.perf_counter()
        cpu_began = time.process_time()
        start = first_policy(self._classroom, seed)
        if method == "cpo":
            learned = learn(self._classroom, start, seed, progress)
        else:
            teacher = self._teacher(method)
            learned = imitate(self._classroom, start, teacher, seed, progress)
        return Taught(
            method,
            seed,
            learned,
            train_s=time.perf_counter() - began,
            train_cpu_s=time.process_time() - cpu_began,
        )

    def to_bytes(self, taught: Taught, about: Mapping[str, Plain]) -> bytes:
        """The content of a policy file."""
        policy = taught.learned.policy
        return to_bytes(
            RestorationPolicy(
                key=PolicyKey.of(self._world, self._config.learner.base),
                mean=plain_layers(policy.mean),
                spread=plain_layers(policy.factor),
                provenance={**about, "method": taught.method, "seed": taught.seed},
            )
        )

    def hold_out(self, taught: Sequence[Taught]) -> pd.DataFrame:
        """How policies and the plan stand on draws that nobody has seen.

        Returns:
            A row for each scenario, and method and seed (`hold`, -1 for the plan): `scenario`, `method`, `seed`, `objective`,
            `restored_kwh`, `shed_kwh` and `gain_pct` of the objective beyond that of the plan.
        """
        seeds = FIRST_HELD_OUT + np.arange(self._config.held_out)
        rows: list[dict[str, Any]] = []
        world = self._world
        for scenario in TESTED:
            actual_kw = world.actual_kw(scenario, seeds)
            # what a policy departs from: below it, learning has made it worse
            plan = play(world, PlanDecider(world), actual_kw)
            of_plan = _told(plan)
            rows.append(_row(scenario, "hold", -1, of_plan, of_plan))
            for one in taught:
                episode = self._classroom.play_mean(one.learned.policy, actual_kw)
                told = _told(episode)
                rows.append(_row(scenario, one.method, one.seed, told, of_plan))
        return pd.DataFrame(rows)

    def _teacher(self, method: str) -> MpcDecider:
        # all seeds of a method share the program, whose set-up takes longer than a decision
        if method not in self._teachers:
            self._teachers[method] = _teacher_of(method, self._world)
        return self._teachers[method]


def _teacher_of(method: str, world: RestorationWorld) -> MpcDecider:
    """The program that a method repeats."""
    if method == "imitation-corrected":
        return MpcDecider(world, correction="mean")
    # as the article does it: the forecast as it came
    return MpcDecider(world, WINDOW)


def _told(episode: Episode) -> dict[str, float]:
    bill = episode.bill
    columns = {
        "objective": bill.objective,
        "restored_kwh": bill.restored_kwh,
        "shed_kwh": bill.shed_kwh,
    }
    return {name: float(part.sum(axis=0).mean()) for name, part in columns.items()}


def _row(
    scenario: str,
    method: str,
    seed: int,
    told: dict[str, float],
    of_plan: dict[str, float],
) -> dict[str, Any]:
    plan_objective = of_plan["objective"]
    beyond = told["objective"] - plan_objective
    gain_pct = 100.0 * beyond / abs(plan_objective)
    row = {"scenario": scenario, "method": method, "seed": seed}
    return {**row, **told, "gain_pct": gain_pct}
