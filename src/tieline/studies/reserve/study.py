"""Requested reserves, split by rules, by learned policies and by a search for the optimum, all judged by the same power flow.

Metrics: `<quantity>_<case>` is the learned policy, `<quantity>_<case>_<who>` the others: `capacity`, `cheapest`, `merit` (rules),
`paper` (the published allocation, replayed) and `optimum`; quantities `cost_usd`, `loss_kw`, `deviation_pct`, `objective`. On
held-out random requests `objective_gap_pct` is the mean over requests and seeds, with `_std`, `_best`, `_worst` over the seeds.
`decision_ms` is a decision of the policy alone, `safe_decision_ms` with the safety step's AC replay; `train_s` is the wall time
of all trainings together.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from tieline.agents.evaluate import decision_ms
from tieline.envs.reserve.model import ReserveModel
from tieline.envs.reserve.task import ReserveTask
from tieline.errors import NotConvergedError
from tieline.feeders import Feeder
from tieline.studies.answer import Answer, Metric, Tell, notes_beyond
from tieline.studies.load_model import tell_load_model
from tieline.studies.reserve.answers import (
    CaseAnswer,
    allocation_table,
    answer_case,
    metrics_of,
    objective_table,
)
from tieline.studies.reserve.config import ReserveConfig
from tieline.studies.reserve.deciders import learned, rules
from tieline.studies.reserve.held_out import gap_metrics, gap_table
from tieline.studies.reserve.policies import NONE_FITS, find_policies
from tieline.studies.reserve.size import require_size
from tieline.studies.reserve.training.study import export_curves
from tieline.studies.trained import Trained, seed_of
from tieline.studies.unjudged import count_unjudged, why_unsolved

TIMED_SEEDS = np.arange(50)
"""Requests on which a decision is timed."""


def answer(feeder: Feeder, config: ReserveConfig, tell: Tell) -> Answer:
    """Split the requests of a configuration among DERs on a feeder.

    Returns:
        Metrics as above; tables `allocations`, `objectives`, `held_out`, `buses` (voltages without and with the first case's
        reserve) and `curves` (of the trainings).

    Raises:
        InputError, FeederError: if DERs, cases or policy cannot be used on the feeder.
        NotConvergedError: if the feeder has no solution without reserve, or with any allocation of any case.
    """
    require_size(config)
    task = ReserveTask(config.environment, ReserveModel.of(config.environment, feeder))
    trained = find_policies(config, task, tell)
    by_rule = rules(task)
    # The cases are decided by the best training; unseen requests below by every one, to show the spread.
    best = None if trained is None else learned(task, trained.policies[trained.best])
    answers = [answer_case(case, task, by_rule, best) for case in config.asked]
    _require_one_solved(answers)
    metrics: dict[str, Metric] = dict(metrics_of(answers, config.currency))
    tables = {
        "allocations": allocation_table(answers, config.ders),
        "objectives": objective_table(answers, config.currency),
        "buses": _bus_table(task, answers[0]),
    }
    if config.held_out:
        tell(0, 1, "searching the optimum of held-out requests")
        policies = {}
        if trained is not None:
            for k, policy in enumerate(trained.policies):
                policies[_seed(trained, k)] = learned(task, policy)
        tables["held_out"] = gap_table(
            task, config.held_out, config.seed, by_rule, policies
        )
        metrics |= gap_metrics(tables["held_out"])
    metrics |= _count(answers, tables.get("held_out"))
    if trained is not None:
        metrics |= _about_policies(trained, task, answers)
        tables["curves"] = trained.curves
    tell(1, 1, "done")
    loads = tell_load_model(
        answers[0].effect.solution,
        config.load_model,
        f"{answers[0].case.name}, of everybody's allocations",
    )
    remarks = [
        *notes_beyond(feeder, task.model.network.feeder),
        *_remarks(answers, task, trained),
        *_not_judged(tables.get("held_out")),
        *loads,
    ]
    if config.train and trained is not None:
        remarks += export_curves(trained.curves, config)
    return Answer(metrics, tables, remarks)


def _require_one_solved(answers: Sequence[CaseAnswer]) -> None:
    """Refuse to conclude from nothing."""
    if any(a.effect.solved.any() for a in answers):
        return
    first = answers[0]
    raise NotConvergedError(
        f"Nothing could be judged: no allocation of any case has a power-flow solution. That of {first.who[0]} in "
        f"{first.case.name} {why_unsolved(int(first.effect.solution.outcome[0]))}."
    )


def _count(
    answers: Sequence[CaseAnswer], held_out: pd.DataFrame | None
) -> dict[str, Metric]:
    """Allocations that were not judged, of the cases and of the unseen requests of everybody."""
    solved = np.concatenate([a.effect.solved for a in answers])
    unjudged = int((~solved).sum())
    count = len(solved)
    if held_out is not None:
        unjudged += int(held_out["unjudged"].sum())
        count += int(held_out["requests"].sum())
    return count_unjudged(unjudged, count)


def _not_judged(held_out: pd.DataFrame | None) -> list[str]:
    if held_out is None or not held_out["unjudged"].any():
        return []
    worst = held_out.loc[held_out["unjudged"].idxmax()]
    return [
        f"Up to {worst['unjudged']} of {worst['requests']} unseen requests (with {worst['who']}) have no power-flow solution and "
        "were not judged: gaps are of the others."
    ]


def _seed(trained: Trained, k: int) -> int:
    """Seed of a training; of a single file that does not say, its place."""
    policy = trained.policies[k]
    if len(trained.policies) == 1 and "seed" not in policy.provenance:
        return k
    return seed_of(policy)


def _about_policies(
    trained: Trained, task: ReserveTask, answers: Sequence[CaseAnswer]
) -> dict[str, Metric]:
    decider = trained.policies[trained.best].bind(task)
    touched = sum(int(a.safety.touched.sum()) for a in answers if a.safety is not None)
    return {
        "decision_ms": decision_ms(decider, task, TIMED_SEEDS),
        "safe_decision_ms": decision_ms(decider, task, TIMED_SEEDS, safe=True),
        "safety_touched": touched,
        "trainings": len(trained.policies),
        "train_s": trained.train_s,
    }


def _bus_table(task: ReserveTask, first: CaseAnswer) -> pd.DataFrame:
    """Lowest voltage of each bus without reserve, and with that of the first decider and of the optimum in the first case."""
    model = task.model
    no_reserve = np.zeros((1, len(task.config.ders)))
    base = model.effect(no_reserve, no_reserve)
    names = [model.network.feeder.buses[k].name for k in model.points.bus]
    table = pd.DataFrame(
        {
            "bus": names,
            "without_pu": model.points.magnitude_pu(base.solution.v_pu)[0],
            f"{first.who[0]}_pu": model.points.magnitude_pu(
                first.effect.solution.v_pu[:1]
            )[0],
        }
    )
    return table.groupby("bus", sort=False).min().reset_index()


def _remarks(
    answers: Sequence[CaseAnswer], task: ReserveTask, trained: Trained | None
) -> list[str]:
    notes = []
    if trained is None:
        notes.append(NONE_FITS)
    for a in answers:
        unsolved = [a.who[k] for k in np.flatnonzero(~a.effect.solved)]
        if unsolved:
            notes.append(
                f"{a.case.name}: the power flow has no solution with the allocation of {', '.join(unsolved)}."
            )
        if trained is not None:
            notes += _outside(a, task)
        notes += _violations(a, task)
    return notes


def _outside(a: CaseAnswer, task: ReserveTask) -> list[str]:
    """A case beyond what was drawn in training: the policy has to guess there."""
    case = a.case
    config = task.config
    capacity_kw = max(sum(case.capacity_kw), np.finfo(float).tiny)
    share_pct = 100.0 * case.request_kw / capacity_kw
    capacities = (config.smallest_capacity_kw, config.largest_capacity_kw)
    bids = (config.lowest_bid_cents, config.highest_bid_cents)
    requests = (config.lowest_request_pct, config.highest_request_pct)
    ranges = (
        ("capacity", "kW", case.capacity_kw, *capacities),
        ("bid", "cents/kWh", case.bid_cents, *bids),
        ("request", "% of all capacity", (share_pct,), *requests),
    )
    return [
        f"{case.name}: a {what} lies outside the range the policy was trained on, {low:g} to {high:g} {unit}."
        for what, unit, values, low, high in ranges
        if min(values) < low or max(values) > high
    ]


def _violations(a: CaseAnswer, task: ReserveTask) -> list[str]:
    low_pu, high_pu = task.config.band_pu
    sentences = []
    for who, low, high in zip(
        a.who, a.effect.lowest_pu, a.effect.highest_pu, strict=True
    ):
        if low < low_pu or high > high_pu:
            sentences.append(
                f"{a.case.name}: with the allocation of {who} voltages are {low:.4f} to {high:.4f} pu; allowed are {low_pu:g} to "
                f"{high_pu:g}."
            )
    return sentences
