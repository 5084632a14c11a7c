"""Constrained policy optimisation over whole episodes: one seed.

    start      a network whose mean is next to nothing: it follows what its numbers depart from; or one that imitates
    update     fresh draws of sun and wind, episodes with noise, one trust-region update (`constrained_update`) that raises the
               return through all later steps (`credit`) and keeps droop units inside their range (`problem`)
    check      now and then: draws that no update sees, without noise; the best policy of a training is kept by them

The spread is small from the start: returns are differentiated, so that noise explores nothing; it gives the trust region
its unit.

Source: S. Bose, Y. Zhang, arXiv 2111.02054, algorithm 1.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import jax
import numpy as np
import pandas as pd

from tieline.agents.constrained_update.curvature import Curvature
from tieline.agents.constrained_update.easing import eased
from tieline.agents.constrained_update.gaussian import GaussianPolicy, random_policy
from tieline.agents.constrained_update.problem import Draws
from tieline.agents.constrained_update.trust_region import central_step
from tieline.agents.constrained_update.update import Update, update_policies
from tieline.agents.restoration_policies.departure import n_numbers
from tieline.agents.restoration_policies.inputs import n_inputs
from tieline.envs.restoration.plan.view import NEXT_STEPS
from tieline.studies.restoration.training.classroom import Classroom
from tieline.studies.restoration.training.lessons import check_draws, lesson_draws
from tieline.studies.restoration.training.problem import EpisodeProblem
from tieline.studies.restoration.training.roll_out import Practice
from tieline.typing import FloatArray, Progress

FIRST_WEIGHT = 0.01
"""What the last layer of a mean begins with, of a random one: a policy begins at its base, and no weight is exactly none."""


@dataclass(frozen=True, eq=False)
class Learned:
    """What one seed learned: the policy, and a row of `curve` for each update."""

    policy: GaussianPolicy
    curve: pd.DataFrame


def first_policy(classroom: Classroom, seed: int) -> GaussianPolicy:
    """A random network whose mean is next to nothing."""
    config = classroom.config
    figures = classroom.figures
    policy = random_policy(
        n_inputs(figures, NEXT_STEPS),
        n_numbers(figures),
        config.hidden,
        jax.random.key(seed),
        spread=config.spread,
        is_diagonal=True,
    )
    *hidden, (weight, bias) = policy.mean
    last = (FIRST_WEIGHT * weight, 0.0 * bias)
    return policy._replace(mean=(*hidden, last))


def learn(
    classroom: Classroom, start: GaussianPolicy, seed: int, progress: Progress
) -> Learned:
    """Train one seed; the same seed gives the same policy."""
    return _Learner(classroom, start, seed).run(progress)


class _Learner:
    def __init__(self, classroom: Classroom, start: GaussianPolicy, seed: int):
        self._classroom = classroom
        self._seed = seed
        self._random = np.random.default_rng(seed)
        self._policy = start
        self._curvature = Curvature(classroom.config.first_curvature)
        self._checks = check_draws(classroom.world, classroom.config)
        self._best = start
        self._best_return = -np.inf

    def run(self, progress: Progress) -> Learned:
        config = self._classroom.config
        n_updates = config.updates
        before = {"seed": self._seed, "update": 0, "step": 0}
        # a start that no update improves is the best of its training
        rows = [before | self._check()]
        for number in range(1, n_updates + 1):
            progress(number - 1, n_updates, f"seed {self._seed}")
            update = self._update(number)
            row = self._row(number, update)
            is_checked = number % config.check_every == 0
            # the last one always: it stands in no other check
            if is_checked or number == n_updates:
                row |= self._check()
            rows.append(row)
        return Learned(self._best, pd.DataFrame(rows))

    def _update(self, number: int) -> Update:
        config = self._classroom.config
        practice = self._practice(number)
        problem = EpisodeProblem(self._classroom, practice)
        played = self._classroom.play(self._policy, practice)
        draws = Draws(_flat(played.observations), _flat(practice.noise))
        settings = config.update_config(number - 1, self._curvature.value)
        update = update_policies(
            problem,
            (self._policy,),
            (draws,),
            settings,
            find_step=eased(central_step),
            act=problem.act,
        )
        (self._policy,) = update.policies
        self._curvature.learn(update)
        return update

    def _practice(self, number: int) -> Practice:
        """Fresh draws, and noise."""
        classroom = self._classroom
        config = classroom.config
        # what is left to gain lies in kinks of single draws: with fresh ones each update takes back what the last one gained
        batch = number % config.batches
        actual_kw = lesson_draws(classroom.world, config, self._seed, batch)
        n_steps = classroom.world.config.steps
        shape = (n_steps, len(actual_kw), n_numbers(classroom.figures))
        return Practice(actual_kw, self._random.standard_normal(shape))

    def _row(self, number: int, update: Update) -> dict[str, Any]:
        after = update.after
        return {
            "seed": self._seed,
            "update": number,
            "step": number * self._classroom.config.draws,
            "gain": after.objective - update.before.objective,
            "worst_tail": float(after.constraints.max()),
            "constraints": len(update.constraints),
            "is_recovery": update.step.is_recovery,
            "part": update.part,
            "divergence": float(update.divergence.max()),
        }

    def _check(self) -> dict[str, float]:
        """Draws that no update sees, without noise; the best policy is kept by them."""
        classroom = self._classroom
        episode = classroom.play_mean(self._policy, self._checks)
        score = float(episode.objective.mean())
        # not the last one: a late update may gain on its own draws alone
        if score > self._best_return:
            self._best_return = score
            self._best = self._policy
        return {
            "return_mean": score,
            "shed_kwh": float(episode.bill.shed_kwh.sum(axis=0).mean()),
            "relieved_steps_pct": 100.0 * float(_is_relieved(episode).mean()),
        }


def _is_relieved(episode: Any) -> FloatArray:
    """Where the island had to drop load by itself, (step, draw)."""
    return np.stack([one.step.dropped.max(axis=1) > 0 for one in episode.played])


def _flat(array: FloatArray) -> FloatArray:
    """(step, draw, entry) to (sample, entry)."""
    return array.reshape(-1, array.shape[-1])
