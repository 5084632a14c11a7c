"""Metrics of a run, by names that stay the same from version to version.

hosting_capacity_pct, hosting_capacity_kw   at the accepted risk; None where none can be stated
hosting_capacity_low_pct, hosting_capacity_high_pct   its 95 % interval; None where the draws give no bound
capacity_min_pct, capacity_p05_pct, capacity_median_pct, capacity_max_pct   of the deployments; None if such a one never breaks
first_violation_pct              the lowest level at which a deployment breaks a limit; None if none does
binding_limit, binding_at        what breaks first in most of the deployments that end at the hosting capacity or below, and where
judged_up_to_pct                 the highest level up to which every case was solved
violation_probability_at_LEVEL   of the cases judged; None if none was
hosting_capacity_pct_WHAT_IF
broken_before                    places that break a limit before PV is added
v_max_before_pv_pu               highest voltage before PV is added; None if no such case was solved
deployments, n_power_flows, power_flows_per_s
not_converged, cases_unjudged, unjudged_pct
what_if_cases_unjudged           of all what-ifs together
"""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from tieline.studies.answer import Metric
from tieline.studies.hosting_capacity.judging.capacities import (
    SPREAD,
    binding,
    capacity_of,
)
from tieline.studies.hosting_capacity.judging.levels import last_judged
from tieline.studies.hosting_capacity.solving.search import ANY
from tieline.studies.hosting_capacity.world.setting import Setting
from tieline.studies.unjudged import count_unjudged, finite_or_none

Tables = Mapping[str, pd.DataFrame]


def make_metrics(
    setting: Setting,
    tables: Tables,
    n_power_flows: int,
    flows_per_s: float,
) -> dict[str, Metric]:
    """All metrics by name.

    Args:
        setting: of the run.
        tables: of `telling.tables`.
        n_power_flows: of all cases.
        flows_per_s: power flows per second of this session.
    """
    levels = tables["levels"]
    unsolved = int(levels["not_converged"].sum())
    return {
        **_capacity(setting, tables),
        "judged_up_to_pct": _judged_up_to(levels),
        **_probabilities(levels),
        **_capacities_if(tables),
        "broken_before": len(tables["broken_before"]),
        "v_max_before_pv_pu": finite_or_none(levels["v_max_pu"].iloc[0]),
        "deployments": int(tables["deployments"]["deployment"].nunique()),
        "n_power_flows": n_power_flows,
        "power_flows_per_s": finite_or_none(flows_per_s),
        "not_converged": unsolved,
        **count_unjudged(unsolved, len(tables["deployments"])),
        **_unjudged_if(tables),
    }


def _capacity(setting: Setting, tables: Tables) -> dict[str, Metric]:
    capacities = tables["capacities"]
    together = capacities[capacities["limit"] == ANY]
    capacity = capacity_of(together, setting.config.risk_pct / 100)
    limit, place = binding(together, capacity.pct)
    spread = tables["limits"].iloc[0]
    return {
        "hosting_capacity_pct": finite_or_none(capacity.pct),
        "hosting_capacity_kw": finite_or_none(
            capacity.pct * setting.sites.peak_kw / 100
        ),
        "hosting_capacity_low_pct": finite_or_none(capacity.low_pct),
        "hosting_capacity_high_pct": finite_or_none(capacity.high_pct),
        **{f"capacity_{name}": finite_or_none(spread[name]) for name in SPREAD},
        "first_violation_pct": finite_or_none(together["broken_pct"].min()),
        "binding_limit": limit,
        "binding_at": place,
    }


def _judged_up_to(levels: pd.DataFrame) -> float | None:
    row = last_judged(levels)
    if row is None:
        return None
    return float(row["level_pct"])


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
