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
from functools import partial
from typing import Literal, Protocol, TypeAlias

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from jax.flatten_util import ravel_pytree
from pydantic import Field

from tieline.agents.constrained_update.backtracking import (
    Returns,
    Stride,
    take_longest,
)
from tieline.agents.constrained_update.fisher import (
    DAMPING,
    conjugate_gradients,
    fisher_product,
)
from tieline.agents.constrained_update.gaussian import (
    GaussianPolicy,
    distribution,
    mean_divergence,
    reparameterised,
)
from tieline.agents.constrained_update.gram import Gram
from tieline.agents.constrained_update.kronecker import solve_by_layers
from tieline.agents.constrained_update.pull_back import parameter_slopes
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
from tieline.settings import Settings
from tieline.typing import BoolArray, FloatArray, IntArray

Act: TypeAlias = Callable[["Policies"], Sequence[FloatArray]]
"""Actions of policies, (sample, action) of each."""

FindStep: TypeAlias = Callable[[StepQuestion], JointStep]
"""As `trust_region.central_step`."""

Policies: TypeAlias = tuple[GaussianPolicy, ...]

ROWS_TOGETHER = 16
"""The number of constraints is rounded up to a multiple of this: a compiled function is then used again for another number."""


class UpdateConfig(Settings):
    """Settings of an update."""

    delta: float = Field(
        default=0.01,
        gt=0,
        description="Size of each agent's trust region: mean KL divergence.",
    )
    metric: Literal["exact", "layers"] = Field(
        default="exact",
        description="Fisher matrix: exact by conjugate gradients, or layer by layer (Kronecker), for many constraints.",
    )
    metric_samples: int | None = Field(
        default=None,
        ge=1,
        description="Samples that the Fisher matrix is the mean of, picked evenly; all if not given.",
    )
    curvature: float = Field(
        default=1.0,
        gt=0,
        description="True divergence of a step over what the metric says of it: the program's trust region is smaller by it.",
    )
    damping: float = Field(
        default=DAMPING, gt=0, description="Added to the diagonal of the Fisher matrix."
    )
    cg_tolerance: float = Field(
        default=1e-6,
        gt=0,
        description="Residual of conjugate gradients, as a part of the right-hand side.",
    )
    cg_steps: int = Field(
        default=200, ge=1, description="Steps of conjugate gradients at most."
    )
    margin: float = Field(
        default=0.0,
        ge=0,
        description="How far inside its limits a step aims, in the unit of the constraints: room for what they bend by. "
        "Without any, updates come to rest where a limit is met exactly, as every step along it breaks it a little.",
    )
    largest_spread: float | None = Field(
        default=None,
        gt=0,
        description="Largest standard deviation of any action that all agents know of each other, in the unit of the actions. "
        "Which constraints can be reached is then worked out from what is public; if not given, from each agent's own noise and "
        "covariance. Larger deviations do no harm that the true returns would not show.",
    )
    shortening: float = Field(
        default=0.7,
        gt=0,
        lt=1,
        description="What a step that does not hold is multiplied by.",
    )
    tries: int = Field(
        default=12, ge=1, description="Parts of a step that are looked at."
    )


class Problem(Protocol):
    """What an update asks of the world."""

    @property
    def limits(self) -> FloatArray:
        """Of the constraints, (constraint,)."""
        ...

    def returns(self, actions: Sequence[FloatArray]) -> Returns:
        """True returns where each agent acts so, (sample, action) each."""
        ...

    def slopes(
        self, actions: Sequence[FloatArray], constraints: IntArray
    ) -> Sequence[FloatArray]:
        """Of each agent, derivative of the objective and of some constraints by its action at each sample.

        (1 + chosen constraint, sample, action), the objective first.
        """
        ...


@dataclass(frozen=True, eq=False)
class Draws:
    """What one agent's actions are drawn with: `observation` (sample, observation), `noise` (sample, action)."""

    observation: FloatArray
    noise: FloatArray


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
        start = tuple(_in_double_precision(policy) for policy in policies)
        anchors = tuple(
            _in_double_precision(policy) for policy in metric_policies or start
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
            np.asarray(_sampled(policy, draw.observation, draw.noise))
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
            factor = np.asarray(_distribution(policy, draw.observation).factor)
            bound = reach_bound(slopes[1:], factor, draw.noise, self._config.delta)
            reaches.append(bound)
        return can_be_reached(slack, reaches)

    def _solve(self, agent: int, by_action: FloatArray) -> tuple[Gram, FloatArray]:
        """Gram matrix of an agent and H^-1 [g B], (row, parameter)."""
        n_rows = len(by_action)
        padding = -n_rows % ROWS_TOGETHER
        padded = np.pad(by_action, ((0, padding), (0, 0), (0, 0)))
        draw = self._draws[agent]
        slopes, answers = _slopes_and_answers(
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
            return tuple(
                _moved(policy, part * direction) for policy, direction in pairs
            )

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
                float(_divergence(before, after, draw.observation))
                for before, after, draw in triples
            ]
        )


def _quadratic(grams: Sequence[Gram], step: JointStep) -> FloatArray:
    """1/2 d' H d of each agent's whole step."""
    pairs = zip(grams, step.coefficients, strict=True)
    sizes = [weight @ gram.matrix @ weight for gram, weight in pairs]
    return np.array(sizes) / 2.0


def _in_double_precision(policy: GaussianPolicy) -> GaussianPolicy:
    return jax.tree.map(partial(jnp.asarray, dtype=jnp.float64), policy)


_distribution = jax.jit(distribution)


@jax.jit
def _sampled(policy: GaussianPolicy, observation: Array, noise: Array) -> Array:
    return reparameterised(distribution(policy, observation), noise)


@jax.jit
def _divergence(
    before: GaussianPolicy, after: GaussianPolicy, observation: Array
) -> Array:
    return mean_divergence(
        distribution(before, observation), distribution(after, observation)
    )


@jax.jit
def _moved(policy: GaussianPolicy, direction: Array) -> GaussianPolicy:
    parameters, unravel = ravel_pytree(policy)
    return unravel(parameters + direction)


@partial(jax.jit, static_argnames=("metric", "damping", "tolerance", "most_steps"))
def _slopes_and_answers(
    policy: GaussianPolicy,
    anchor: GaussianPolicy,
    observation: Array,
    noise: Array,
    by_action: Array,
    metric_rows: Array,
    *,
    metric: str,
    damping: float,
    tolerance: float,
    most_steps: int,
) -> tuple[Array, Array]:
    """[g B] and H^-1 [g B], both (row, parameter)."""
    slopes = parameter_slopes(policy, observation, noise, by_action)
    if metric == "layers":
        return slopes, solve_by_layers(anchor, metric_rows, slopes, damping)
    product = fisher_product(anchor, metric_rows, damping)
    answers = conjugate_gradients(product, slopes, tolerance, most_steps)
    return slopes, answers
