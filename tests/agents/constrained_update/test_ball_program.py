"""Balls and limits by hand: where the best point lies, and what the multipliers say there."""

from __future__ import annotations

import numpy as np
import pytest

from tieline.agents.constrained_update.ball_program import (
    BallProgram,
    solve_ball_program,
)


def test_two_balls_and_a_limit_by_hand() -> None:
    """2 x + y with |x|, |y| <= 1 and x + y <= 0.5: (1, -0.5), where the limit is worth 1 and the ball of x holds 2 - 1."""
    program = BallProgram(
        np.array([2.0, 1.0]), np.array([[1.0, 1.0]]), np.array([0.5]), np.array([0, 1])
    )
    answer = solve_ball_program(program, np.zeros(2))
    assert answer.z == pytest.approx([1.0, -0.5], abs=1e-7)
    assert answer.of_limits == pytest.approx([1.0], abs=1e-4)
    assert answer.of_balls == pytest.approx([1.0, 0.0], abs=1e-4)


def test_an_entry_in_no_ball_is_held_by_limits_alone() -> None:
    """t below 3 and below 5 + x: 3."""
    program = BallProgram(
        np.array([0.0, 1.0]),
        np.array([[0.0, 1.0], [-1.0, 1.0]]),
        np.array([3.0, 5.0]),
        np.array([0, -1]),
    )
    answer = solve_ball_program(program, np.array([0.0, -50.0]))
    assert answer.z[1] == pytest.approx(3.0, abs=1e-7)
    assert abs(answer.z[0]) < 1.0


def test_slope_is_balanced_by_limits_and_balls_on_random_programs() -> None:
    """At the best point c = A' lambda + sum of nu_n z_n: the condition of optimality, with nothing of the barrier in it."""
    for seed in range(10):
        random = np.random.default_rng(seed)
        n_limits, n_blocks, width = random.integers(1, 12, 3)
        block = np.repeat(np.arange(n_blocks), width)
        rows = random.normal(size=(n_limits, len(block)))
        c = random.normal(size=len(block))
        most = random.uniform(0.0, 0.5, n_limits) + 1e-6
        program = BallProgram(c, rows, most, block)
        answer = solve_ball_program(program, np.zeros(len(block)))
        balance = answer.of_limits @ rows + answer.of_balls[block] * answer.z
        assert balance == pytest.approx(c, abs=1e-3)
        assert (answer.of_limits >= 0).all()
