"""The optimum of whole days of batteries, PV and flexible loads: the bound, what reaches it, what never passes it."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from tieline.agents.decider import Decider
from tieline.envs import make_task
from tieline.envs.ders.base import DersTask
from tieline.envs.ders.optimum import OptimumRule
from tieline.envs.ders.rules import Idle, VoltDroop
from tieline.envs.draws import seed_for_each
from tieline.errors import InputError
from tieline.typing import FloatArray

pytest.importorskip("clarabel")

RELATIVE = 1e-6
"""Of a day's return: what the solver and the power flow leave."""


def task_of(name: str, **values: str | float) -> DersTask:
    task = make_task(name, **values)
    assert isinstance(task, DersTask)
    return task


@cache
def optimum_of(name: str, split: str) -> OptimumRule:
    """Its plans are kept: tests look at the same day."""
    return OptimumRule(task_of(name, split=split))


def played(task: DersTask, decider: Decider) -> tuple[float, FloatArray, FloatArray]:
    """Return of the first day, loss in each step [kW] and what batteries hold at the end [kWh]."""
    seeds = seed_for_each(task.days.n_days)[:1]
    weights = np.array([term.weight for term in task.terms])
    state = task.start(seeds)
    total = 0.0
    loss_kw = np.zeros(task.days.n_steps)
    for step in range(task.days.n_steps):
        action = decider.act(task.observe(state), state)
        outcome = task.advance(state, action)
        total += float((outcome.terms @ weights)[0])
        loss_kw[step] = outcome.details["loss_kw"][0]
        state = outcome.state
    return total, loss_kw, state.stored_kwh[0]


@pytest.mark.parametrize(
    ("name", "split"),
    [
        ("ders141", "held-out"),
        ("ders141-as-published", "iid"),
        # panels of 0.4 MW behind 0.22 MVA
        ("ders141-as-published", "pv-penetration"),
    ],
)
def test_the_bound_is_reached_and_passed_by_no_rule(name: str, split: str) -> None:
    optimum = optimum_of(name, split)
    task = optimum.task
    bound = optimum.bounds([0])[0]
    best, _, _ = played(task, optimum)
    assert best == pytest.approx(bound, rel=RELATIVE)
    assert optimum.plan(0).gap_kw < 1e-4
    random = np.random.default_rng(0)

    class Noise:
        """The optimum with a little noise."""

        def act(self, observation: FloatArray, state: object = None) -> FloatArray:
            action = optimum.act(observation, state)  # pyright: ignore
            noise = 0.05 * random.standard_normal(action.shape)
            return np.clip(action + noise, task.action.low, task.action.high)

    for rule in (Idle(task), Idle(task, 1.0), VoltDroop(task), Noise()):
        assert played(task, rule)[0] < bound


def test_batteries_end_with_what_they_had_only_where_the_task_asks_for_it() -> None:
    corrected = optimum_of("ders141", "held-out")
    _, _, stored = played(corrected.task, corrected)
    assert stored == pytest.approx(corrected.task.first_kwh, abs=0.05)
    published = optimum_of("ders141-as-published", "iid")
    _, _, stored = played(published.task, published)
    # what they had at first is free, so all of it is used: down to a tenth of 300 kWh
    assert stored == pytest.approx(np.full(4, 30.0), abs=0.5)


def test_published_rules_curtail_all() -> None:
    optimum = optimum_of("ders141-as-published", "iid")
    task = optimum.task
    caps_kw = task.flexible_loads.curtail_max_kw
    curtailed = optimum.plan(0).reduction.curtailed_kw
    assert curtailed == pytest.approx(np.tile(caps_kw, (48, 1)), abs=0.1)
    _, idle_kw, _ = played(task, Idle(task))
    _, all_kw, _ = played(task, Idle(task, 1.0))
    _, best_kw, _ = played(task, optimum)
    # IPPO was published at 3.8 % (mean of 30 windows)
    assert (
        0.05 < 1 - all_kw.mean() / idle_kw.mean() < 1 - best_kw.mean() / idle_kw.mean()
    )


def test_what_is_refused() -> None:
    with pytest.raises(InputError, match="Give losses a price above 0"):
        OptimumRule(task_of("ders141", energy_per_mwh=0.0))
    with pytest.raises(InputError, match="needs the state"):
        optimum_of("ders141", "held-out").act(np.zeros((1, 1)))
