"""Which limits bind, and which are broken, step by step: voltages and branches, power, ramps and energy of devices."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from tieline.envs.microgrids.day import Day
from tieline.envs.microgrids.plant import Plant
from tieline.studies.microgrids.telling.misses import NOTICED, branch_misses
from tieline.studies.microgrids.telling.places import (
    area_of_ders,
    area_of_flows,
    area_of_points,
)
from tieline.studies.microgrids.ways.dispatch import Dispatch
from tieline.typing import FloatArray, StrArray

NEAR = 1e-3
"""A limit binds within this much of it, of one per unit or of the limit itself; solvers stop short of it by less."""

KINDS = (
    "low voltage",
    "high voltage",
    "branch",
    "generator power",
    "generator ramp",
    "stored energy",
)
"""In the order of figures. Batteries at full power, and generators at rest, are decisions like others, and left out."""

Limit = tuple[str, StrArray, FloatArray]
"""Kind, area of each limit, and by how much each is missed, below 0 where it is kept, (step, limit)."""


def binding_table(plant: Plant, day: Day, dispatch: Dispatch) -> pd.DataFrame:
    """A row per step, kind and area with a limit that binds or is broken: how many, and the largest miss."""
    frames = []
    for kind, areas, miss in _limits(plant, day, dispatch):
        step, limit = np.nonzero(miss > -NEAR)
        columns = {
            "step": step,
            "hour": day.hour[step],
            "kind": kind,
            "area": areas[limit],
            "miss": miss[step, limit],
        }
        frames.append(pd.DataFrame(columns))
    rows = pd.concat(frames, ignore_index=True)
    by_place = rows.groupby(["step", "hour", "kind", "area"], sort=False)
    table = by_place["miss"].agg(limits="size", miss="max").reset_index()
    table["broken"] = table["miss"] > NOTICED
    return table


def _limits(plant: Plant, day: Day, dispatch: Dispatch) -> Iterator[Limit]:
    problem = dispatch.problem
    replay = dispatch.replay
    limits = problem.limits
    of_points = area_of_points(plant, problem)
    yield "low voltage", of_points, limits.v_min_pu - replay.vm_pu
    yield "high voltage", of_points, replay.vm_pu - limits.v_max_pu
    of_flows = area_of_flows(plant, problem)
    yield "branch", of_flows, branch_misses(replay)
    yield from _of_generators(plant, day, dispatch)
    yield from _of_batteries(plant, dispatch)


def _of_generators(plant: Plant, day: Day, dispatch: Dispatch) -> Iterator[Limit]:
    sets = plant.generators
    areas = area_of_ders(plant, plant.generator_ders)
    power_kw = dispatch.der_kw[:, plant.generator_ders]
    of_highest = power_kw / sets.p_max_kw
    yield "generator power", areas, of_highest - 1
    before_kw = np.vstack([day.last_kw, power_kw[:-1]])
    change_kw = np.abs(power_kw - before_kw)
    of_ramp = change_kw / (sets.ramp_kw_per_h * day.step_h)
    yield "generator ramp", areas, of_ramp - 1


def _of_batteries(plant: Plant, dispatch: Dispatch) -> Iterator[Limit]:
    units = plant.batteries
    stored = dispatch.replay.stored_kwh
    areas = area_of_ders(plant, plant.battery_ders)
    above = stored - units.stored_max_kwh
    below = units.stored_min_kwh - stored
    # of the highest: the lowest may be zero
    beyond = np.maximum(above, below) / units.stored_max_kwh
    yield "stored energy", areas, beyond
