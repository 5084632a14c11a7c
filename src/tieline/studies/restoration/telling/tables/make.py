"""All tables of a turn, with the columns that say whose they are."""

from __future__ import annotations

import pandas as pd

from tieline.envs.restoration.world import RestorationWorld
from tieline.opf.restoration.plan import Plan
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
    world: RestorationWorld, plans: list[Plan], actual_kw: FloatArray, labels: Labels
) -> Tables:
    """Tables of plans that were not played, one a draw."""
    tables = {
        "outcomes": planned_outcomes(world, plans),
        "steps": planned_steps(world, plans, actual_kw),
        "branch_gaps": planned_gaps([plan.gaps for plan in plans]),
    }
    return _labelled(tables, labels)


def _labelled(tables: Tables, labels: Labels) -> Tables:
    for table in tables.values():
        for place, (name, value) in enumerate(labels.items()):
            table.insert(place, name, value)
    return tables
