"""Table `gaps`: of each branch, the most that the cone of its current leaves open in a horizon; the article's figure 5(c)."""

from __future__ import annotations

from itertools import chain

import numpy as np
import pandas as pd

from tieline.opf.restoration.plan import Gaps
from tieline.studies.restoration.ways.course import Course
from tieline.typing import FloatArray


def gaps_table(course: Course) -> pd.DataFrame:
    """A row per branch of the program's tree, over the steps that were carried out and all draws."""
    gaps_of_plans = chain.from_iterable(course.gaps)
    # of a window the first step alone is carried out; behind a decision without a plan there is no gap
    carried_out = [gaps.branch_flow[0] for gaps in gaps_of_plans if gaps is not None]
    return _table(carried_out)


def planned_gaps(plans_gaps: list[Gaps]) -> pd.DataFrame:
    """The same of plans, over all their steps."""
    return _table([gaps.branch_flow.max(axis=0) for gaps in plans_gaps])


def _table(by_branch: list[FloatArray]) -> pd.DataFrame:
    if not by_branch:
        return pd.DataFrame({"branch": [], "distflow_gap": []})
    gap = np.max(by_branch, axis=0)
    branch = np.arange(len(gap))
    return pd.DataFrame({"branch": branch, "distflow_gap": gap})
