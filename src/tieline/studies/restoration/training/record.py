"""What the differentiable model is held to: the exact course of played episodes, as arrays (step, draw, ...)."""

from __future__ import annotations

from typing import NamedTuple

import jax
import numpy as np

from tieline.envs.restoration.episode import Played
from tieline.envs.restoration.plan.figures import Array
from tieline.envs.restoration.plan.view import View
from tieline.envs.restoration.step.set_points import SetPoints
from tieline.opf.restoration.plant import IslandPlant
from tieline.opf.restoration.state import IslandState
from tieline.studies.restoration.training.roll_out import RollOut
from tieline.studies.restoration.training.unit_slopes import UnitSlopes, unit_slopes
from tieline.typing import FloatArray

STATE_FIELDS = (
    "unit_fuel_kwh",
    "unit_last_kw",
    "fuel_kwh",
    "last_kw",
    "stored_kwh",
    "served",
    "frequency_hz",
    "is_dead",
)

jax.tree_util.register_dataclass(
    IslandState, data_fields=list(STATE_FIELDS), meta_fields=[]
)


class Injected(NamedTuple):
    """What was on in the end: shares of loads, P and Q of turbines, batteries and renewables side by side."""

    served: Array
    p_kw: Array
    q_kvar: Array


class Record(NamedTuple):
    """Exact course; every array has the axis of the step first.

    Attributes:
        view: what was known.
        after: state after the step.
        injected: what was on.
        unit_kw: power of droop units.
        slopes: how it moves.
        is_alive: 1 where the island lives on, (step, draw).
    """

    view: View
    after: IslandState
    injected: Injected
    unit_kw: FloatArray
    slopes: UnitSlopes
    is_alive: FloatArray


def record_of(plant: IslandPlant, played: RollOut) -> Record:
    """The record of episodes."""
    steps = [_of_step(plant, one) for one in played.episode.played]
    # the scan over the steps takes one array of all of them, and not a list
    parts = jax.tree.map(_stacked, *steps)
    view = jax.tree.map(_stacked, *played.views)
    return Record(view, *parts)


def _of_step(plant: IslandPlant, one: Played) -> tuple:
    step = one.step
    is_alive = ~step.state.is_dead
    return (
        step.state,
        _injected(step.set_points),
        step.unit_kw,
        unit_slopes(plant, step),
        is_alive.astype(float),
    )


def _injected(points: SetPoints) -> Injected:
    # the order of `unit_slopes.unit_ders`
    parts_kw = (points.p_kw, points.battery_kw, points.renewable_kw)
    parts_kvar = (points.q_kvar, points.battery_kvar, points.renewable_kvar)
    return Injected(
        served=points.served,
        p_kw=np.hstack(parts_kw),
        q_kvar=np.hstack(parts_kvar),
    )


def _stacked(*arrays: FloatArray) -> FloatArray:
    return np.stack(arrays)
