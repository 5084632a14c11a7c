"""`Pool`: the days that episodes are picked from, drawn once, and where regulators and capacitors stand in each."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tieline.envs.draws import spread
from tieline.envs.microgrids.config import MicrogridsEnvConfig
from tieline.envs.microgrids.day import Day, held_positions, problem_of
from tieline.envs.microgrids.days import drawn_day
from tieline.envs.microgrids.plant import Plant
from tieline.envs.microgrids.windows import DayStack
from tieline.opf import Problem
from tieline.typing import FloatArray, IntArray


@dataclass(frozen=True, eq=False)
class Pool:
    """Days, one above the other.

    Attributes:
        problem: the dispatch of the first day, whose limits and devices are those of all.
        days: their series.
        taps, capacitor_steps: held in each day, (day, regulator) and (day, capacitor).
    """

    problem: Problem
    days: DayStack
    taps: IntArray
    capacitor_steps: FloatArray

    @classmethod
    def of(cls, plant: Plant, days: list[Day]) -> Pool:
        """Days of any origin, all with the same steps.

        Raises:
            InputError: if limits contradict each other; each is named.
            NotConvergedError: if there is no power flow at which controls come to rest.
        """
        problem = problem_of(plant, days[0])
        # what does not move in a day stands as the feeder says
        positions = [problem.positions | held_positions(plant, day) for day in days]
        return cls(
            problem=problem,
            days=DayStack.of(days),
            taps=np.array([of_day["taps"] for of_day in positions]),
            capacitor_steps=np.array(
                [of_day["capacitor_steps"] for of_day in positions]
            ),
        )


def draw_pool(plant: Plant, config: MicrogridsEnvConfig) -> Pool:
    """The pool of a configuration; day k is the same in a pool of any size."""
    seeds = spread(config.pool_seed, config.pool_days)
    days = []
    for seed in seeds.tolist():
        day = drawn_day(plant, config, seed)
        days.append(day)
    return Pool.of(plant, days)
