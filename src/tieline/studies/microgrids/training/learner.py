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

import jax
import numpy as np
import pandas as pd

from tieline.agents.constrained_update.gaussian import GaussianPolicy, random_policy
from tieline.agents.constrained_update.update import (
    Draws,
    FindStep,
    Policies,
    Update,
    update_policies,
)
from tieline.agents.window_policies.inputs import Eyes, Sight
from tieline.agents.window_policies.policies import Layers, wished
from tieline.envs.microgrids.device_limits import DeviceLimits
from tieline.envs.microgrids.pool import Pool
from tieline.envs.microgrids.set_points import SetPoints
from tieline.envs.microgrids.window_model import WindowModel
from tieline.envs.microgrids.windows import Windows
from tieline.studies.microgrids.training.config import LearnerConfig
from tieline.studies.microgrids.training.curvature import Curvature
from tieline.studies.microgrids.training.easing import eased
from tieline.studies.microgrids.training.judge import Judge
from tieline.studies.microgrids.training.lesson import choose
from tieline.studies.microgrids.training.problem import WindowProblem
from tieline.studies.microgrids.training.walk import Course, Steps, Walk, roll_out
from tieline.typing import Progress

FIRST_WEIGHT = 0.01
"""What the last layer of a mean begins with, of a random one: the agents begin at the plan, and no weight is exactly none."""


@dataclass(frozen=True, eq=False)
class School:
    """What does not change in a training: plant, model, days of the training and days of checks."""

    eyes: Eyes
    judge: Judge
    steps: Steps
    lessons: Pool
    checks: Pool

    @classmethod
    def of(
        cls,
        lessons: Pool,
        checks: Pool,
        eyes: Eyes,
        config: LearnerConfig,
        window_steps: int,
    ) -> School:
        """From days of training and of checks."""
        plant = eyes.plant
        model = WindowModel(plant, lessons.problem)
        devices = DeviceLimits.of(plant, lessons.days.step_h)
        judge = Judge(model, devices, config.tail_share)
        steps = Steps(eyes, model, devices, window_steps)
        return cls(eyes, judge, steps, lessons, checks)


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
    """Train one seed; the same seed gives the same policies, where steps are found in the same way."""
    learner = _Learner(school, config, seed, eased(find_step))
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
        self._walk = Walk(
            school.lessons.days, school.steps, config.walkers, self._wish, self._random
        )

    def run(self, progress: Progress) -> Learned:
        rows = []
        for number in range(self._config.updates):
            progress(number, self._config.updates, f"seed {self._seed}")
            update = self._update(number)
            row = self._row(number, update)
            is_last = number + 1 == self._config.updates
            if is_last or (number + 1) % self._config.check_every == 0:
                row |= self._check()
            rows.append(row)
        return Learned(self._policies, pd.DataFrame(rows))

    def _wish(self, windows: Windows) -> SetPoints:
        """Set-points without noise."""
        eyes = self._school.eyes
        sight = eyes.see(windows)
        return wished(eyes, sight, self._means())

    def _means(self) -> list[Layers]:
        return [plain_layers(policy.mean) for policy in self._policies]

    def _update(self, number: int) -> Update:
        config = self._config
        windows = self._walk.windows()
        sight = self._school.eyes.see(windows)
        wish = wished(self._school.eyes, sight, self._means())
        lesson = choose(self._school.judge, windows, wish, config, self._random)
        batch = sight.take(lesson.rows)
        problem = WindowProblem(
            self._school.judge,
            windows.take(lesson.rows),
            batch.base,
            lesson.weights,
            config.margin,
        )
        settings = config.update_config(number, self._curvature.value)
        update = update_policies(
            problem,
            self._policies,
            drawn(batch, self._policies, self._random),
            settings,
            find_step=self._find,
        )
        self._policies = update.policies
        self._curvature.learn(update)
        self._walk.advance(wish)
        return update

    def _row(self, number: int, update: Update) -> dict[str, Any]:
        return {
            "seed": self._seed,
            "update": number + 1,
            "step": (number + 1) * self._config.walkers,
            "gain": update.after.objective,
            "worst_tail": float(update.after.constraints.max()),
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


def told(course: Course, school: School) -> dict[str, float]:
    """Cost of a day, stored energy paid back, and the share of steps in which a limit is broken."""
    value = school.eyes.plant.stored_value
    repaid = value * course.stored_gain_kwh.sum(axis=1)
    of_day = course.cost.sum(axis=(1, 2)) - repaid
    beyond = course.excess * school.judge.model.unit
    is_broken = (beyond > NOTICED).any(axis=2)
    return {
        "return_mean": -float(of_day.mean()),
        "violating_steps_pct": 100 * float(is_broken.mean()),
        "violation_max": float(beyond.max()),
    }


NOTICED = 1e-4
"""A violation is more than this, in per unit of voltages and shares of flows; less is the rounding of an optimiser."""


def plain_layers(network: Any) -> Layers:
    """A network of JAX as plain arrays."""
    layers = []
    for weight, bias in network:
        plain = (np.asarray(weight), np.asarray(bias))
        layers.append(plain)
    return tuple(layers)


def _first(school: School, config: LearnerConfig, seed: int) -> Policies:
    days = school.lessons.days
    every = np.arange(len(days))
    before = school.steps.before(days)
    windows = days.windows(every, 0 * every, school.steps.n_steps, before)
    return first_policies(school.eyes.see(windows), school.eyes, config, seed)


def first_policies(
    sight: Sight, eyes: Eyes, config: LearnerConfig, seed: int
) -> Policies:
    """Random networks, of the inputs that agents are given in `sight`, whose means are next to nothing."""
    n_steps = sight.base.der_kw.shape[1]
    keys = jax.random.split(jax.random.key(seed), len(sight.inputs))
    policies = []
    for inputs, control, key in zip(sight.inputs, eyes.controls, keys, strict=True):
        policy = random_policy(
            inputs.shape[1],
            n_steps * control.n_numbers,
            config.hidden,
            key,
            spread=config.spread,
            is_diagonal=True,
        )
        policies.append(_near_plan(policy))
    return tuple(policies)


def _near_plan(policy: GaussianPolicy) -> GaussianPolicy:
    *hidden, (weight, bias) = policy.mean
    last = (FIRST_WEIGHT * weight, 0.0 * bias)
    return policy._replace(mean=(*hidden, last))


def drawn(sight: Sight, policies: Policies, random: np.random.Generator) -> list[Draws]:
    """What agents see, and noise for each of their numbers."""
    draws = []
    for inputs, policy in zip(sight.inputs, policies, strict=True):
        _, last_bias = policy.mean[-1]
        shape = (len(inputs), len(last_bias))
        draws.append(Draws(inputs, random.standard_normal(shape)))
    return draws
