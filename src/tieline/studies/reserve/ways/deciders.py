"""Everybody who splits a request: rules, a merit order with sensitivities, learned policies. All as one kind of function.

The merit order is what a model gives without a search: one AC solution without reserve, its exact sensitivities, and the bids.

    price_i = cost_weight bid_i + loss_weight dLoss/dP_i + deviation_weight dDeviation/dP_i

DERs are used up in the order of rising price. It would be optimal if loss and deviation were linear in the reserve.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tieline.agents.policy import Policy
from tieline.envs.reserve.model import CENTS, HOURS
from tieline.envs.reserve.task import ReserveState, ReserveTask
from tieline.powerflow.derivatives.gradients import loss_gradient
from tieline.studies.reserve.ways.rules import by_capacity, cheapest_first, in_order
from tieline.studies.trained import Trained, seed_of
from tieline.typing import FloatArray

Splitter = Callable[[ReserveState], FloatArray]
"""Requests to allocations, (episode, der) [kW]."""


def rules(task: ReserveTask) -> dict[str, Splitter]:
    """The deciders that learn nothing, by the name their metrics carry."""
    slopes = _slopes(task)

    def merit(state: ReserveState) -> FloatArray:
        price = task.config.cost_weight * state.bid_cents * HOURS / CENTS + slopes
        # stable: of equal prices the first DER goes first, as in the other rules
        order = np.argsort(price, axis=1, kind="stable")
        return in_order(state.capacity_kw, state.request_kw, order)

    def capacity(state: ReserveState) -> FloatArray:
        return by_capacity(state.capacity_kw, state.request_kw)

    def cheapest(state: ReserveState) -> FloatArray:
        return cheapest_first(state.capacity_kw, state.bid_cents, state.request_kw)

    return {"capacity": capacity, "cheapest": cheapest, "merit": merit}


def learned(task: ReserveTask, policy: Policy) -> Splitter:
    """A policy; raises `InputError` if it was trained for something else."""
    decider = policy.bind(task)

    def split(state: ReserveState) -> FloatArray:
        action = decider.act(task.observe(state))
        return task.allocation_kw(state, task.action.clip(action))

    return split


def learned_by_seed(task: ReserveTask, trained: Trained) -> dict[int, Splitter]:
    """The policies of all trainings, by the seeds of these."""
    return {
        _seed(trained, k): learned(task, policy)
        for k, policy in enumerate(trained.policies)
    }


def _seed(trained: Trained, k: int) -> int:
    """Seed of a training; of a single file that does not say, its place."""
    policy = trained.policies[k]
    if len(trained.policies) == 1 and "seed" not in policy.provenance:
        return k
    return seed_of(policy)


def _slopes(task: ReserveTask) -> FloatArray:
    """What a kilowatt of each DER changes in weighted loss and deviation, without any reserve, (der,)."""
    config = task.config
    model = task.model
    one_each = np.ones((1, len(config.ders)))
    no_reserve = 0.0 * one_each
    solution = model.effect(no_reserve, one_each).solution
    loss = loss_gradient(solution).der_kw[0, model.columns]
    # A kilowatt of capacity each, none of it asked for: shares are kilowatts then.
    voltages = task.limited(ReserveState(one_each, one_each, np.zeros(1)), no_reserve)
    side = np.sign(voltages.value[0] - 1.0)
    slopes = voltages.slopes(np.zeros(1, dtype=np.int64))[0]
    deviation = 100.0 * (side[:, None] * slopes).mean(axis=0)
    return config.loss_weight * loss + config.deviation_weight * deviation
