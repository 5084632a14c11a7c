"""From solved levels to the answer: which level first breaks a limit, how sure that is, where, and the tables behind it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from tieline.feeders import Feeder
from tieline.network.voltage_points import VoltagePoints
from tieline.studies.hosting_capacity.config import HostingCapacityConfig
from tieline.studies.hosting_capacity.deployments import site_loads
from tieline.studies.hosting_capacity.statistics import wilson_interval
from tieline.studies.result import Metric, Result
from tieline.typing import BoolArray, FloatArray

LOWER_LIMIT_PU = {"thesis": 0.0, "ansi-a": 0.95}
"""Lower voltage limit of each profile [pu]: the thesis looks at overvoltage only; ANSI C84.1 range A service voltage begins at
0.95.
"""


@dataclass(frozen=True)
class Level:
    """All deployments of one penetration level.

    `pv_kw` (deployment, site) [kW], `v_pu` (deployment, voltage point) [pu], NaN where a deployment has no answer, `converged`
    (deployment,), `loss_kw` (deployment,) [kW].
    """

    level_pct: float
    pv_kw: FloatArray
    v_pu: FloatArray
    converged: BoolArray
    loss_kw: FloatArray


def make_result(
    config: HostingCapacityConfig, feeder: Feeder, points: VoltagePoints, levels: list[Level], solving_s: float
) -> Result:
    """The answer to one run."""
    deployments = pd.concat([_deployment_rows(config, points, level) for level in levels], ignore_index=True)
    table = _level_table(config, deployments)
    buses = pd.concat([_bus_rows(config, feeder, points, level) for level in levels], ignore_index=True)
    systems = pd.concat([_system_rows(feeder, level) for level in levels], ignore_index=True)
    metrics = _metrics(config, table, deployments, solving_s)
    warnings = [str(note) for note in feeder.notes] + _remarks(config, metrics)
    tables = {"levels": table, "deployments": deployments, "buses": buses, "systems": systems}
    return Result("hosting-capacity", config, metrics, tables, tuple(warnings))


def _deployment_rows(config: HostingCapacityConfig, points: VoltagePoints, level: Level) -> pd.DataFrame:
    """One row per deployment: extreme voltages and where, and which limit breaks."""
    v = level.v_pu
    count = len(v)
    highest, lowest = np.full(count, np.nan), np.full(count, np.nan)
    where_high, where_low = np.full(count, "", dtype=object), np.full(count, "", dtype=object)
    names = np.array(points.names, dtype=object)
    for k in np.flatnonzero(level.converged):
        high, low = int(np.argmax(v[k])), int(np.argmin(v[k]))
        highest[k], lowest[k], where_high[k], where_low[k] = v[k, high], v[k, low], names[high], names[low]
    over, under = highest > config.critical_pu, lowest < LOWER_LIMIT_PU[config.limits]
    return pd.DataFrame(
        {
            "level_pct": level.level_pct,
            "deployment": np.arange(count),
            "pv_kw": level.pv_kw.sum(axis=1),
            "converged": level.converged,
            "v_max_pu": highest,
            "v_max_at": where_high,
            "v_min_pu": lowest,
            "v_min_at": where_low,
            "loss_kw": level.loss_kw,
            "binding_limit": np.where(over, "voltage-high", np.where(under, "voltage-low", "none")),
            "violates": over | under,
        }
    )


def _level_table(config: HostingCapacityConfig, deployments: pd.DataFrame) -> pd.DataFrame:
    """One row per level: how likely a violation is, with its 95 % interval, and the spread of the highest voltage."""
    rows = []
    for level_pct, all_draws in deployments.groupby("level_pct", sort=True):
        group = all_draws[all_draws["converged"]]
        hits, draws = int(group["violates"].sum()), len(group)
        low, high = wilson_interval(hits, draws) if draws else (np.nan, np.nan)
        if config.placement == "uniform" and draws:
            low = high = float(hits)  # one certain deployment: nothing is estimated
        quantiles = group["v_max_pu"].quantile([0.05, 0.5, 0.95]).tolist() if draws else [np.nan] * 3
        breaking = group[group["violates"]]
        at = np.where(breaking["binding_limit"] == "voltage-high", breaking["v_max_at"], breaking["v_min_at"])
        rows.append(
            {
                "level_pct": level_pct,
                "pv_kw": group["pv_kw"].mean(),
                "draws": draws,
                "violating": hits,
                "probability": hits / draws if draws else np.nan,
                "probability_low": low,
                "probability_high": high,
                "v_max_p05_pu": quantiles[0],
                "v_max_median_pu": quantiles[1],
                "v_max_p95_pu": quantiles[2],
                "v_max_pu": group["v_max_pu"].max(),
                "v_min_pu": group["v_min_pu"].min(),
                "loss_mean_kw": group["loss_kw"].mean(),
                "binding_limit": _most_common(breaking["binding_limit"].tolist(), "none"),
                "binding_at": _most_common(at.tolist(), ""),
                "not_converged": len(all_draws) - draws,
            }
        )
    return pd.DataFrame(rows)


def _bus_rows(config: HostingCapacityConfig, feeder: Feeder, points: VoltagePoints, level: Level) -> pd.DataFrame:
    """One row per bus: spread of its highest voltage over the deployments, and how often it is impacted or critical."""
    v = level.v_pu[level.converged] if level.converged.any() else np.full((1, len(points.bus)), np.nan)
    order = np.argsort(points.bus, kind="stable")
    buses, first = np.unique(points.bus[order], return_index=True)
    highest = np.maximum.reduceat(v[:, order], first, axis=1)
    lowest = np.minimum.reduceat(v[:, order], first, axis=1)
    low, median, high = np.quantile(highest, [0.25, 0.5, 0.75], axis=0)
    return pd.DataFrame(
        {
            "level_pct": level.level_pct,
            "bus": [feeder.buses[k].name for k in buses],
            "v_min_pu": lowest.min(axis=0),
            "v_lowest_pu": highest.min(axis=0),
            "v_q25_pu": low,
            "v_median_pu": median,
            "v_q75_pu": high,
            "v_highest_pu": highest.max(axis=0),
            "impacted_share": (highest > config.impacted_pu).mean(axis=0),
            "critical_share": ((highest > config.critical_pu) | (lowest < LOWER_LIMIT_PU[config.limits])).mean(axis=0),
        }
    )


def _system_rows(feeder: Feeder, level: Level) -> pd.DataFrame:
    """One row per PV system of every deployment."""
    deployment, site = np.nonzero(level.pv_kw)
    buses = np.array([load.bus for load in site_loads(feeder)], dtype=object)
    loads = np.array([load.name for load in site_loads(feeder)], dtype=object)
    return pd.DataFrame(
        {
            "level_pct": level.level_pct,
            "deployment": deployment,
            "bus": buses[site],
            "load": loads[site],
            "pv_kw": level.pv_kw[deployment, site],
        }
    )


def _metrics(
    config: HostingCapacityConfig, table: pd.DataFrame, deployments: pd.DataFrame, solving_s: float
) -> dict[str, Metric]:
    breaking = table[table["violating"] > 0]
    first = breaking.iloc[0] if len(breaking) else None
    below = table if first is None else table[table["level_pct"] < first["level_pct"]]
    metrics: dict[str, Metric] = {
        "hosting_capacity_pct": float(below["level_pct"].iloc[-1]) if len(below) else None,
        "hosting_capacity_kw": float(below["pv_kw"].iloc[-1]) if len(below) else None,
        "first_violation_pct": None if first is None else float(first["level_pct"]),
        "binding_limit": "none" if first is None else str(first["binding_limit"]),
        "binding_at": "" if first is None else str(first["binding_at"]),
    }
    for _, row in table.iterrows():
        metrics[f"violation_probability_at_{row['level_pct']:g}"] = float(row["probability"])
    metrics["n_power_flows"] = len(deployments)
    metrics["power_flows_per_s"] = len(deployments) / solving_s
    metrics["not_converged"] = int(table["not_converged"].sum())
    return metrics


def _remarks(config: HostingCapacityConfig, metrics: dict[str, Metric]) -> list[str]:
    """What a reader must know beside the number."""
    remarks = []
    if metrics["first_violation_pct"] is None:
        remarks.append(
            f"No level up to {config.levels_pct[-1]:g} % violates a limit: the hosting capacity is at least that. Raise max_pct."
        )
    if metrics["first_violation_pct"] == 0:
        remarks.append(
            "The feeder violates a limit before any PV is added: no hosting capacity can be stated. Look at the base case first."
        )
    if metrics["not_converged"]:
        remarks.append(f"{metrics['not_converged']} power flows did not converge and are left out of every share.")
    return remarks


def _most_common(values: list[str], default: str) -> str:
    """The most frequent value, the first in the alphabet if several are."""
    return min(set(values), key=lambda value: (-values.count(value), value)) if values else default
