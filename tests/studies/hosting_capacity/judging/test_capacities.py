"""Capacities of three deployments by two limits, put together by hand."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tieline.studies.hosting_capacity.judging.capacities import (
    binding,
    spread_table,
    with_all_limits,
)
from tieline.studies.hosting_capacity.solving.search import ANY


def searched() -> pd.DataFrame:
    """Deployment 0 breaks the line first, 1 and 2 the voltage; the line never breaks in 2."""
    line = pd.DataFrame(
        {
            "limit": "line-loading",
            "deployment": [0, 1, 2],
            "safe_pct": [20.0, 60.0, 100.0],
            "broken_pct": [21.0, 61.0, np.inf],
            "binding_limit": ["line-loading", "line-loading", "none"],
            "binding_at": ["line ab", "line ab", ""],
        }
    )
    voltage = pd.DataFrame(
        {
            "limit": "voltage-high",
            "deployment": [0, 1, 2],
            "safe_pct": [30.0, 40.0, 50.0],
            "broken_pct": [31.0, 41.0, 51.0],
            "binding_limit": "voltage-high",
            "binding_at": ["b.1", "b.2", "b.2"],
        }
    )
    return pd.concat([line, voltage], ignore_index=True)


def test_all_limits_together_end_where_the_first_breaks() -> None:
    capacities = with_all_limits(searched())
    together = capacities[capacities["limit"] == ANY]
    assert together["safe_pct"].tolist() == [20.0, 40.0, 50.0]
    assert together["broken_pct"].tolist() == [21.0, 41.0, 51.0]
    assert together["binding_limit"].tolist() == [
        "line-loading",
        "voltage-high",
        "voltage-high",
    ]


def test_the_limit_that_binds_is_that_of_the_deployments_that_end_at_the_capacity() -> (
    None
):
    capacities = with_all_limits(searched())
    together = capacities[capacities["limit"] == ANY]
    # the line stops the weakest deployment, the voltage most of them
    assert binding(together, 20.0) == ("line-loading", "line ab")
    assert binding(together, 50.0) == ("voltage-high", "b.2")
    assert binding(together, math.nan) == ("voltage-high", "b.2")


def test_a_level_that_was_not_solved_ends_the_capacity_by_every_limit() -> None:
    rows = searched()
    # the line was searched to a level without a solution at 15 %, the voltage broke at 31 %
    rows.loc[0, ["safe_pct", "broken_pct"]] = [15.0, np.inf]
    capacities = with_all_limits(rows)
    assert capacities["safe_pct"].iloc[0] == 15.0


def test_spread_limit_by_limit() -> None:
    spread: Any = spread_table(with_all_limits(searched()), 0.5).set_index("limit")
    assert spread.index.tolist() == [ANY, "line-loading", "voltage-high"]
    columns = ["at_risk_pct", "min_pct", "median_pct", "max_pct", "violating"]
    assert spread.loc[ANY, columns].tolist() == [40.0, 20.0, 40.0, 50.0, 3]
    # of the line nobody knows where it breaks in the last deployment
    line = spread.loc["line-loading", columns].tolist()
    assert line[:3] == [60.0, 20.0, 60.0]
    assert math.isnan(line[3])
    assert spread["deployments"].tolist() == [3, 3, 3]


def test_nothing_is_known_where_a_deployment_was_not_judged() -> None:
    rows = searched()
    rows.loc[rows["deployment"] == 2, "safe_pct"] = np.nan
    spread: Any = spread_table(with_all_limits(rows), 0.05)
    numbers = spread[["at_risk_pct", "at_risk_low_pct", "min_pct", "max_pct"]]
    assert numbers.isna().all(axis=None)


def test_no_limit_binds_where_none_breaks() -> None:
    rows = searched().assign(broken_pct=np.inf)
    assert binding(rows, 20.0) == ("none", "")
    assert spread_table(rows, 0.05)["violating"].tolist() == [0, 0]
    assert spread_table(rows, 0.05)["min_pct"].isna().all()


@pytest.mark.parametrize("risk", [0.0, 0.05, 0.5])
def test_a_limit_alone_never_hosts_less_than_all_together(risk: float) -> None:
    at_risk_pct = spread_table(with_all_limits(searched()), risk)["at_risk_pct"]
    assert (at_risk_pct >= at_risk_pct.iloc[0]).all()
