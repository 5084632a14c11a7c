"""All tables of a turn, with the columns that say whose they are."""

from __future__ import annotations

import pandas as pd

from tieline.envs.restoration.world import RestorationWorld
from tieline.studies.restoration.telling.tables.gaps import gaps_table, planned_gaps
from tieline.studies.restoration.telling.tables.limits import limits_table
from tieline.studies.restoration.telling.tables.outcomes import (
    outcomes_table,
    planned_outcomes,
)
from tieline.studies.restoration.telling.tables.steps import (
    planned_steps,
    steps_table,
)
from tieline.studies.restoration.telling.tables.units import loads_table, units_table
from tieline.studies.restoration.ways.course import Course
from tieline.studies.restoration.ways.plans import Planned
from tieline.typing import FloatArray

Tables = dict[str, pd.DataFrame]
Labels = dict[str, str | int]


def played_tables(world: RestorationWorld, course: Course, labels: Labels) -> Tables:
    """Tables of a course that was played."""
    tables = {
        "outcomes": outcomes_table(world, course),
        "steps": steps_table(world, course),
        "limits": limits_table(world, course),
        "units": units_table(world.plant, course),
        "loads": loads_table(world.plant, course),
    }
    if course.gaps:
        tables["branch_gaps"] = gaps_table(course)
    return _labelled(tables, labels)


def planned_tables(
    world: RestorationWorld, planned: Planned, actual_kw: FloatArray, labels: Labels
) -> Tables:
    """Tables of plans that were not played, one a draw, and of draws without one."""
    plans = planned.plans
    tables = {}
    if plans:
        all_gaps = [plan.gaps for plan in plans.values()]
        tables["outcomes"] = planned_outcomes(world, plans)
        tables["steps"] = planned_steps(world, plans, actual_kw)
        tables["branch_gaps"] = planned_gaps(all_gaps)
    if planned.reasons:
        tables["unanswered"] = _unanswered(planned)
    return _labelled(tables, labels)


def _unanswered(planned: Planned) -> pd.DataFrame:
    """A row for each draw without a plan: why there is none."""
    reasons = [str(reason) for reason in planned.reasons.values()]
    return pd.DataFrame({"draw": list(planned.reasons), "reason": reasons})


def _labelled(tables: Tables, labels: Labels) -> Tables:
    for table in tables.values():
        for place, (name, value) in enumerate(labels.items()):
            table.insert(place, name, value)
    return tables
