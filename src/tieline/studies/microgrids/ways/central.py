"""The central optimum with perfect knowledge: in windows that move on by a step, over all steps, with limits dropped."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np

from tieline.envs.microgrids.day import Day, problem_of, require_steps
from tieline.envs.microgrids.plant import Plant
from tieline.opf import Problem, run_horizon, solve_nlp, warm_nlp
from tieline.opf.flow_limits import FlowLimits
from tieline.opf.meters import Meters
from tieline.studies.microgrids.ways.dispatch import Dispatch


def central_by_windows(plant: Plant, day: Day, window_steps: int) -> Dispatch:
    """Each step from the optimum of the window that begins with it.

    Raises:
        InputError: if the window is longer than the day.
        InfeasibleError: if a window has no answer; it names the limits.
    """
    require_steps(day, window_steps)
    problem = problem_of(plant, day)
    run = run_horizon(problem, window_steps, warm_nlp())
    return Dispatch(plant, problem, run.der_kw, run.der_kvar)


def central_at_once(plant: Plant, day: Day, stores_back: bool = False) -> Dispatch:
    """The optimum of all steps together.

    Args:
        plant, day: what is asked.
        stores_back: ends with no less stored than at the start, in place of a value of what is stored.

    Raises:
        InfeasibleError: if there is no answer; it names the limits.
    """
    problem = problem_of(plant, day)
    question = problem
    if stores_back:
        worthless = np.zeros(len(day.stored_kwh))
        question = problem.replace(stored_end_kwh=day.stored_kwh, end_value=worthless)
    answer = solve_nlp(question)
    return Dispatch(plant, problem, answer.der_kw, answer.der_kvar)


class DayOptimum:
    """The optimum of all steps together, day after day of one plant: the program is built for the first and kept."""

    def __init__(self, plant: Plant):
        self._plant = plant
        self._solve = warm_nlp()
        self._meters: Meters | None = None

    def __call__(self, day: Day) -> Dispatch:
        """The optimum of a day; raises `InfeasibleError` as `central_at_once`."""
        problem = problem_of(self._plant, day)
        # a program knows its meters by identity, and those of a plant are the same on every day
        self._meters = self._meters or problem.meters
        problem = problem.replace(meters=self._meters)
        answer = self._solve(problem, None)
        return Dispatch(self._plant, problem, answer.der_kw, answer.der_kvar)


def unlimited_central(
    plant: Plant, day: Day, microgrids: Collection[str], keeps_network: bool = True
) -> Dispatch:
    """The optimum where some microgrids' generators have no limit of power; ramps stay.

    Args:
        plant, day: what is asked.
        microgrids: names of those whose generators have none.
        keeps_network: False drops the limits of voltages and transformers too.

    Returns:
        The set-points, beside the problem with its limits: the replay says which are broken.
    """
    problem = problem_of(plant, day)
    free = _generators_of(plant, microgrids)
    p_max_kw = problem.ders.p_max_kw.copy()
    p_max_kw[:, free] = np.inf
    kva = problem.ders.kva.copy()
    kva[free] = np.inf
    question = problem.replace(p_max_kw=p_max_kw, kva=kva)
    if not keeps_network:
        question = _without_network_limits(question)
    answer = solve_nlp(question)
    return Dispatch(plant, problem, answer.der_kw, answer.der_kvar)


def _generators_of(plant: Plant, microgrids: Collection[str]) -> np.ndarray:
    """Which DERs are generators of these microgrids, (generator,)."""
    numbers = [
        plant.generators_of(microgrid)
        for microgrid in plant.microgrids
        if microgrid.name in microgrids
    ]
    return plant.generator_ders[np.concatenate(numbers)]


def _without_network_limits(problem: Problem) -> Problem:
    n_points = len(problem.limits.points.names)
    return problem.replace(
        # the square of a voltage is never below zero
        v_min_pu=np.zeros(n_points),
        v_max_pu=np.full(n_points, np.inf),
        flows=FlowLimits.of(problem.network, ()),
    )
