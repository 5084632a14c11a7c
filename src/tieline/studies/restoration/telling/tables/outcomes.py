"""Table `outcomes`: what came of a draw, a row each."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from tieline.envs.restoration.world import RestorationWorld
from tieline.opf.restoration.plan import Plan
from tieline.studies.restoration.ways.course import Course
from tieline.typing import FloatArray

FULL = 0.999
"""Share of the load from which on it counts as fully restored; solvers stop short of all of it."""

FULL_STEPS = 4
"""How many steps in a row it must be: an hour of the published steps, so that a peak that is given up again is none."""

NEVER = -1
"""In place of the step of full load."""


def outcomes_table(world: RestorationWorld, course: Course) -> pd.DataFrame:
    """Outcomes of a course, (draw,)."""
    bill = course.episode.bill
    plant = world.plant
    demand_kwh = world.config.step_h * plant.load_kw.sum()
    share = bill.restored_kwh / demand_kwh
    totals = {name: column.sum(axis=0) for name, column in vars(bill).items()}
    columns = {
        "draw": np.arange(share.shape[1]),
        **totals,
        "restored_pct": 100 * share.mean(axis=0),
        "first_step_pct": 100 * share[0],
        "full_step": [full_step(of_draw) for of_draw in share.T],
        "blackout_steps": course.episode.is_dead.sum(axis=0),
    }
    return pd.DataFrame(columns)


def planned_outcomes(
    world: RestorationWorld, plans: Mapping[int, Plan]
) -> pd.DataFrame:
    """Outcomes of plans by draw, which are not played, (draw,)."""
    rows = []
    for draw, plan in plans.items():
        rows.append({"draw": draw, **_of_plan(world, plan)})
    return pd.DataFrame(rows)


def _of_plan(world: RestorationWorld, plan: Plan) -> dict[str, float]:
    plant = world.plant
    hours = world.config.step_h
    load_kwh = hours * plant.load_kw
    worth = load_kwh * plant.load_weight
    share = plan.served @ plant.load_kw / plant.load_kw.sum()
    before = np.vstack([np.zeros(len(load_kwh)), plan.served[:-1]])
    dropped = np.maximum(before - plan.served, 0.0)
    # the program may leave a shed of nothing at a hair above nothing
    shed = np.maximum(dropped - world.config.shed_free_share, 0.0)
    generated_kw = plan.p_kw.sum() + plan.unit_kw.sum()
    return {
        "restored_kwh": float((plan.served @ load_kwh).sum()),
        "restored_worth": float((plan.served @ worth).sum()),
        "generated_kwh": hours * float(generated_kw),
        "shed_kwh": float((shed @ load_kwh).sum()),
        "shed_worth": float((shed @ worth).sum()),
        "dropped_kwh": float((dropped @ load_kwh).sum()),
        "objective": plan.objective_kwh,
        "restored_pct": 100 * float(share.mean()),
        "first_step_pct": 100 * float(share[0]),
        "full_step": full_step(share),
        "blackout_steps": 0,
    }


def full_step(share: FloatArray) -> int:
    """First step from which on all load is on for four steps, or to the end; `NEVER` if there is none.

    Args:
        share: of the load that is on, (step,).
    """
    is_full = share >= FULL
    for step in np.flatnonzero(is_full):
        if is_full[step : step + FULL_STEPS].all():
            return int(step)
    return NEVER
