"""How the power of droop units moves with what loads take and other units inject: the exact solve's derivative, step by step.

One adjoint for each droop unit: voltages, Q and the droop laws are in it. Where an island is dead, or a unit stands still,
nothing moves anything.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from tieline.envs.restoration.step.island_step import IslandStep
from tieline.opf.restoration.plant import IslandPlant
from tieline.powerflow.island import island_adjoint
from tieline.typing import FloatArray


class UnitSlopes(NamedTuple):
    """Derivative of P of each droop unit, (draw, unit, load or other unit), by `load_kw`, `load_kvar`, `p_kw`, `q_kvar`."""

    load_kw: FloatArray
    load_kvar: FloatArray
    p_kw: FloatArray
    q_kvar: FloatArray


def unit_ders(plant: IslandPlant) -> np.ndarray:
    """DERs that are decided on: turbines, batteries, renewables."""
    return np.concatenate(
        [plant.generator_ders, plant.battery_ders, plant.renewable_ders]
    )


def unit_slopes(plant: IslandPlant, step: IslandStep) -> UnitSlopes:
    """At the solution of a step."""
    ders = unit_ders(plant)
    slopes = _zeros(step.unit_kw.shape, len(plant.load_kw), len(ders))
    # draws in which the same units run are solved together
    for group in step.solved:
        rows = group.rows
        running = group.solution.island.units.names
        for place, name in enumerate(running):
            unit = plant.units.names.index(name)
            p_bar = np.zeros(len(running))
            p_bar[place] = 1.0
            gradient = island_adjoint(group.solution, p_bar=p_bar)
            slopes.load_kw[rows, unit] = gradient.load_kw
            slopes.load_kvar[rows, unit] = gradient.load_kvar
            slopes.p_kw[rows, unit] = gradient.der_kw[:, ders]
            slopes.q_kvar[rows, unit] = gradient.der_kvar[:, ders]
    # where nothing is on, a solution of what would have been says nothing
    is_dead = step.state.is_dead
    for column in slopes:
        column[is_dead] = 0.0
    return slopes


def _zeros(by_unit: tuple[int, ...], n_loads: int, n_ders: int) -> UnitSlopes:
    """For (draw, unit); what no solution fills moves nothing."""
    of_loads = (*by_unit, n_loads)
    of_ders = (*by_unit, n_ders)
    return UnitSlopes(
        load_kw=np.zeros(of_loads),
        load_kvar=np.zeros(of_loads),
        p_kw=np.zeros(of_ders),
        q_kvar=np.zeros(of_ders),
    )
