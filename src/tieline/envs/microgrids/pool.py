"""`Pool`: the days that episodes are picked from, drawn once, and where regulators and capacitors stand in each."""

from __future__ import annotations

from dataclasses import dataclass

from tieline.envs.draws import spread
from tieline.envs.microgrids.config import MicrogridsEnvConfig
from tieline.envs.microgrids.day import Day, held_positions, problem_of
from tieline.envs.microgrids.days import drawn_day
from tieline.envs.microgrids.plant import Plant
from tieline.envs.microgrids.windows import DayStack
from tieline.opf import Problem


@dataclass(frozen=True, eq=False)
class Pool:
    """Days, one above the other.

    Attributes:
        problem: the dispatch of the first day, whose limits and devices are those of all.
        days: their series, and what is held in each.
    """

    problem: Problem
    days: DayStack

    @classmethod
    def of(cls, plant: Plant, days: list[Day]) -> Pool:
        """Days of any origin, all with the same steps.

        Raises:
            InputError: if limits contradict each other; each is named.
            NotConvergedError: if there is no power flow at which controls come to rest.
        """
        problem = problem_of(plant, days[0])
        # controls come to rest at the load of their day
        positions = [held_positions(plant, day) for day in days]
        return cls(problem, DayStack.of(days, positions))


def draw_pool(plant: Plant, config: MicrogridsEnvConfig) -> Pool:
    """The pool of a configuration; day k is the same in a pool of any size."""
    seeds = spread(config.pool_seed, config.pool_days)
    days = []
    for seed in seeds.tolist():
        day = drawn_day(plant, config, seed)
        days.append(day)
    return Pool.of(plant, days)
