"""The same updates on one window alone, with all limits or without some: what the published curves of learning show.

    scope          which limits hold
    all            all
    some           all but those of the power of generators in some microgrids
    generators     all but those of the power of generators
    none           not these, and none of the grid

Every sample is the same window with other noise. A generator without a limit keeps its ramp.

Source: the article on networked microgrids (see `constrained_update.gaussian`), section V, figs. 5 to 7.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

from tieline.agents.constrained_update.curvature import Curvature
from tieline.agents.constrained_update.easing import eased
from tieline.agents.constrained_update.trust_region import central_step
from tieline.agents.constrained_update.update import Policies, Update, update_policies
from tieline.agents.window_policies.inputs import Eyes
from tieline.agents.window_policies.policies import wished
from tieline.envs.microgrids.before import state_before
from tieline.envs.microgrids.day import Day, held_positions, problem_of
from tieline.envs.microgrids.device_limits import DeviceLimits
from tieline.envs.microgrids.follow import followed
from tieline.envs.microgrids.plant import Plant
from tieline.envs.microgrids.set_points import SetPoints
from tieline.envs.microgrids.window_model import WindowModel
from tieline.envs.microgrids.windows import DayStack, Windows
from tieline.studies.microgrids.training.config import LearnerConfig
from tieline.studies.microgrids.training.gaussians import (
    draws_of,
    first_policies,
    plain_layers,
)
from tieline.studies.microgrids.training.judge import Judge
from tieline.studies.microgrids.training.problem import WindowProblem
from tieline.typing import IntArray

Scope = Literal["all", "some", "generators", "none"]

WITHOUT_LIMIT = 100.0
"""Times its rating, what a generator without a limit may give: so far out that no update comes near it."""

NO_MARGIN = -1e6
"""How far outside its limit the grid may be where it has none."""


@dataclass(frozen=True, eq=False)
class WindowLesson:
    """What was learned.

    Attributes:
        curve: a row per update: `update`, `reward` (of all microgrids, without noise) [currency], `worst_tail`, `divergence`, and
            `generator_kw_1`, ... the power that the first microgrid's generator wishes in each step.
        set_points: wishes without noise after the last update, (1, step, der).
        done: what devices follow of them.
    """

    curve: pd.DataFrame
    set_points: SetPoints
    done: SetPoints


def learn_window(
    plant: Plant,
    day: Day,
    config: LearnerConfig,
    seed: int,
    scope: Scope = "all",
    freed: Sequence[int] = (),
) -> WindowLesson:
    """Learn the window with which a day begins.

    Args:
        plant, day: the window is as long as the day.
        config: settings; `plain_windows` samples an update.
        seed: of networks and noise.
        scope: which limits hold.
        freed: microgrids whose generators have no limit where some have none.
    """
    learner = _WindowLearner(plant, day, config, seed, scope, freed)
    return learner.run()


class _WindowLearner:
    def __init__(
        self,
        plant: Plant,
        day: Day,
        config: LearnerConfig,
        seed: int,
        scope: Scope,
        freed: Sequence[int],
    ):
        self._eyes = Eyes(plant)
        self._config = config
        self._random = np.random.default_rng(seed)
        problem = problem_of(plant, day)
        model = WindowModel(plant, problem)
        free = _freed_generators(plant, scope, freed)
        limits = _without(DeviceLimits.of(plant, day.step_h), free)
        self._judge = Judge(model, limits, config.tail_share, config.device_tolerance)
        self._margin = NO_MARGIN if scope == "none" else config.margin
        n_samples = config.plain_windows
        self._windows = _copies(self._eyes, day, n_samples)
        self._inputs = self._eyes.see(self._windows)
        first = np.zeros(1, dtype=np.int64)
        self._one_window = self._windows.take(first)
        self._one_inputs = self._inputs.take(first)
        policies = first_policies(self._inputs, self._eyes, config, seed)
        self._policies: Policies = policies
        self._curvature = Curvature(config.first_curvature)

    def run(self) -> WindowLesson:
        rows = [self._row(number) for number in range(self._config.updates)]
        curve = pd.DataFrame(rows)
        wish = self._wish()
        return WindowLesson(curve, wish, self._response(wish))

    def _row(self, number: int) -> dict[str, Any]:
        update = self._update(number)
        wish = self._wish()
        worst_tail = update.after.constraints.max()
        divergence = update.divergence.max()
        return {
            "update": number + 1,
            "reward": self._reward(wish),
            "worst_tail": float(worst_tail),
            "divergence": float(divergence),
            **self._generator_kw(wish),
        }

    def _generator_kw(self, wish: SetPoints) -> dict[str, float]:
        """Of the first microgrid's first generator in each step, if it has any."""
        plant = self._eyes.plant
        numbers = plant.generators_of(plant.microgrids[0])
        if not len(numbers):
            return {}
        first = plant.generator_ders[numbers[0]]
        power_kw = wish.der_kw[0, :, first]
        by_step = enumerate(power_kw, start=1)
        return {f"generator_kw_{k}": kw for k, kw in by_step}

    def _update(self, number: int) -> Update:
        n_samples = len(self._windows)
        weights = np.full(n_samples, 1.0 / n_samples)
        base = self._inputs.base
        problem = WindowProblem(self._judge, self._windows, base, weights, self._margin)
        settings = self._config.update_config(number, self._curvature.value)
        update = update_policies(
            problem,
            self._policies,
            draws_of(self._inputs, self._policies, self._random),
            settings,
            find_step=eased(central_step),
        )
        self._policies = update.policies
        self._curvature.learn(update)
        return update

    def _reward(self, wish: SetPoints) -> float:
        """What all microgrids spend in the window, as it is told in the article: without the value of what is stored."""
        response = self._response(wish)
        outcome = self._judge.model.outcome(self._one_window, response)
        spent = outcome.cost.sum()
        return -float(spent)

    def _response(self, wish: SetPoints) -> SetPoints:
        start = self._one_window.start
        return followed(self._judge.devices, wish, start)

    def _wish(self) -> SetPoints:
        """Set-points without noise, of one window."""
        means = [plain_layers(policy.mean) for policy in self._policies]
        return wished(self._eyes, self._one_inputs, means)


