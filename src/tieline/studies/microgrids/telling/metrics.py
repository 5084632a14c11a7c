"""Metrics of a run, by names that stay the same from version to version; all are made of its tables.

    cost_usd_NAME                  what a microgrid spends at its meter and on fuel in a day, mean of the days
    cost_usd                       the same, all microgrids together
    cost_gap_pct, cost_gap_pct_NAME   above the central optimum, in % of it, what batteries gained paid back; of all microgrids
                                   together, and of one, which may be below 0, because the optimum minimises the sum
    cost_gap_pct_worst_day         of one day, where there are several
    cost_gap_pct_std, _best, _worst   over the seeds of the policies, means of the days, where there are several
    violations                     limits of the network that what is applied misses by more than 1e-4, all steps together
    violation_max_pu               the largest miss of a voltage [pu]
    transformer_max_pct            highest loading of a branch that has a limit
    violations_local               generators beyond what they can give, all steps together
    proposed_steps_pct             steps in which the decider, before the safety step, misses a limit by more than 1e-4
    proposed_max_pu                its largest miss of a voltage [pu]
    projections                    steps that the safety step changed
    decision_ms, safe_decision_ms  a decision of all microgrids, without and with the safety step, median of the steps
    reward_case1 .. 3              of the peak, learned on it: less what all spend, with all limits, without those of some
                                   generators, of all; with `_central` the optima
    train_s, train_episodes, consensus_rounds, consensus_vs_central, consensus_violation
                                   of the training of the policies, as far as it is known
    cases_unjudged, unjudged_pct   steps without a power flow, of all deciders: neither kept nor broken; and all steps of days
                                   without an answer, which are left out

These are of the learned policies (`safe`); those of other deciders end with their name: `cost_gap_pct_merit`. The central
optimum has `central_ms`, the time of a whole day. A number that was not asked for, or does not exist, is not there.
The `usd` in a name is the `currency` of the configuration.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from tieline.settings.currency import in_currency
from tieline.studies.answer import Metric
from tieline.studies.microgrids.config import MicrogridsConfig
from tieline.studies.microgrids.deciders import (
    CENTRAL,
    DECIDERS,
    UNCONSTRAINED,
    has_safety_step,
)
from tieline.studies.microgrids.telling.gaps import gaps_by_day, gaps_by_microgrid
from tieline.studies.microgrids.ways.policies import PolicySet
from tieline.studies.unjudged import count_unjudged, finite_or_none

OF_TRAINING = (
    "trainings",
    "train_s",
    "train_episodes",
    "consensus_rounds",
    "consensus_vs_central",
    "consensus_violation",
)
"""Metrics of `tieline train microgrids` that a run with its policies has too."""

REWARDS = {
    "reward_case1": "learned",
    "reward_case2": "learned-some",
    "reward_case3": "learned-generators",
    "reward_case1_central": CENTRAL,
    "reward_case2_central": UNCONSTRAINED[0],
    "reward_case3_central": UNCONSTRAINED[1],
}
"""Cases of the article's figure 6: learned, and their optima."""

NOTICED_KW = 1e-3
"""A generator beyond its limit by less is at it: what solvers' tolerances leave."""

Tables = Mapping[str, pd.DataFrame]


def make_metrics(
    tables: Tables, config: MicrogridsConfig, left_out: int = 0
) -> dict[str, Metric]:
    """All metrics by name.

    Args:
        tables: of `telling.tables`, all days and deciders together.
        config: of the run.
        left_out: steps of days without an answer, of all deciders together, which have no rows.
    """
    metrics: dict[str, Metric] = {}
    for name in deciders_of(tables):
        suffix = DECIDERS[name].suffix
        of_decider = {
            **_of_costs(tables, name, config.currency),
            **_of_gaps(tables, name),
            **_of_limits(tables, name),
            **_of_times(tables, name),
        }
        metrics |= {f"{key}{suffix}": value for key, value in of_decider.items()}
    metrics |= _central_ms(tables)
    metrics |= _rewards(tables, config)
    metrics |= _unjudged(tables, left_out)
    return {name: _real(value) for name, value in metrics.items()}


def training_metrics(policies: PolicySet | None) -> dict[str, Metric]:
    """What the training of the policies says of itself, as far as it is known."""
    of_training = {} if policies is None else policies.metrics
    return {name: of_training[name] for name in OF_TRAINING if name in of_training}


