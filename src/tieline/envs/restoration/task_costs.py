"""The limits of the task, and how far a step is beyond each: 0 where it is within, and in dark islands, whose loss the reward
tells.
"""

from __future__ import annotations

import numpy as np

from tieline.envs.restoration.episode import beyond_limits
from tieline.envs.restoration.step.island_step import IslandStep
from tieline.envs.restoration.world import RestorationWorld
from tieline.envs.task import Constraint
from tieline.typing import FloatArray

WORST_OVERLOAD_PU = 10.0
"""A flow, or a reactive power, of eleven times its limit; more counts as this."""


def task_constraints(world: RestorationWorld) -> tuple[Constraint, ...]:
    """What should stay at 0 in every step."""
    most_kwh = world.config.step_h * float(world.plant.load_kw.sum())
    return (
        Constraint("undervoltage_pu", "pu", 0.0, 1.0),
        Constraint("overvoltage_pu", "pu", 0.0, 1.0),
        Constraint("overload_pu", "pu", 0.0, WORST_OVERLOAD_PU),
        Constraint("reactive_pu", "pu", 0.0, WORST_OVERLOAD_PU),
        Constraint("dropped_kwh", "kWh", 0.0, most_kwh),
    )


def task_costs(world: RestorationWorld, result: IslandStep) -> FloatArray:
    """How far a step is beyond each limit, in the order of `task_constraints`, (episode, constraint)."""
    beyond = np.nan_to_num(beyond_limits(world, result))
    n_points = len(world.grid.points.names)
    above, below, flows = np.split(beyond, [n_points, 2 * n_points], axis=1)
    load_kwh = world.config.step_h * world.plant.load_kw
    costs = np.column_stack(
        [
            _worst(below),
            _worst(above),
            _worst(flows),
            _worst(_reactive_beyond(world, result)),
            result.dropped @ load_kwh,
        ]
    )
    most = [constraint.worst for constraint in task_constraints(world)]
    return np.minimum(costs, most)


def _worst(beyond: FloatArray) -> FloatArray:
    """The largest of each episode, at least 0."""
    return beyond.max(axis=1, initial=0.0)


def _reactive_beyond(world: RestorationWorld, result: IslandStep) -> FloatArray:
    """How far each droop unit's Q is beyond its rating, (episode, unit) [parts of it]."""
    q_max_kvar = world.plant.units.q_max_kvar
    beyond_kvar = np.abs(result.unit_kvar) - q_max_kvar
    # of a unit that may give none the excess is told in kvar
    unit_kvar = np.where(q_max_kvar > 0, q_max_kvar, 1.0)
    return beyond_kvar / unit_kvar
