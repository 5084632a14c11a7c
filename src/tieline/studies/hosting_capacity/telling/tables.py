"""From merged shards to the tables behind the answer: capacities, cases judged, levels, buses, systems, estimates, what-ifs."""

from __future__ import annotations

import pandas as pd

from tieline.settings.limits import kind_of
from tieline.studies.broken_before import broken_before_table, make_rows
from tieline.studies.hosting_capacity.judging.buses import (
    SHOWN,
    bus_table,
    most_affected,
    voltage_table,
)
from tieline.studies.hosting_capacity.judging.capacities import (
    spread_table,
    with_all_limits,
)
from tieline.studies.hosting_capacity.judging.estimate import estimate_table
from tieline.studies.hosting_capacity.judging.judgement import judge
from tieline.studies.hosting_capacity.judging.levels import level_table, shown_level
from tieline.studies.hosting_capacity.judging.what_if import what_if_table
from tieline.studies.hosting_capacity.solving.search import ANY
from tieline.studies.hosting_capacity.solving.tally import Tables
from tieline.studies.hosting_capacity.telling.unsolved import require_one_judged
from tieline.studies.hosting_capacity.world.setting import Setting


def make_tables(setting: Setting, solved: Tables) -> dict[str, pd.DataFrame]:
    """Tables `capacities`, `limits`, `levels`, `deployments`, `buses`, `voltages`, `systems`, `estimates`, `broken_before`, and
    `what_if` where there are some.

    Args:
        setting: of the run.
        solved: merged tables of all its shards.

    Raises:
        NotConvergedError: if no case of the configured variant could be judged.
    """
    config = setting.config
    n_steps = setting.timeline.n_steps
    systems = solved["systems"]
    judgements = _judgements(setting, solved["cases"])
    as_asked = judgements[setting.variants[0].key].drop(columns="variant")
    require_one_judged(setting, as_asked)
    n_deployments = as_asked["deployment"].nunique()
    capacities = _capacities(setting, solved["capacities"])
    as_configured = capacities[setting.variants[0].key].drop(columns="variant")
    peak_kw = setting.sites.peak_kw
    feeder = setting.network.feeder
    levels = level_table(as_asked, n_steps, config.is_certain)
    buses = bus_table(config, feeder, solved["buses"])
    shown_names = _shown_buses(setting, levels, buses)
    tables = {
        "capacities": as_configured.assign(
            safe_kw=as_configured["safe_pct"] * peak_kw / 100
        ),
        "limits": spread_table(as_configured, config.risk_pct / 100),
        "levels": levels,
        "deployments": as_asked,
        "buses": buses,
        "voltages": voltage_table(feeder, solved["buses"], shown_names),
        "systems": systems,
        "estimates": estimate_table(setting, as_asked, systems, solved["buses"]),
        "broken_before": _broken_before(
            setting, solved["base"], n_steps * n_deployments
        ),
    }
    if len(setting.variants) > 1:
        together = {key: rows[rows["limit"] == ANY] for key, rows in capacities.items()}
        tables["what_if"] = what_if_table(
            together, judgements, setting.variants, config.risk_pct / 100, n_steps
        )
    return tables


def _shown_buses(
    setting: Setting, levels: pd.DataFrame, buses: pd.DataFrame
) -> tuple[str, ...]:
    """Names of the buses that are shown: those asked for, else the most affected."""
    asked_names = setting.config.shown_buses
    if asked_names:
        return tuple(name.lower() for name in asked_names)
    level_pct = shown_level(levels, setting.config.risk_pct / 100)
    affected = most_affected(buses, level_pct).head(SHOWN)
    return tuple(affected["bus"])


def _capacities(setting: Setting, searched: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Capacities of the deployments of each variant, by its key: of all limits together, and as configured of each alone."""
    configured = setting.variants[0].key
    capacities = {}
    for key, rows in searched.groupby("variant", sort=False):
        capacities[str(key)] = rows.reset_index(drop=True)
    capacities[configured] = with_all_limits(capacities[configured])
    return capacities


def _judgements(setting: Setting, cases: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Judged cases of each variant, by its key."""
    limits = setting.config.limit_numbers
    judgements = {}
    for key, group in cases.groupby("variant", sort=False):
        judgements[str(key)] = judge(group.reset_index(drop=True), limits)
    return judgements


def _broken_before(
    setting: Setting, base: pd.DataFrame, n_situations: int
) -> pd.DataFrame:
    """Places that break a limit without PV, in any of the steps of all deployments."""
    limits = setting.config.limit_numbers
    parts = []
    for name, rows in base.groupby("limit", sort=False):
        kind = kind_of(str(name))
        part = make_rows(
            kind,
            limits.number(kind),
            rows["place"].tolist(),
            rows["worst"].to_numpy(),
            100 * rows["points"].to_numpy() / n_situations,
        )
        parts.append(part)
    return broken_before_table(parts)
