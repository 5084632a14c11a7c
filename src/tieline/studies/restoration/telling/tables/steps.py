"""Table `steps`: load, powers, stored energy, frequency, voltages, limits and times of every step and draw."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from tieline.envs.restoration.episode import Played
from tieline.envs.restoration.world import RestorationWorld
from tieline.opf.replay import FEASIBLE_PU
from tieline.opf.restoration.plan import Gaps, Plan
from tieline.studies.restoration.ways.course import Course
from tieline.typing import FloatArray

Columns = dict[str, Any]
"""Columns of a step by name, (draw,) or one for all draws."""


def steps_table(world: RestorationWorld, course: Course) -> pd.DataFrame:
    """Rows of a course, step by step and draw by draw."""
    frames = []
    for step, played in enumerate(course.episode.played):
        columns = {
            "draw": np.arange(len(course.actual_kw)),
            "step": step,
            "hour": step * world.config.step_h,
            **_loads(world, played),
            **_powers(played, course.actual_kw[:, step]),
            **_quality(world, played),
            "touched": played.touched,
            "decision_ms": course.decision_ms[step],
        }
        if course.gaps:
            columns |= _largest_gaps(course.gaps[step])
        frames.append(pd.DataFrame(columns))
    return pd.concat(frames, ignore_index=True)


def _loads(world: RestorationWorld, played: Played) -> Columns:
    plant = world.plant
    demand_kw = plant.load_kw.sum()
    served_kw = played.step.state.served @ plant.load_kw
    hours = world.config.step_h
    return {
        "demand_kw": demand_kw,
        "served_kw": served_kw,
        "served_pct": 100 * served_kw / demand_kw,
        "relieved_kw": played.step.dropped @ plant.load_kw,
        "shed_kw": played.bill.shed_kwh / hours,
        "dropped_kw": played.bill.dropped_kwh / hours,
        "is_dead": played.step.state.is_dead,
    }


def _powers(played: Played, available_kw: FloatArray) -> Columns:
    set_points = played.step.set_points
    state = played.step.state
    renewable_kw = set_points.renewable_kw.sum(axis=1)
    return {
        "droop_kw": played.step.unit_kw.sum(axis=1),
        "droop_kvar": played.step.unit_kvar.sum(axis=1),
        "turbine_kw": set_points.p_kw.sum(axis=1),
        "renewable_kw": renewable_kw,
        "curtailed_kw": available_kw.sum(axis=1) - renewable_kw,
        "battery_kw": set_points.battery_kw.sum(axis=1),
        "stored_kwh": state.stored_kwh.sum(axis=1),
        "fuel_kwh": state.fuel_kwh.sum(axis=1) + state.unit_fuel_kwh.sum(axis=1),
    }


def _quality(world: RestorationWorld, played: Played) -> Columns:
    """Frequency, voltages and limits; NaN in a dead island."""
    n_points = len(world.grid.points.names)
    beyond = played.beyond
    is_beyond = beyond > FEASIBLE_PU
    of_flows = beyond[:, 2 * n_points :]
    v_pu = world.grid.points.magnitude_pu(played.step.v_pu)
    # a droop unit outside its range keeps no promise of frequency, ramp or rating
    outside = ~played.step.fits & ~played.step.state.is_dead
    columns = {
        "frequency_hz": played.step.frequency_hz,
        "frequency_miss_hz": _frequency_miss_hz(world, played.step.frequency_hz),
        "lowest_pu": v_pu.min(axis=1),
        "highest_pu": v_pu.max(axis=1),
        "violations": is_beyond.sum(axis=1) + outside,
    }
    if of_flows.shape[1]:
        columns["loading_pct"] = 100 * (1 + of_flows.max(axis=1))
    return columns


def _frequency_miss_hz(world: RestorationWorld, frequency_hz: FloatArray) -> FloatArray:
    """How far the frequency is outside what all droop units stay connected at, (draw,) [Hz]."""
    units = world.plant.units
    below = units.f_low_hz.max() - frequency_hz
    above = frequency_hz - units.f_high_hz.min()
    return np.maximum(np.maximum(below, above), 0.0)


def _largest_gaps(gaps: Sequence[Gaps | None]) -> Columns:
    """Of the step that is carried out; NaN for a draw without a plan."""
    rows = [_first_step(gap) for gap in gaps]
    columns = np.array(rows).T
    names = ("distflow_gap", "droop_gap_pu", "overlap_kw")
    return dict(zip(names, columns, strict=True))


def _first_step(gap: Gaps | None) -> tuple[float, float, float]:
    if gap is None:
        return np.nan, np.nan, np.nan
    # of a window the first step alone is carried out
    branch = gap.branch_flow[0].max(initial=0.0)
    droop_pu = gap.droop_pu[0].max(initial=0.0)
    overlap_kw = gap.overlap_kw[0].max(initial=0.0)
    return float(branch), float(droop_pu), float(overlap_kw)


def planned_steps(
    world: RestorationWorld, plans: Mapping[int, Plan], actual_kw: FloatArray
) -> pd.DataFrame:
    """Rows of plans by draw, which are not played: what they know of a step."""
    frames = []
    for draw, plan in plans.items():
        columns = dict(_of_plan(world, plan, actual_kw[draw]))
        frame = pd.DataFrame(columns)
        frame.insert(0, "draw", draw)
        frames.append(frame)
    return pd.concat(frames, ignore_index=True)


def _of_plan(
    world: RestorationWorld, plan: Plan, available_kw: FloatArray
) -> Iterator[tuple[str, Any]]:
    """Columns by name, (step,)."""
    plant = world.plant
    steps = np.arange(len(plan.served))
    yield "step", steps
    yield "hour", steps * world.config.step_h
    demand_kw = plant.load_kw.sum()
    served_kw = plan.served @ plant.load_kw
    yield "demand_kw", demand_kw
    yield "served_kw", served_kw
    yield "served_pct", 100 * served_kw / demand_kw
    yield "droop_kw", plan.unit_kw.sum(axis=1)
    yield "droop_kvar", plan.unit_kvar.sum(axis=1)
    yield "turbine_kw", plan.p_kw.sum(axis=1)
    renewable_kw = plan.renewable_kw.sum(axis=1)
    yield "renewable_kw", renewable_kw
    yield "curtailed_kw", available_kw.sum(axis=1) - renewable_kw
    # a relaxed plan may charge and discharge at once: the net is what it means, `overlap_kw` tells the rest
    battery_kw = plan.discharge_kw - plan.charge_kw
    yield "battery_kw", battery_kw.sum(axis=1)
    yield "stored_kwh", plan.stored_kwh.sum(axis=1)
    yield "frequency_hz", plan.frequency_hz
    # programs plan islands that live
    yield "is_dead", False
    gaps = plan.gaps
    # 0 where there is no branch or battery that could have a gap
    yield "distflow_gap", gaps.branch_flow.max(axis=1, initial=0.0)
    yield "droop_gap_pu", gaps.droop_pu.max(axis=1, initial=0.0)
    yield "overlap_kw", gaps.overlap_kw.max(axis=1, initial=0.0)
