"""The cases of a run: how everybody splits the request, and what that costs, loses and does to voltages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from tieline.agents.safe_actions import SafeActions
from tieline.agents.safety import make_safe
from tieline.envs.reserve.model import Effect
from tieline.envs.reserve.task import ReserveState, ReserveTask
from tieline.studies.reserve.config import ReserveCase
from tieline.studies.reserve.ways.deciders import Splitter
from tieline.studies.reserve.ways.optimum import find_optimum
from tieline.typing import FloatArray

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
        safety = safe_split(task, state, policy)
        parts = {LEARNED: task.allocation_kw(state, safety.actions), **parts}
    if case.paper_kw is not None:
        parts[PAPER] = np.array([case.paper_kw])
    parts[OPTIMUM] = find_optimum(objective_of(task), state).allocation_kw
    allocation_kw = np.concatenate(list(parts.values()))
    effect = task.model.effect(allocation_kw, state.bid_cents)
    objective = weighted(task, effect)
    return CaseAnswer(case, tuple(parts), allocation_kw, effect, objective, safety)


def safe_split(task: ReserveTask, state: ReserveState, split: Splitter) -> SafeActions:
    """What somebody makes of requests, as shares of capacities, after the safety step."""
    # a DER without capacity gives nothing, whatever its share
    capacity_kw = np.maximum(state.capacity_kw, np.finfo(float).tiny)
    shares = task.carried_out(state, split(state) / capacity_kw)
    return make_safe(task, state, shares)


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
