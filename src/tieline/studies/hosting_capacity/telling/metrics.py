"""Metrics of a run, by names that stay the same from version to version.

hosting_capacity_pct, hosting_capacity_kw   None where none can be stated
first_violation_pct              None if no level violates
binding_limit, binding_at        what breaks first, and where
judged_up_to_pct                 the highest level up to which every case was solved
violation_probability_at_LEVEL   of the cases judged; None if none was
hosting_capacity_pct_WHAT_IF
base_violations                  places that break a limit before PV is added
deployments, n_power_flows, power_flows_per_s
not_converged, cases_unjudged, unjudged_pct
what_if_cases_unjudged           of all what-ifs together
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from tieline.studies.answer import Metric
from tieline.studies.hosting_capacity.judging.levels import (
    first_violation,
    hosting_capacity,
    last_judged,
)
from tieline.studies.hosting_capacity.world.setting import Setting
from tieline.studies.unjudged import count_unjudged, finite_or_none

Tables = Mapping[str, pd.DataFrame]


def make_metrics(
    tables: Tables, broken_before: Sequence[str], n_power_flows: int, flows_per_s: float
) -> dict[str, Metric]:
    """All metrics by name.

    Args:
        tables: of `telling.tables`.
        broken_before: of `limits_broken_before`.
        n_power_flows: of all cases.
        flows_per_s: power flows per second of this session.
    """
    levels = tables["levels"]
    unsolved = int(levels["not_converged"].sum())
    return {
        **_capacity(levels),
        **_no_capacity(broken_before),
        **_probabilities(levels),
        **_capacities_if(tables),
        "base_violations": len(tables["base_violations"]),
        "deployments": int(tables["deployments"]["deployment"].nunique()),
        "n_power_flows": n_power_flows,
        "power_flows_per_s": finite_or_none(flows_per_s),
        "not_converged": unsolved,
        **count_unjudged(unsolved, len(tables["deployments"])),
        **_unjudged_if(tables),
    }


def limits_broken_before(setting: Setting, base: pd.DataFrame) -> list[str]:
    """Limits that every one of their points breaks without PV, so PV cannot be judged by them; `base` of merged shards."""
    # the row of each limit that counts the points that can be judged
    is_count = base["place"] == ""
    points = base[is_count].set_index("limit")["points"]
    broken = set(base.loc[~is_count, "limit"])
    names = [gauge.kind.name for gauge in setting.gauges if gauge.names]
    # no point to judge and none broken: the power flow without PV has no solution, which is told elsewhere
    return [name for name in names if points[name] == 0 and name in broken]


def _capacity(levels: pd.DataFrame) -> dict[str, Metric]:
    safe = hosting_capacity(levels)
    first = first_violation(levels)
    judged_up_to = last_judged(levels)
    return {
        "hosting_capacity_pct": _number(safe, "level_pct"),
        "hosting_capacity_kw": _number(safe, "pv_kw"),
        "first_violation_pct": _number(first, "level_pct"),
        "binding_limit": "none" if first is None else str(first["binding_limit"]),
        "binding_at": "" if first is None else str(first["binding_at"]),
        "judged_up_to_pct": _number(judged_up_to, "level_pct"),
    }


def _no_capacity(broken_before: Sequence[str]) -> dict[str, Metric]:
    """Nothing can be blamed on PV where everything breaks without it."""
    if not broken_before:
        return {}
    return {
        "hosting_capacity_pct": None,
        "hosting_capacity_kw": None,
        "first_violation_pct": 0.0,
        "binding_limit": broken_before[0],
        "binding_at": "",
    }


def _number(row: pd.Series | None, column: str) -> float | None:
    if row is None:
        return None
    return float(row[column])


def _probabilities(levels: pd.DataFrame) -> dict[str, Metric]:
    by_level = zip(levels["level_pct"], levels["probability"], strict=True)
    return {
        f"violation_probability_at_{level_pct:g}": finite_or_none(probability)
        for level_pct, probability in by_level
    }


def _capacities_if(tables: Tables) -> dict[str, Metric]:
    if "what_if" not in tables:
        return {}
    # the first row is the run as configured
    rows = tables["what_if"].iloc[1:]
    metrics: dict[str, Metric] = {}
    for key, pct in zip(rows["variant"], rows["hosting_capacity_pct"], strict=True):
        name = str(key).replace("-", "_")
        metrics[f"hosting_capacity_pct_{name}"] = finite_or_none(pct)
    return metrics


def _unjudged_if(tables: Tables) -> dict[str, Metric]:
    if "what_if" not in tables:
        return {}
    unsolved = tables["what_if"]["not_converged"].iloc[1:]
    return {"what_if_cases_unjudged": int(unsolved.sum())}
