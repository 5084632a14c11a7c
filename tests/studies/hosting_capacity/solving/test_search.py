"""The search between levels: it finds where a limit breaks on lines whose answer is known, and counts what it solves."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from builders import two_bus
from tieline.network import Network
from tieline.powerflow import solve
from tieline.studies.hosting_capacity.config import HostingCapacityConfig
from tieline.studies.hosting_capacity.solving.reach import with_reach
from tieline.studies.hosting_capacity.solving.search import ANY, HALVINGS
from tieline.studies.hosting_capacity.solving.shards import Shard, Tables, solve_shard
from tieline.studies.hosting_capacity.world.setting import Setting, prepare

ASKED: dict[str, Any] = {
    "placement": "uniform",
    "light_load_pct": 0.0,
    "what_if": "off",
}
"""1000 kW of PV at 100 %, and no load beside it."""


def setting(**values: Any) -> Setting:
    feeder = two_bus(1000.0, 0.0, r_ohm=8.0, x_ohm=0.1)
    rated = replace(feeder.lines[0], rating_a=50.0)
    config = HostingCapacityConfig(**ASKED, **values)
    return prepare(feeder.replace(lines=(rated,)), config)


def rows(solved: Tables) -> Any:
    return solved["capacities"].set_index("limit")


def v2_pu(level_pct: float) -> float:
    """Voltage behind the line at a level."""
    injecting = two_bus(-10.0 * level_pct, 0.0, 8.0, 0.1)
    return float(solve(Network.from_feeder(injecting)).vm_pu[0, 1])


def test_the_bracket_holds_where_the_limit_breaks() -> None:
    found = rows(solve_shard(setting(step_pct=50.0, max_pct=200.0), Shard(0, 1)))
    safe_pct, broken_pct = found.loc["voltage-high", ["safe_pct", "broken_pct"]]
    assert broken_pct - safe_pct == 50.0 / 2**HALVINGS
    assert v2_pu(safe_pct) <= 1.05 < v2_pu(broken_pct)


def test_below_the_first_level_is_searched_too() -> None:
    found = rows(solve_shard(setting(highest_pu=1.041, step_pct=100.0), Shard(0, 1)))
    safe_pct, broken_pct = found.loc["voltage-high", ["safe_pct", "broken_pct"]]
    assert 0 < safe_pct < broken_pct < 100.0
    assert v2_pu(safe_pct) <= 1.041 < v2_pu(broken_pct)


def test_each_limit_has_its_own_capacity() -> None:
    both = rows(solve_shard(setting(max_pct=200.0, line_pct=60.0), Shard(0, 1)))
    assert both.loc["line-loading", "binding_at"] == "line ab"
    assert both.loc["line-loading", "safe_pct"] != both.loc["voltage-high", "safe_pct"]
    alone_by_limit: dict[str, dict[str, Any]] = {
        "voltage-high": {},
        "line-loading": {"highest_pu": "off", "line_pct": 60.0},
    }
    for name, values in alone_by_limit.items():
        alone = rows(solve_shard(setting(max_pct=200.0, **values), Shard(0, 1)))
        columns = ["safe_pct", "broken_pct", "binding_at"]
        assert alone.loc[name, columns].tolist() == both.loc[name, columns].tolist()


def test_what_never_breaks_has_no_upper_end_and_costs_nothing() -> None:
    solved = solve_shard(setting(max_pct=20.0), Shard(0, 1))
    found = rows(solved).loc["voltage-high"]
    assert (found["safe_pct"], found["broken_pct"]) == (20.0, np.inf)
    assert found["binding_limit"] == "none"
    assert solved["effort"]["n_cases"].tolist() == [3]


def test_a_what_if_is_searched_with_all_limits_together() -> None:
    configured = setting(max_pct=200.0, line_pct=60.0)
    absorbing = replace(configured.variants[0], key="again")
    twice = replace(
        configured,
        variants=(configured.variants[0], absorbing),
        plants={**configured.plants, "again": configured.plant},
    )
    found: Any = solve_shard(twice, Shard(0, 1))["capacities"].set_index("variant")
    assert found.loc["again", "limit"] == ANY
    assert found.loc["again", "safe_pct"] == found.loc["base", "safe_pct"].min()


def test_levels_grow_until_half_of_the_deployments_break() -> None:
    grown = with_reach(setting(max_pct=20.0, step_pct=10.0))
    assert grown.levels_pct[:4] == (0.0, 10.0, 20.0, 24.0)
    top_pct = grown.levels_pct[-1]
    assert v2_pu(top_pct / 2) <= 1.05 < v2_pu(top_pct)


@pytest.mark.parametrize(
    ("values", "levels_pct"),
    [
        ({"cap_pct": 20.0}, (0.0, 20.0)),
        ({"cap_pct": 30.0}, (0.0, 20.0, 24.0, 28.0)),
        ({"limits": "high-voltage-only", "highest_pu": 0.9}, (0.0, 20.0)),
    ],
)
def test_levels_stop_at_the_cap_and_where_nothing_can_be_blamed(
    values: dict[str, Any], levels_pct: tuple[float, ...]
) -> None:
    grown = with_reach(setting(max_pct=20.0, step_pct=20.0, **values))
    assert grown.levels_pct == levels_pct
