"""From merged shards to the tables behind the answer: cases judged, levels, buses, systems, estimates, what-ifs."""

from __future__ import annotations

import pandas as pd

from tieline.settings.limits import kind_of
from tieline.studies.hosting_capacity.judging.estimate import estimate_table
from tieline.studies.hosting_capacity.judging.judgement import judge
from tieline.studies.hosting_capacity.judging.levels import bus_table, level_table
from tieline.studies.hosting_capacity.judging.what_if import what_if_table
from tieline.studies.hosting_capacity.solving.shards import Tables
from tieline.studies.hosting_capacity.telling.unsolved import require_one_judged
from tieline.studies.hosting_capacity.world.setting import Setting


def make_tables(setting: Setting, solved: Tables) -> dict[str, pd.DataFrame]:
    """Tables `levels`, `deployments`, `buses`, `systems`, `estimates`, `base_violations`, and `what_if` where there are some.

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
    tables = {
        "levels": level_table(as_asked, n_steps, config.is_certain),
        "deployments": as_asked,
        "buses": bus_table(config, setting.network.feeder, solved["buses"]),
        "systems": systems,
        "estimates": estimate_table(setting, as_asked, systems, solved["buses"]),
        "base_violations": _base_violations(solved["base"], n_steps, n_deployments),
    }
    if len(setting.variants) > 1:
        tables["what_if"] = what_if_table(
            judgements, setting.variants, n_steps, config.is_certain
        )
    return tables


def _judgements(setting: Setting, cases: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Judged cases of each variant, by its key."""
    limits = setting.config.limit_numbers
    judgements = {}
    for key, group in cases.groupby("variant", sort=False):
        judgements[str(key)] = judge(group.reset_index(drop=True), limits)
    return judgements


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
