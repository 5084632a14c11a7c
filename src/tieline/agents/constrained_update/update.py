"""One update of Gaussian policies under many constraints: CPO, for one agent or several.

    1. Draw actions a = mu + L zeta and ask for the true returns J and constraints J_m at them.
    2. Leave out constraints that no step within the trust regions can bring to their limit.
    3. Ask for dJ/da and dJ_m/da at each sample and pull them back to the parameters of each agent: g, b_m.
    4. Solve with each agent's Fisher matrix H by conjugate gradients, and keep [g b]^T H^-1 [g b].
    5. Find the step that raises J most within limits and trust regions, or the recovery step: `trust_region.central_step`, or
       agents among themselves (`tieline.agents.consensus`), whatever is passed as `find_step`.
    6. Take the longest part of it that holds by true returns, of all constraints, with the same noise.

What a return is belongs to the problem: the mean of a window over draws, or the discounted sum of episodes differentiated through
their states. Samples are rows: of a problem with episodes, one for each episode and step.

Source: J. Achiam, D. Held, A. Tamar, P. Abbeel, "Constrained policy optimization", ICML 2017, algorithm 1. It estimates
returns by advantages; here they are differentiable and evaluated.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import jax
import numpy as np

from tieline.agents.constrained_update.backtracking import (
    Returns,
    Stride,
    take_longest,
)
from tieline.agents.constrained_update.compiled import (
    ROWS_TOGETHER,
    distribution_at,
    divergence,
    in_double_precision,
    moved,
    sampled,
    slopes_and_answers,
)
from tieline.agents.constrained_update.config import UpdateConfig
from tieline.agents.constrained_update.gaussian import GaussianPolicy
from tieline.agents.constrained_update.gram import Gram
from tieline.agents.constrained_update.problem import Draws, Problem
from tieline.agents.constrained_update.reach import (
    can_be_reached,
    public_reach,
    reach_bound,
)
from tieline.agents.constrained_update.trust_region import (
    JointStep,
    StepQuestion,
    central_step,
)
from tieline.typing import BoolArray, FloatArray, IntArray

Act: TypeAlias = Callable[["Policies"], Sequence[FloatArray]]
"""Actions of policies, (sample, action) of each."""

FindStep: TypeAlias = Callable[[StepQuestion], JointStep]
"""As `trust_region.central_step`."""

Policies: TypeAlias = tuple[GaussianPolicy, ...]


@dataclass(frozen=True, eq=False)
class Update:
    """What an update did.

    Attributes:
        policies: after it.
        before, after: true returns.
        step: what the linear model promised of the whole step; its constraints and multipliers are those of `constraints`.
        constraints: which stood in the program.
        part: how much of the step was taken; 0 if no part holds.
        divergence: of each agent's policy from the one before, (agent,).
        promised_divergence: the same by the metric, 1/2 d' H d, (agent,).
    """

    policies: Policies
    before: Returns
    after: Returns
    step: JointStep
    constraints: IntArray
    part: float
    divergence: FloatArray
    promised_divergence: FloatArray


def update_policies(
    problem: Problem,
    policies: Sequence[GaussianPolicy],
    draws: Sequence[Draws],
    config: UpdateConfig,
    *,
    find_step: FindStep = central_step,
    metric_policies: Sequence[GaussianPolicy] | None = None,
    act: Act | None = None,
) -> Update:
    """One update of all agents.

    Args:
        problem: returns and limits.
        policies: of each agent.
        draws: observations and noise of each agent.
        config: settings.
        find_step: who solves the joint program.
        metric_policies: at which the Fisher matrices are taken; the present ones if left out. Older ones save nothing here but
            follow articles that refresh the matrix now and then.
        act: how policies act where observations follow from earlier actions, as in episodes; left out, at those of `draws`.
    """
    # a Gram matrix squares what conjugate gradients leave over: in single precision limits would be missed by a hundredth
    with jax.enable_x64(True):
        start = tuple(in_double_precision(policy) for policy in policies)
        anchors = tuple(
            in_double_precision(policy) for policy in metric_policies or start
        )
        updating = _Updating(problem, start, anchors, draws, config, act)
        return updating.run(find_step)


class _Updating:
    """The numbers of one update."""

    def __init__(
        self,
        problem: Problem,
        start: Policies,
        anchors: Policies,
        draws: Sequence[Draws],
        config: UpdateConfig,
        act: Act | None,
    ):
        self._act = act
        self._problem = problem
        self._start = start
        self._anchors = anchors
        self._draws = draws
        self._config = config

    def run(self, find_step: FindStep) -> Update:
        actions = self._actions(self._start)
        before = self._problem.returns(actions)
        slack = self._problem.limits - before.constraints - self._config.margin
        every = np.arange(len(slack))
        by_action = self._problem.slopes(actions, every)
        constraints = np.flatnonzero(self._reachable(slack, by_action))
        rows = np.append(0, constraints + 1)
        solved = [
            self._solve(agent, slopes[rows]) for agent, slopes in enumerate(by_action)
        ]
        grams = [gram for gram, _ in solved]
        delta = self._config.delta / self._config.curvature
        step = find_step(StepQuestion(grams, slack[constraints], delta, constraints))
        directions = [
            weight @ answers
            for weight, (_, answers) in zip(step.coefficients, solved, strict=True)
        ]
        stride = self._take(before, directions)
        return Update(
            policies=jax.tree.map(np.asarray, stride.candidate),
            before=before,
            after=stride.returns,
            step=step,
            constraints=constraints,
            part=stride.part,
            divergence=self._divergence(stride.candidate),
            promised_divergence=stride.part**2 * _quadratic(grams, step),
        )

    def _actions(self, policies: Policies) -> Sequence[FloatArray]:
        if self._act is not None:
            return self._act(policies)
        pairs = zip(policies, self._draws, strict=True)
        return [
            np.asarray(sampled(policy, draw.observation, draw.noise))
            for policy, draw in pairs
        ]

    def _reachable(
        self, slack: FloatArray, by_action: Sequence[FloatArray]
    ) -> BoolArray:
        reaches = []
        spread = self._config.largest_spread
        triples = zip(self._start, self._draws, by_action, strict=True)
        for policy, draw, slopes in triples:
            if spread is not None:
                bound = public_reach(slopes[1:], spread, self._config.delta)
                reaches.append(bound)
                continue
            factor = np.asarray(distribution_at(policy, draw.observation).factor)
            bound = reach_bound(slopes[1:], factor, draw.noise, self._config.delta)
            reaches.append(bound)
        return can_be_reached(slack, reaches)

    def _solve(self, agent: int, by_action: FloatArray) -> tuple[Gram, FloatArray]:
        """Gram matrix of an agent and H^-1 [g B], (row, parameter)."""
        n_rows = len(by_action)
        padding = -n_rows % ROWS_TOGETHER
        padded = np.pad(by_action, ((0, padding), (0, 0), (0, 0)))
        draw = self._draws[agent]
        slopes, answers = slopes_and_answers(
            self._start[agent],
            self._anchors[agent],
            draw.observation,
            draw.noise,
            padded,
            self._metric_rows(draw.observation),
            metric=self._config.metric,
            damping=self._config.damping,
            tolerance=self._config.cg_tolerance,
            most_steps=self._config.cg_steps,
        )
        solved = np.asarray(answers)[:n_rows]
        return Gram.of(np.asarray(slopes)[:n_rows], solved), solved

    def _metric_rows(self, observation: FloatArray) -> FloatArray:
        """Observations at which the Fisher matrix is taken."""
        most = self._config.metric_samples
        if most is None or most >= len(observation):
            return observation
        picked = np.linspace(0, len(observation) - 1, most).round()
        return observation[picked.astype(int)]

    def _take(
        self, before: Returns, directions: Sequence[FloatArray]
    ) -> Stride[Policies]:
        def candidate_at(part: float) -> Policies:
            pairs = zip(self._start, directions, strict=True)
            return tuple(moved(policy, part * direction) for policy, direction in pairs)

        def judge(policies: Policies) -> Returns:
            return self._problem.returns(self._actions(policies))

        def is_inside(policies: Policies) -> bool:
            return bool((self._divergence(policies) <= self._config.delta).all())

        return take_longest(
            Stride(0.0, self._start, before),
            candidate_at,
            judge,
            is_inside,
            self._problem.limits,
            margin=self._config.margin,
            shortening=self._config.shortening,
            tries=self._config.tries,
        )

    def _divergence(self, policies: Policies) -> FloatArray:
        triples = zip(self._start, policies, self._draws, strict=True)
        return np.array(
            [
                float(divergence(before, after, draw.observation))
                for before, after, draw in triples
            ]
        )


def _quadratic(grams: Sequence[Gram], step: JointStep) -> FloatArray:
    """1/2 d' H d of each agent's whole step."""
    pairs = zip(grams, step.coefficients, strict=True)
    sizes = [weight @ gram.matrix @ weight for gram, weight in pairs]
    return np.array(sizes) / 2.0
