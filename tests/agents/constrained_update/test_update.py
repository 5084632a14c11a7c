"""The whole update on problems whose optimum is known: a quadratic with limits, two agents with a common one, recovery."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import jax
import numpy as np
import pytest

from tieline.agents.constrained_update.backtracking import Returns
from tieline.agents.constrained_update.barrier_region import barrier_step
from tieline.agents.constrained_update.gaussian import GaussianPolicy, random_policy
from tieline.agents.constrained_update.trust_region import (
    JointStep,
    StepQuestion,
    central_step,
)
from tieline.agents.constrained_update.update import (
    Draws,
    Update,
    UpdateConfig,
    update_policies,
)

N_SAMPLES = 16


@dataclass(frozen=True)
class Quadratic:
    """Raise -mean |a - target|^2 of all agents; the sum over agents of the mean of a_1 stays at or below each of `limits`."""

    target: float
    limits: np.ndarray

    def returns(self, actions: Sequence[np.ndarray]) -> Returns:
        objective = -sum(np.mean((a - self.target) ** 2) for a in actions)
        total = sum(np.mean(a[:, 0]) for a in actions)
        return Returns(float(objective), np.full(len(self.limits), total))

    def slopes(
        self, actions: Sequence[np.ndarray], constraints: np.ndarray
    ) -> list[np.ndarray]:
        of_agents = []
        for action in actions:
            by_action = np.zeros((1 + len(constraints), *action.shape))
            by_action[0] = -2.0 * (action - self.target) / action.size
            by_action[1:, :, 0] = 1.0 / len(action)
            of_agents.append(by_action)
        return of_agents


def starting(n_agents: int) -> tuple[list[GaussianPolicy], list[Draws]]:
    """Small policies of two actions with a spread of 0.1, and what their actions are drawn with."""
    random = np.random.default_rng(0)
    policies, draws = [], []
    for agent in range(n_agents):
        key = jax.random.key(agent)
        policies.append(random_policy(3, 2, (8,), key, spread=0.1))
        observation = random.normal(size=(N_SAMPLES // 2, 3))
        noise = random.normal(size=(N_SAMPLES // 2, 2))
        # in pairs of opposite signs: with a mean of zero no spread can help the constraint
        draws.append(Draws(np.tile(observation, (2, 1)), np.vstack([noise, -noise])))
    return policies, draws


CONFIG = UpdateConfig(delta=0.1, margin=0.005)


def trained(problem: Quadratic, n_agents: int, rounds: int) -> list[Update]:
    policies, draws = starting(n_agents)
    updates = []
    for _ in range(rounds):
        update = update_policies(problem, policies, draws, CONFIG)
        policies = list(update.policies)
        updates.append(update)
    return updates


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
