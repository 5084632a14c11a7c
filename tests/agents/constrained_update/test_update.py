"""The whole update on problems whose optimum is known: a quadratic with limits, two agents with a common one, recovery."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from quadratic_returns import Quadratic, starting

from tieline.agents.constrained_update.barrier_region import barrier_step
from tieline.agents.constrained_update.config import UpdateConfig
from tieline.agents.constrained_update.gaussian import (
    distribution,
    reparameterised,
)
from tieline.agents.constrained_update.trust_region import (
    JointStep,
    StepQuestion,
    central_step,
)
from tieline.agents.constrained_update.update import Policies, Update, update_policies

CONFIG = UpdateConfig(delta=0.1, margin=0.005)


def trained(problem: Quadratic, n_agents: int, rounds: int) -> list[Update]:
    policies, draws = starting(n_agents)
    updates = []
    for _ in range(rounds):
        update = update_policies(problem, policies, draws, CONFIG)
        policies = list(update.policies)
        updates.append(update)
    return updates


def test_policies_may_act_as_episodes_do() -> None:
    """Who acts otherwise than at the draws is asked for all actions, those of every part of a step too."""
    policies, draws = starting(1)
    problem = Quadratic(0.5, np.array([0.4]))
    asked = []

    def act(candidates: Policies) -> list[np.ndarray]:
        asked.append(candidates)
        ((policy,), (draw,)) = candidates, draws
        gaussian = distribution(policy, draw.observation)
        return [np.asarray(reparameterised(gaussian, draw.noise))]

    usual = update_policies(problem, policies, draws, CONFIG)
    update = update_policies(problem, policies, draws, CONFIG, act=act)
    assert update.after.objective == pytest.approx(usual.after.objective, abs=1e-9)
    assert len(asked) >= 2


def test_a_metric_of_fewer_samples_promises_nearly_the_same() -> None:
    policies, draws = starting(1)
    problem = Quadratic(0.5, np.array([0.4]))
    usual = update_policies(problem, policies, draws, CONFIG)
    half = CONFIG.model_copy(update={"metric_samples": len(draws[0].noise) // 2})
    update = update_policies(problem, policies, draws, half)
    assert update.step.objective == pytest.approx(usual.step.objective, rel=0.2)


def test_returns_rise_within_the_limit_and_the_trust_region() -> None:
    """Towards 0.5 of each action, with the sum over two agents of the first one held at 0.4."""
    updates = trained(Quadratic(0.5, np.array([0.4])), 2, 40)
    objectives = [update.after.objective for update in updates]
    # back into the margin costs a little now and then
    assert (np.diff(objectives) >= -1e-3).all()
    for update in updates:
        assert update.after.constraints <= 0.4 + 1e-9
        assert (update.divergence <= 0.1).all()
    # 0.3 short on the first action of each agent costs 2 x 0.3^2 / 2, spreads of 0.1 at most cost 2 x 0.1^2 at most
    assert -0.115 < objectives[-1] < -0.09
    assert updates[-1].after.constraints == pytest.approx([0.4], abs=0.01)


def test_a_broken_limit_is_mended_first_whatever_it_costs() -> None:
    updates = trained(Quadratic(0.5, np.array([-0.6])), 1, 40)
    excess = [u.after.worst_excess(np.array([-0.6])) for u in updates]
    assert updates[0].step.is_recovery
    n_rounds = int(np.argmin(np.array(excess) > 1e-9))
    assert 0 < n_rounds < 20
    assert (np.diff(excess[: n_rounds + 1]) < 0).all()
    assert max(excess[n_rounds:]) <= 1e-9


def test_a_limit_out_of_reach_does_not_enter() -> None:
    update = trained(Quadratic(0.5, np.array([0.2, 1e3])), 1, 1)[0]
    assert update.constraints.tolist() in ([], [0])


def test_another_solver_of_the_step_is_used_as_it_is() -> None:
    """One that stands still leaves everything as it was, and is asked for the reachable constraints with their slack."""
    asked: list[StepQuestion] = []

    def stand_still(question: StepQuestion) -> JointStep:
        asked.append(question)
        step = central_step(question)
        nothing = tuple(np.zeros_like(x) for x in step.coefficients)
        return replace(step, coefficients=nothing, objective=0.0)

    policies, draws = starting(2)
    problem = Quadratic(0.5, np.array([-0.1]))
    update = update_policies(problem, policies, draws, CONFIG, find_step=stand_still)
    assert update.divergence == pytest.approx([0.0, 0.0], abs=1e-12)
    (question,) = asked
    assert (len(question.grams), question.delta) == (2, 0.1)
    assert question.slack == pytest.approx(-0.105 - update.before.constraints)
    assert question.constraints.tolist() == [0]


def test_in_a_region_that_ends_before_the_limit_no_margin_is_needed() -> None:
    """The optimum at the limit is -0.09 with spreads that have vanished; no step ever breaks it on the way."""
    policies, draws = starting(2)
    problem = Quadratic(0.5, np.array([0.4]))
    config = CONFIG.model_copy(update={"margin": 0.0})
    objectives = []
    for _ in range(40):
        update = update_policies(
            problem, policies, draws, config, find_step=barrier_step()
        )
        policies = list(update.policies)
        objectives.append(update.after.objective)
        assert update.after.constraints <= 0.4
    assert (np.diff(objectives) >= -1e-6).all()
    assert -0.115 < objectives[-1] < -0.09
