"""Which limit binds, worked out by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd

from tieline.settings.limits import Limits
from tieline.studies.hosting_capacity.judging.judgement import judge

LIMITS = Limits(highest_pu=1.05, line_pct=100.0)


def cases(v_pu: list[float], line_pct: list[float]) -> pd.DataFrame:
    """One deployment at 0, 10, 20 %."""
    v, line = np.array(v_pu), np.array(line_pct)
    return pd.DataFrame(
        {
            "level_pct": [0.0, 10.0, 20.0],
            "deployment": 0,
            "converged": True,
            "v_high_pu": v,
            "v_high_pu_at": "b.1",
            "v_high_pu_when": "noon",
            "v_high_pu_points": (v > 1.05).astype(int),
            "line_loading_pct": line,
            "line_loading_pct_at": "line ab",
            "line_loading_pct_when": "one",
            "line_loading_pct_points": (line > 100).astype(int),
        }
    )


def test_the_limit_that_is_reached_first_binds() -> None:
    # voltage passes 1.05 a quarter of the way from 10 to 20 %, the line its rating half-way
    judged = judge(cases([1.0, 1.04, 1.08], [0.0, 80.0, 120.0]), LIMITS)
    assert judged["violates"].tolist() == [False, False, True]
    assert judged["binding_limit"].tolist() == ["none", "none", "voltage-high"]
    assert judged["binding_at"].tolist() == ["", "", "b.1"]
    assert judged["binding_when"].iloc[2] == "noon"
    sooner = judge(cases([1.0, 1.04, 1.08], [0.0, 99.0, 200.0]), LIMITS)
    assert sooner["binding_limit"].iloc[2] == "line-loading"


def test_a_limit_broken_at_a_lower_level_binds_above_too() -> None:
    judged = judge(cases([1.0, 1.06, 1.09], [0.0, 50.0, 500.0]), LIMITS)
    assert judged["binding_limit"].tolist() == ["none", "voltage-high", "voltage-high"]


def test_a_case_without_answer_does_not_violate() -> None:
    rows = cases([1.0, 1.06, 1.09], [0.0, 50.0, 50.0]).assign(
        converged=[True, False, True]
    )
    assert judge(rows, LIMITS)["violates"].tolist() == [False, False, True]
