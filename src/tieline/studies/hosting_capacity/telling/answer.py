"""From merged shards to the answer: which level first breaks a limit, how sure that is, where, and the tables behind it."""

from __future__ import annotations

import pandas as pd

from tieline.settings.limits import kind_of
from tieline.studies.answer import Answer, Metric
from tieline.studies.hosting_capacity.judging.estimate import estimate_table
from tieline.studies.hosting_capacity.judging.judgement import judge
from tieline.studies.hosting_capacity.judging.levels import (
    bus_table,
    first_violation,
    hosting_capacity,
    last_judged,
    level_table,
)
from tieline.studies.hosting_capacity.judging.what_if import what_if_table
from tieline.studies.hosting_capacity.solving.shards import Tables
from tieline.studies.hosting_capacity.telling.remarks import remarks
from tieline.studies.hosting_capacity.telling.unsolved import require_one_judged
from tieline.studies.hosting_capacity.world.setting import Setting
from tieline.studies.unjudged import count_unjudged, finite_or_none


def make_answer(setting: Setting, solved: Tables, flows_per_s: float) -> Answer:
    """The answer to one run.

    Args:
        setting: of the run.
        solved: merged tables of all its shards.
        flows_per_s: power flows per second of this session.

    Raises:
        NotConvergedError: if no case of the configured variant could be judged.
    """
    config = setting.config
    n_steps = setting.timeline.n_steps
    limits = config.limit_numbers
    by_variant = solved["cases"].groupby("variant", sort=False)
    judgements = {
        str(key): judge(group.reset_index(drop=True), limits)
        for key, group in by_variant
    }
    as_asked = judgements[setting.variants[0].key].drop(columns="variant")
    require_one_judged(setting, as_asked)
    tables = {
        "levels": level_table(as_asked, n_steps, config.is_certain),
        "deployments": as_asked,
        "buses": bus_table(config, setting.network.feeder, solved["buses"]),
        "systems": solved["systems"],
        "estimates": estimate_table(
            setting, as_asked, solved["systems"], solved["buses"]
        ),
        "base_violations": _base_violations(
            solved["base"], n_steps, as_asked["deployment"].nunique()
        ),
    }
    if len(setting.variants) > 1:
        tables["what_if"] = what_if_table(
            judgements, setting.variants, n_steps, config.is_certain
        )
    unjudged = unjudged_limits(setting, solved["base"])
    metrics = _metrics(
        setting, tables, unjudged, len(solved["cases"]) * n_steps, flows_per_s
    )
    return Answer(metrics, tables, remarks(setting, tables, metrics, unjudged))


def unjudged_limits(setting: Setting, base: pd.DataFrame) -> list[str]:
    """Limits that every one of their points breaks without PV, so PV cannot be judged by them."""
    # the row of each limit that counts the points that can be judged
    is_count = base["place"] == ""
    points = base[is_count].set_index("limit")["points"]
    broken = set(base.loc[~is_count, "limit"])
    names = [gauge.kind.name for gauge in setting.gauges if gauge.names]
    # no point to judge and none broken: the power flow without PV has no solution, which is told elsewhere
    return [name for name in names if points[name] == 0 and name in broken]


def _base_violations(
    base: pd.DataFrame, n_steps: int, n_deployments: int
) -> pd.DataFrame:
    """Places that break a limit without PV, the worst first; `steps_share` of the steps of all deployments."""
    rows = base[base["place"] != ""]
    side = rows["limit"].map(lambda name: kind_of(str(name)).side)
    # excess as a share of its limit: limits in pu, % and kW are ordered together
    limit = (rows["worst"] - side * rows["excess"]).abs()
    divisor = limit.where(limit > 0, 1.0)
    size = rows["excess"] / divisor
    share = rows["points"] / (n_steps * n_deployments)
    table = rows.assign(steps_share=share, size=size)
    order = ["size", "limit", "place"]
    table = table.sort_values(order, ascending=[False, True, True], ignore_index=True)
    return table[["limit", "place", "worst", "steps_share"]]


def _metrics(
    setting: Setting,
    tables: dict[str, pd.DataFrame],
    unjudged: list[str],
    n_power_flows: int,
    flows_per_s: float,
) -> dict[str, Metric]:
    levels = tables["levels"]
    first = first_violation(levels)
    safe = hosting_capacity(levels)
    judged_up_to = last_judged(levels)
    metrics: dict[str, Metric] = {
        "hosting_capacity_pct": None if safe is None else float(safe["level_pct"]),
        "hosting_capacity_kw": None if safe is None else float(safe["pv_kw"]),
        "first_violation_pct": None if first is None else float(first["level_pct"]),
        "binding_limit": "none" if first is None else str(first["binding_limit"]),
        "binding_at": "" if first is None else str(first["binding_at"]),
        "judged_up_to_pct": None
        if judged_up_to is None
        else float(judged_up_to["level_pct"]),
    }
    if unjudged:  # nothing can be blamed on PV where everything breaks without it
        metrics |= {
            "hosting_capacity_pct": None,
            "hosting_capacity_kw": None,
            "first_violation_pct": 0.0,
        }
        metrics |= {"binding_limit": unjudged[0], "binding_at": ""}
    for row in levels.itertuples():
        metrics[f"violation_probability_at_{row.level_pct:g}"] = finite_or_none(
            row.probability  # type: ignore[arg-type]
        )
    if "what_if" in tables:
        for row in tables["what_if"].iloc[1:].itertuples():
            name = f"hosting_capacity_pct_{str(row.variant).replace('-', '_')}"
            metrics[name] = finite_or_none(row.hosting_capacity_pct)  # type: ignore[arg-type]
    metrics["base_violations"] = len(tables["base_violations"])
    metrics["deployments"] = int(tables["deployments"]["deployment"].nunique())
    metrics["n_power_flows"] = n_power_flows
    metrics["power_flows_per_s"] = finite_or_none(flows_per_s)
    unsolved = int(levels["not_converged"].sum())
    metrics |= {
        "not_converged": unsolved,
        **count_unjudged(unsolved, len(tables["deployments"])),
    }
    if "what_if" in tables:
        metrics["what_if_cases_unjudged"] = int(
            tables["what_if"]["not_converged"].iloc[1:].sum()
        )
    return metrics
