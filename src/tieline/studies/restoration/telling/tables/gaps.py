"""Table `gaps`: of each branch, the most that the cone of its current leaves open in a horizon; the article's figure 5(c)."""

from __future__ import annotations

import numpy as np
import pandas as pd

from tieline.opf.restoration.plan import Gaps
from tieline.studies.restoration.ways.course import Course
from tieline.typing import FloatArray


def gaps_table(course: Course) -> pd.DataFrame:
    """A row per branch of the program's tree, over the steps that were carried out and all draws."""
    carried_out = [_first_step(gaps) for of_step in course.gaps for gaps in of_step]
    return _table([gap for gap in carried_out if gap is not None])


def planned_gaps(plans_gaps: list[Gaps]) -> pd.DataFrame:
    """The same of plans, over all their steps."""
    return _table([gaps.branch_flow.max(axis=0) for gaps in plans_gaps])


def _first_step(gaps: Gaps | None) -> FloatArray | None:
    return None if gaps is None else gaps.branch_flow[0]


def _table(by_branch: list[FloatArray]) -> pd.DataFrame:
    if not by_branch:
        return pd.DataFrame({"branch": [], "distflow_gap": []})
    gap = np.max(by_branch, axis=0)
    return pd.DataFrame({"branch": np.arange(len(gap)), "distflow_gap": gap})
