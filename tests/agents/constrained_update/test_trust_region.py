"""The best joint step: by hand, against a conic solver on random instances, and where no step obeys all limits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from typing import NamedTuple

import numpy as np
import pytest
from step_questions import random_question

from tieline.agents.constrained_update.gram import Gram
from tieline.agents.constrained_update.trust_region import (
    JointStep,
    StepQuestion,
    best_step,
    central_step,
)
from tieline.errors import InputError, ShapeError

DELTA = 0.5
"""The unit ball: |d|^2 <= 2 delta."""


def plain_gram(*rows: Sequence[float]) -> Gram:
    """Of an agent whose metric is the plain one."""
    slopes = np.array(rows, dtype=float)
    return Gram.of(slopes, slopes)


def test_without_a_binding_limit_the_step_goes_along_the_slope() -> None:
    step = best_step([plain_gram((3.0, 4.0), (1.0, 0.0))], np.array([5.0]), DELTA)
    assert step.objective == pytest.approx(5.0, abs=1e-7)
    assert step.constraints == pytest.approx([0.6], abs=1e-6)
    assert step.multipliers == pytest.approx([0.0], abs=1e-7)
    assert not step.is_recovery


def test_a_binding_limit_by_hand() -> None:
    """Maximise x within the unit disc and x + y <= 0: at (1, -1) / sqrt 2, where one unit more is worth 1/2."""
    step = best_step([plain_gram((1.0, 0.0), (1.0, 1.0))], np.array([0.0]), DELTA)
    assert step.objective == pytest.approx(0.5**0.5, abs=1e-6)
    assert step.multipliers == pytest.approx([0.5], abs=1e-6)


def test_two_agents_share_a_limit_by_hand() -> None:
    """x + y <= 1 with |x|, |y| <= 1 and worth 2 x + y: the first agent takes all it can, (1, 0)."""
    grams = [plain_gram((2.0,), (1.0,)), plain_gram((1.0,), (1.0,))]
    step = best_step(grams, np.array([1.0]), DELTA)
    moves = [x[0] * 2.0 + x[1] for x in step.coefficients[:1]]
    assert moves == pytest.approx([1.0], abs=1e-6)
    assert step.objective == pytest.approx(2.0, abs=1e-6)
    assert step.constraints == pytest.approx([1.0], abs=1e-6)
    assert step.multipliers == pytest.approx([1.0], abs=1e-4)


def test_contrary_limits_are_met_half_way() -> None:
    """x <= -0.5 and -x <= -0.5: the smallest slack is largest at 0, where both are short by 0.5."""
    gram = plain_gram((1.0, 0.0), (1.0, 0.0), (-1.0, 0.0))
    step = best_step([gram], np.array([-0.5, -0.5]), DELTA)
    assert step.is_recovery
    assert step.constraints == pytest.approx([0.0, 0.0], abs=1e-7)
    assert step.multipliers == pytest.approx([0.5, 0.5], abs=1e-6)


def test_a_broken_limit_out_of_reach_takes_the_whole_step() -> None:
    """x <= -3 from 0 with a unit step: (-1, 0), whatever the objective says."""
    gram = plain_gram((1.0, 1.0), (1.0, 0.0))
    step = best_step([gram], np.array([-3.0]), DELTA)
    assert step.is_recovery
    assert step.constraints == pytest.approx([-1.0], abs=1e-6)


def test_a_limit_that_nobody_moves_excuses_nothing() -> None:
    gram = plain_gram((1.0, 0.0), (0.0, 0.0), (1.0, 1.0))
    step = best_step([gram], np.array([-1.0, 0.0]), DELTA)
    assert step.is_beyond_influence.tolist() == [True, False]
    assert not step.is_recovery
    assert step.objective == pytest.approx(0.5**0.5, abs=1e-6)


def test_no_constraint_at_all() -> None:
    step = best_step([plain_gram((3.0, 4.0))], np.empty(0), DELTA)
    assert step.objective == pytest.approx(5.0, abs=1e-7)


def test_agents_with_other_constraints_are_refused() -> None:
    grams = [plain_gram((1.0,), (1.0,)), plain_gram((1.0,))]
    with pytest.raises(ShapeError, match=r"\(2, 2\), objective first"):
        best_step(grams, np.array([1.0]), DELTA)


# --- awkward questions


def in_other_units(
    question: StepQuestion, objective: float, constraints: float
) -> StepQuestion:
    """The same question with money and limits in other units."""
    unit = np.append(objective, np.full(len(question.slack), constraints))
    grams = [Gram(gram.matrix * np.outer(unit, unit)) for gram in question.grams]
    return replace(question, grams=grams, slack=question.slack * constraints)


@pytest.mark.parametrize("is_contrary", [False, True])
@pytest.mark.parametrize(
    ("money", "limits"), [(1e-6, 1.0), (1e6, 1.0), (1.0, 1e-6), (1e6, 1e6)]
)
def test_units_change_nothing(money: float, limits: float, is_contrary: bool) -> None:
    question = random_question(0, is_contrary=is_contrary)
    step, scaled = (
        central_step(question),
        central_step(in_other_units(question, money, limits)),
    )
    assert scaled.is_recovery == step.is_recovery == is_contrary
    assert scaled.objective / money == pytest.approx(step.objective, rel=1e-5)
    assert scaled.constraints / limits == pytest.approx(step.constraints, abs=1e-5)


def test_limits_in_very_different_units_are_all_kept() -> None:
    """Over twelve powers of ten; the smallest rows are no rounding of the largest ones."""
    question = random_question(0, decades=6.0)
    step = central_step(question)
    assert not step.is_beyond_influence.any()
    assert ((question.slack - step.constraints) / np.abs(question.slack)).min() > -1e-6


def test_the_same_limit_many_times_is_one_limit() -> None:
    question = random_question(1)
    rows = np.append(0, np.tile(np.arange(1, 13), 3))
    grams = [Gram(gram.matrix[np.ix_(rows, rows)]) for gram in question.grams]
    thrice = StepQuestion(grams, np.tile(question.slack, 3), question.delta, rows[1:])
    step, once = central_step(thrice), central_step(question)
    assert step.objective == pytest.approx(once.objective, rel=1e-6)
    of_limits = step.multipliers.reshape(3, 12).sum(axis=0)
    assert of_limits == pytest.approx(once.multipliers, abs=1e-4 * of_limits.max())


def test_a_start_that_touches_all_limits_is_left() -> None:
    """With a slack of next to nothing everywhere the step is that of no slack at all."""
    question = random_question(0)
    touching = replace(question, slack=np.full(12, 1e-10))
    exact = replace(question, slack=np.zeros(12))
    of_touching, of_exact = central_step(touching), central_step(exact)
    assert of_exact.objective > 1.0
    assert of_touching.objective == pytest.approx(of_exact.objective, rel=1e-6)


def test_three_hundred_limits_are_kept_together() -> None:
    """Five agents have 1500 entries."""
    question = random_question(0, n_limits=300, n_parameters=400, broken=0.02)
    step = central_step(question)
    assert (question.slack - step.constraints).min() >= -1e-7
    assert step.objective > 10.0


def test_numbers_of_a_power_flow_without_solution_are_refused() -> None:
    gram = plain_gram((1.0, 0.0), (0.0, 1.0))
    with pytest.raises(InputError, match=r"slack: constraints 0\)"):
        best_step([gram], np.array([np.nan]), DELTA)
    nowhere = Gram(np.full((2, 2), np.nan))
    with pytest.raises(InputError, match="are not numbers"):
        best_step([gram, nowhere], np.array([1.0]), DELTA)


@pytest.mark.parametrize("seed", range(5))
def test_of_a_recovery_multipliers_add_up_to_one(seed: int) -> None:
    """One more unit of all limits is one more unit of the smallest slack, also where rounding hides the last minima."""
    step = central_step(random_question(seed, is_contrary=True, decades=1.0))
    assert step.is_recovery
    assert step.multipliers.sum() == pytest.approx(1.0, abs=1e-3)


# --- random instances


class Instance(NamedTuple):
    """Slopes of each agent, (row, parameter), with slack and size of the trust regions."""

    slopes: list[np.ndarray]
    slack: np.ndarray
    delta: float


def random_instance(seed: int) -> Instance:
    """One to five agents, up to 30 limits, fewer or more parameters than limits.

    Rows of odd seeds differ in size by 10^4; the first two limits of every fourth seed are contrary and both broken.
    """
    random = np.random.default_rng(seed)
    n_agents, n_limits = random.integers(1, 6), random.integers(2, 31)
    n_parameters = random.integers(3, 50)
    scale = 10.0 ** (random.uniform(-2, 2, (n_limits + 1, 1)) * (seed % 2))
    shape = (n_limits + 1, n_parameters)
    slopes = [scale * random.normal(size=shape) for _ in range(n_agents)]
    delta = float(10.0 ** random.uniform(-3, -1))
    share = random.uniform(-0.3, 1.0, n_limits)
    if seed % 4 == 0:
        for rows in slopes:
            rows[2] = -rows[1]
        share[:2] = -0.1
    reach = sum(np.linalg.norm(rows[1:], axis=1) for rows in slopes)
    return Instance(slopes, 0.5 * share * np.sqrt(2 * delta) * reach, delta)


def by_conic_solver(instance: Instance, *, is_recovery: bool) -> float:
    """The objective, or the largest smallest slack, by Clarabel in the parameters themselves."""
    clarabel = pytest.importorskip("clarabel")
    from scipy import sparse

    widths = [rows.shape[1] for rows in instance.slopes]
    n, m = sum(widths), len(instance.slack)
    slopes = np.hstack(instance.slopes)
    gain = np.append(np.zeros(n), 1.0) if is_recovery else np.append(slopes[0], 0.0)
    asks = np.full((m, 1), float(is_recovery))
    blocks, bounds = [np.hstack([slopes[1:], asks])], [instance.slack]
    cones = [clarabel.NonnegativeConeT(m)]
    for first, width in zip(np.cumsum([0, *widths]), widths, strict=False):
        block = np.zeros((width + 1, n + 1))
        block[1:, first : first + width] = -np.eye(width)
        blocks.append(block)
        bounds.append(np.append((2 * instance.delta) ** 0.5, np.zeros(width)))
        cones.append(clarabel.SecondOrderConeT(width + 1))
    settings = clarabel.DefaultSettings()
    settings.verbose = False
    nothing = sparse.csc_matrix((n + 1, n + 1))
    matrix = sparse.csc_matrix(np.vstack(blocks))
    solver = clarabel.DefaultSolver(
        nothing, -gain, matrix, np.concatenate(bounds), cones, settings
    )
    return -solver.solve().obj_val


@cache
def solved(seed: int) -> tuple[Instance, JointStep]:
    instance = random_instance(seed)
    grams = [Gram.of(rows, rows) for rows in instance.slopes]
    return instance, best_step(grams, instance.slack, instance.delta)


SEEDS = range(60)


@pytest.mark.parametrize("seed", SEEDS)
def test_as_good_as_a_conic_solver(seed: int) -> None:
    instance, step = solved(seed)
    reach = sum(np.linalg.norm(rows, axis=1) for rows in instance.slopes)
    reach = np.sqrt(2 * instance.delta) * reach
    margin = (instance.slack - step.constraints) / reach[1:].max()
    best = by_conic_solver(instance, is_recovery=step.is_recovery)
    if step.is_recovery:
        assert margin.min() == pytest.approx(best / reach[1:].max(), abs=1e-6)
        assert best < 1e-6 * reach[1:].max()
    else:
        assert step.objective / reach[0] == pytest.approx(best / reach[0], abs=1e-6)
        assert margin.min() >= -1e-9


def test_both_kinds_of_step_were_among_them() -> None:
    recoveries = sum(solved(seed)[1].is_recovery for seed in SEEDS)
    assert recoveries >= 15


def test_every_agent_stays_within_its_trust_region() -> None:
    for seed in SEEDS:
        instance, step = solved(seed)
        for rows, x in zip(instance.slopes, step.coefficients, strict=True):
            assert np.sum((x @ rows) ** 2) <= 2 * instance.delta * (1 + 1e-6)
