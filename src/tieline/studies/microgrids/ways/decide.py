"""`Decision`: what one decider made of one day, before and after the safety step; `decide` asks a decider by its name."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from tieline.envs.microgrids.day import Day
from tieline.envs.microgrids.plant import Plant
from tieline.studies.microgrids.config import MicrogridsConfig
from tieline.studies.microgrids.deciders import CENTRAL, FREE
from tieline.studies.microgrids.ways.central import (
    central_at_once,
    central_by_windows,
    unlimited_central,
)
from tieline.studies.microgrids.ways.dispatch import Dispatch
from tieline.studies.microgrids.ways.merit import merit_order, time_of_use_rule
from tieline.typing import BoolArray, FloatArray


@dataclass(frozen=True, eq=False)
class Decision:
    """Attributes:
    applied: what was done.
    proposed: what the decider wanted; the same where no safety step stands behind it.
    is_touched: steps that the safety step changed, (step,).
    decision_ms: time of a decision of all microgrids, (step,); of an optimum of all steps, that of the whole in the first.
    guard_ms: time of the safety step, (step,).
    """

    applied: Dispatch
    proposed: Dispatch
    is_touched: BoolArray
    decision_ms: FloatArray
    guard_ms: FloatArray


def decide(name: str, plant: Plant, day: Day, config: MicrogridsConfig) -> Decision:
    """Ask a decider.

    Raises:
        InputError: if a window is longer than the day.
        InfeasibleError: if an optimum has no answer; it names the limits.
    """
    began = time.perf_counter()
    dispatch = _way(name, config)(plant, day)
    elapsed_ms = 1000 * (time.perf_counter() - began)
    return _unguarded(dispatch, elapsed_ms)


Way = Callable[[Plant, Day], Dispatch]
"""A decider that needs nothing but the plant and the day."""


def _way(name: str, config: MicrogridsConfig) -> Way:
    def by_windows(plant: Plant, day: Day) -> Dispatch:
        return central_by_windows(plant, day, config.window_steps)

    def without_limits(plant: Plant, day: Day) -> Dispatch:
        names = _freed(name, plant, config)
        return unlimited_central(plant, day, names, name != "free-all")

    ways: dict[str, Way] = {
        CENTRAL: central_at_once,
        "central-windows": by_windows,
        "merit": merit_order,
        "rule": time_of_use_rule,
        **dict.fromkeys(FREE, without_limits),
    }
    return ways[name]


def _freed(name: str, plant: Plant, config: MicrogridsConfig) -> tuple[str, ...]:
    """Microgrids whose generators have no limit."""
    names = tuple(microgrid.name for microgrid in plant.microgrids)
    if name == "free-generators-some":
        return names[: config.freed_microgrids]
    return names


def _unguarded(dispatch: Dispatch, elapsed_ms: float) -> Decision:
    n_steps = dispatch.problem.n_steps
    decision_ms = np.zeros(n_steps)
    decision_ms[0] = elapsed_ms
    return Decision(
        applied=dispatch,
        proposed=dispatch,
        is_touched=np.zeros(n_steps, dtype=bool),
        decision_ms=decision_ms,
        guard_ms=np.zeros(n_steps),
    )