def _real(value: Metric) -> Metric:
    """None for a number that does not exist."""
    return finite_or_none(value) if isinstance(value, float) else value


def _unjudged(tables: Tables, left_out: int) -> dict[str, Metric]:
    """Steps without a power flow, and those of days without an answer, of all deciders together."""
    missed = tables["steps"]["voltage_miss_pu"]
    unsolved = int(missed.isna().sum())
    return count_unjudged(unsolved + left_out, len(missed) + left_out)


def deciders_of(tables: Tables) -> list[str]:
    """Who decided, in the order of tables."""
    names = set(tables["steps"]["decider"])
    return [name for name in DECIDERS if name in names]


def _of_costs(tables: Tables, name: str, currency: str) -> dict[str, Metric]:
    cost = in_currency("cost", currency)
    bills = _rows(tables["bills"], name)
    by_microgrid = bills.groupby("microgrid", sort=False)[cost].mean()
    metrics: dict[str, Metric] = {cost: float(by_microgrid.sum())}
    for microgrid, mean in by_microgrid.items():
        metrics[f"{cost}_{microgrid}"] = float(mean)
    return metrics


def _of_gaps(tables: Tables, name: str) -> dict[str, Metric]:
    """Nothing without an optimum to compare with."""
    by_day = _rows(gaps_by_day(tables["bills"]), name)
    if by_day.empty:
        return {}
    gap_pct = by_day["gap_pct"]
    metrics: dict[str, Metric] = {"cost_gap_pct": float(gap_pct.mean())}
    if by_day["day"].nunique() > 1:
        metrics["cost_gap_pct_worst_day"] = float(gap_pct.max())
    of_seeds = by_day.groupby("policy")["gap_pct"].mean()
    if len(of_seeds) > 1:
        metrics["cost_gap_pct_std"] = float(of_seeds.std(ddof=0))
        metrics["cost_gap_pct_best"] = float(of_seeds.min())
        metrics["cost_gap_pct_worst"] = float(of_seeds.max())
    by_microgrid = _rows(gaps_by_microgrid(tables["bills"]), name)
    means = by_microgrid.groupby("microgrid", sort=False)["gap_pct"].mean()
    for microgrid, gap in means.items():
        metrics[f"cost_gap_pct_{microgrid}"] = float(gap)
    return metrics


def _of_limits(tables: Tables, name: str) -> dict[str, Metric]:
    steps = _rows(tables["steps"], name)
    beyond_kw = _rows(tables["microgrids"], name)["beyond_kw"]
    metrics: dict[str, Metric] = {
        "violations": int(steps["violations"].sum()),
        "violation_max_pu": float(steps["voltage_miss_pu"].max()),
        "violations_local": int((beyond_kw > NOTICED_KW).sum()),
        "transformer_max_pct": float(steps["loading_pct"].max()),
    }
    if has_safety_step(name):
        is_broken = steps["proposed_violations"] > 0
        metrics["proposed_steps_pct"] = 100 * float(is_broken.mean())
        metrics["proposed_max_pu"] = float(steps["proposed_miss_pu"].max())
        metrics["projections"] = int(steps["touched"].sum())
    return metrics


def _of_times(tables: Tables, name: str) -> dict[str, Metric]:
    # merit order and rule take microseconds, and an optimum of a day decides no single step
    if not has_safety_step(name):
        return {}
    steps = _rows(tables["steps"], name)
    together_ms = steps["decision_ms"] + steps["guard_ms"]
    return {
        "decision_ms": float(steps["decision_ms"].median()),
        "safe_decision_ms": float(together_ms.median()),
    }


def _central_ms(tables: Tables) -> dict[str, Metric]:
    """Of a whole day, median of the days."""
    of_days = _rows(tables["steps"], CENTRAL).groupby("day")["decision_ms"].sum()
    return {"central_ms": float(of_days.median())} if len(of_days) else {}


def _rewards(tables: Tables, config: MicrogridsConfig) -> dict[str, Metric]:
    if config.case != "peak-window":
        return {}
    cost = in_currency("cost", config.currency)
    names = deciders_of(tables)
    rewards: dict[str, Metric] = {}
    for metric, name in REWARDS.items():
        if name in names:
            rewards[metric] = -float(np.sum(_rows(tables["bills"], name)[cost]))
    return rewards


def _rows(table: pd.DataFrame, name: str) -> pd.DataFrame:
    return table[table["decider"] == name]