def _freed_generators(plant: Plant, scope: Scope, freed: Sequence[int]) -> IntArray:
    """Generators without a limit, (generator,)."""
    if scope == "all":
        return np.zeros(0, dtype=np.int64)
    if scope == "some":
        microgrids = [plant.microgrids[k] for k in freed]
        numbers = [plant.generators_of(microgrid) for microgrid in microgrids]
        return np.concatenate(numbers)
    n_generators = len(plant.generators.names)
    return np.arange(n_generators)


def _without(limits: DeviceLimits, free: IntArray) -> DeviceLimits:
    """Limits of devices with some generators freed; agents count their numbers as before."""
    sets = limits.plant.generators
    p_max_kw = sets.p_max_kw.copy()
    p_max_kw[free] *= WITHOUT_LIMIT
    # P beyond the rating would else be called back by the apparent power
    free_ders = limits.plant.generator_ders[free]
    kva = limits.kva.copy()
    kva[free_ders] *= WITHOUT_LIMIT
    freed_sets = dataclasses.replace(sets, p_max_kw=p_max_kw)
    plant = dataclasses.replace(limits.plant, generators=freed_sets)
    return dataclasses.replace(limits, plant=plant, kva=kva)


def _copies(eyes: Eyes, day: Day, count: int) -> Windows:
    """The window of a whole day so many times."""
    stack = DayStack.of([day], [held_positions(eyes.plant, day)])
    start = state_before(eyes.observer, stack)
    first = np.zeros(1, dtype=np.int64)
    window = stack.windows(first, first, stack.n_steps, start)
    rows = np.zeros(count, dtype=np.int64)
    return window.take(rows)
