"""The cases of a run: how everybody splits the request, and what that costs, loses and does to voltages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from tieline.agents.safety import SafeActions, make_safe
from tieline.envs.reserve.model import Effect
from tieline.envs.reserve.task import ReserveState, ReserveTask
from tieline.settings.currency import in_currency
from tieline.studies.reserve.config import ReserveCase
from tieline.studies.reserve.deciders import Splitter
from tieline.studies.reserve.optimum import find_optimum
from tieline.studies.unjudged import finite_or_none
from tieline.typing import FloatArray

QUANTITIES = ("cost", "loss_kw", "deviation_pct", "objective")
LEARNED = "learned"
OPTIMUM = "optimum"
PAPER = "paper"


@dataclass(frozen=True, eq=False)
class CaseAnswer:
    """One case: who splits it how, (who, der) [kW], what that leads to, and what the safety step did to the learned policy."""

    case: ReserveCase
    who: tuple[str, ...]
    allocation_kw: FloatArray
    effect: Effect
    objective: FloatArray
    safety: SafeActions | None

    def row(self, who: str) -> int:
        """Where somebody stands."""
        return self.who.index(who)


def answer_case(
    case: ReserveCase,
    task: ReserveTask,
    rules: Mapping[str, Splitter],
    policy: Splitter | None,
) -> CaseAnswer:
    """Everybody's allocation of one case, solved in one batch."""
    state = state_of(case)
    parts = {name: split(state) for name, split in rules.items()}
    safety = None
    if policy is not None:
        # a DER without capacity gives nothing, whatever its share
        capacity_kw = np.maximum(state.capacity_kw, np.finfo(float).tiny)
        shares = task.carried_out(state, policy(state) / capacity_kw)
        safety = make_safe(task, state, shares)
        parts = {LEARNED: task.allocation_kw(state, safety.actions), **parts}
    if case.paper_kw is not None:
        parts[PAPER] = np.array([case.paper_kw])
    parts[OPTIMUM] = find_optimum(objective_of(task), state).allocation_kw
    allocation_kw = np.concatenate(list(parts.values()))
    effect = task.model.effect(allocation_kw, state.bid_cents)
    objective = weighted(task, effect)
    return CaseAnswer(case, tuple(parts), allocation_kw, effect, objective, safety)


def state_of(case: ReserveCase) -> ReserveState:
    """A case as a state of one episode."""
    capacity_kw = np.array([case.capacity_kw])
    bid_cents = np.array([case.bid_cents])
    request_kw = np.array([case.request_kw])
    return ReserveState(capacity_kw, bid_cents, request_kw)


def objective_of(task: ReserveTask):
    """The weighted sum as a function of allocations and bids, for `find_optimum`."""
    return lambda allocation, bid: weighted(task, task.model.effect(allocation, bid))


def weighted(task: ReserveTask, effect: Effect) -> FloatArray:
    """The objective: the reward with its sign turned, (episode,)."""
    config = task.config
    return (
        config.cost_weight * effect.cost
        + config.loss_weight * effect.loss_kw
        + config.deviation_weight * effect.deviation_pct
    )


def metrics_of(answers: Sequence[CaseAnswer], currency: str) -> dict[str, float | None]:
    """`<quantity>_<case>` for the learned policy, `<quantity>_<case>_<who>` for the others; None where there is no power flow."""
    metrics: dict[str, float | None] = {}
    for a in answers:
        for quantity in QUANTITIES:
            name = f"{_named(quantity, currency)}_{a.case.name}"
            values = _values(a, quantity)
            for who, value in zip(a.who, values, strict=True):
                metrics[name if who == LEARNED else f"{name}_{who}"] = finite_or_none(
                    value
                )
    return metrics


def _named(quantity: str, currency: str) -> str:
    return in_currency(quantity, currency) if quantity == "cost" else quantity


def objective_table(answers: Sequence[CaseAnswer], currency: str) -> pd.DataFrame:
    """A row per case and decider."""
    return pd.concat(_objective_rows(a, currency) for a in answers)


def _objective_rows(a: CaseAnswer, currency: str) -> pd.DataFrame:
    quantities = {
        _named(quantity, currency): _values(a, quantity) for quantity in QUANTITIES
    }
    optimum = a.objective[a.row(OPTIMUM)]
    columns = {
        "case": a.case.name,
        "who": a.who,
        **quantities,
        "gap_pct": (a.objective / optimum - 1.0) * 100.0,
        "lowest_pu": a.effect.lowest_pu,
        "highest_pu": a.effect.highest_pu,
    }
    return pd.DataFrame(columns)


def allocation_table(
    answers: Sequence[CaseAnswer], places: Sequence[str]
) -> pd.DataFrame:
    """A row per case, decider and DER."""
    return pd.concat(_allocation_rows(a, places) for a in answers)


def _allocation_rows(a: CaseAnswer, places: Sequence[str]) -> pd.DataFrame:
    n_deciders = len(a.who)
    columns = {
        "case": a.case.name,
        "who": np.repeat(a.who, len(places)),
        "der": list(places) * n_deciders,
        "capacity_kw": list(a.case.capacity_kw) * n_deciders,
        "bid_cents": list(a.case.bid_cents) * n_deciders,
        "reserve_kw": a.allocation_kw.ravel(),
    }
    return pd.DataFrame(columns)


def _values(a: CaseAnswer, quantity: str) -> FloatArray:
    """A quantity of everybody, (who,); NaN where the power flow has no solution, also for a cost that bids alone would give."""
    values = a.objective
    if quantity != "objective":
        values = getattr(a.effect, quantity)
    return np.where(a.effect.solved, values, np.nan)
