"""The best step of several agents within their trust regions and common linear limits, on Gram matrices alone.

    maximise   sum_n g_n^T d_n
    subject to J_m + sum_n b_mn^T d_n <= limit_m  for all m,       1/2 d_n^T H_n d_n <= delta_n  for each agent n

Where no step obeys all limits, the step with the largest smallest slack is taken instead: the recovery step. Limits that no agent
can move by anything are no reason for it: they are left out and told.

In whitened coordinates (`Gram.whitened`) the trust regions are balls and the program is small: agents x (limits + 1) numbers
at most.

Source: J. Achiam, D. Held, A. Tamar, P. Abbeel, "Constrained policy optimization", ICML 2017, eqs. 10 to 14, there for one
constraint; several constraints and agents as in the article on networked microgrids (see `gaussian`), eqs. 23 to 25.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tieline.agents.constrained_update.ball_program import (
    BallProgram,
    solve_ball_program,
)
from tieline.agents.constrained_update.blas_threads import one_blas_thread
from tieline.agents.constrained_update.gram import Gram
from tieline.errors import InputError, ShapeError
from tieline.typing import BoolArray, FloatArray, IntArray

SMALLEST_SHARE = 1e-9
"""Limits whose slack all agents together change by less than this part of it are not moved, in whatever unit they are."""

ROUNDING = 1e-14
"""Limits that they move by less than this part of what they move the most are not moved either: that is rounding."""

STRICTLY = 1e-7
"""Slack, as a part of the reach of its row, from which limits have an inside; below, a single step meets them or none."""

CLOSE = 0.01
"""Slack, in the same unit, from which no step at all is a good start: closer to a limit the barrier would hold it there."""


@dataclass(frozen=True, eq=False)
class StepQuestion:
    """What a step is asked for.

    Attributes:
        grams: of each agent, all with the same constraints.
        slack: limit - J of each constraint, (constraint,), in one unit; negative where it is broken.
        delta: size of the trust regions (KL divergence).
        constraints: which of the problem's constraints these are, (constraint,).
    """

    grams: Sequence[Gram]
    slack: FloatArray
    delta: float
    constraints: IntArray


@dataclass(frozen=True, eq=False)
class JointStep:
    """A step of all agents, in numbers.

    Attributes:
        coefficients: x of each agent, (row,): its step is H^-1 [g B] x.
        objective: change of the objective, by the linear model.
        constraints: change of each constraint, by the linear model, (constraint,).
        multipliers: what the objective gains per unit more of each limit, (constraint,); of a recovery step, the smallest slack.
        is_recovery: no step within the trust regions obeys all limits.
        is_beyond_influence: limits that no agent can move, (constraint,).
    """

    coefficients: tuple[FloatArray, ...]
    objective: float
    constraints: FloatArray
    multipliers: FloatArray
    is_recovery: bool
    is_beyond_influence: BoolArray


def central_step(question: StepQuestion) -> JointStep:
    """The step as one solver finds it who knows all agents' matrices."""
    return best_step(question.grams, question.slack, question.delta)


def best_step(
    grams: Sequence[Gram], slack: FloatArray, delta: float | FloatArray
) -> JointStep:
    """The step that raises the objective most, or the recovery step.

    Args:
        grams: of each agent, all with the same constraints.
        slack: limit - J of each constraint, (constraint,), in one unit; negative where it is broken.
        delta: size of the trust regions (KL divergence), one number or one per agent.

    Raises:
        ShapeError: if agents and slack have different constraints.
        InputError: if something is NaN.
    """
    _require_fits(grams, slack)
    with one_blas_thread():
        return _best_step(grams, slack, delta)


def _best_step(
    grams: Sequence[Gram], slack: FloatArray, delta: float | FloatArray
) -> JointStep:
    whole = WhitenedRows(grams, np.sqrt(2.0 * np.broadcast_to(delta, len(grams))))
    size = np.linalg.norm(whole.rows, axis=1)
    can_move = are_moved(size, slack)
    rows = whole.rows[can_move]
    room = slack[can_move]
    multipliers = np.zeros(len(slack))
    z = np.zeros(len(whole.block))
    is_recovery = False
    of_rows = size[can_move]
    room_in_reach = room / of_rows
    if (room_in_reach <= CLOSE).any():
        # whether there is room within all limits does not depend on their units, how much there is does
        unit_rows = rows / of_rows[:, None]
        z, _, smallest = _largest_slack(unit_rows, room_in_reach, whole.block)
        is_recovery = smallest <= STRICTLY
        if is_recovery:
            z, multipliers[can_move], _ = _largest_slack(rows, room, whole.block)
        else:
            z = _strictly_inside(z, room_in_reach, smallest)
    if not is_recovery and len(z) > 0:
        z, multipliers[can_move] = _most_objective(whole, rows, room, z)
    return JointStep(
        coefficients=whole.coefficients(z),
        objective=float(whole.objective @ z),
        constraints=whole.rows @ z,
        multipliers=multipliers,
        is_recovery=is_recovery,
        is_beyond_influence=~can_move,
    )


def are_moved(reach: FloatArray, slack: FloatArray) -> BoolArray:
    """Limits that agents can move at all, by what all of them together change each by at most, (constraint,)."""
    least = np.maximum(
        SMALLEST_SHARE * np.abs(slack), ROUNDING * reach.max(initial=0.0)
    )
    return reach > least


class WhitenedRows:
    """Rows of all agents side by side, in coordinates where each trust region is the unit ball.

    `objective` (entry,), `rows` (constraint, entry), `block` the agent of each entry.
    """

    def __init__(self, grams: Sequence[Gram], radius: FloatArray):
        self.grams = grams
        of_rows = []
        self._back = []
        for gram, length in zip(grams, radius, strict=True):
            rows, back = gram.whitened()
            of_rows.append(rows * length)
            self._back.append(back * length)
        widths = [rows.shape[1] for rows in of_rows]
        all_rows = np.hstack(of_rows)
        self.objective = all_rows[0]
        self.rows = all_rows[1:]
        self.block: IntArray = np.repeat(np.arange(len(grams)), widths)

    def coefficients(self, z: FloatArray) -> tuple[FloatArray, ...]:
        """x of each agent."""
        return tuple(
            back @ z[self.block == agent] for agent, back in enumerate(self._back)
        )


def _largest_slack(
    rows: FloatArray, slack: FloatArray, block: IntArray
) -> tuple[FloatArray, FloatArray, float]:
    """The point of the balls with the largest smallest slack, what each row counts in it, and that slack."""
    scale = np.linalg.norm(rows, axis=1).max()
    n_entries = rows.shape[1]
    n_balls = int(block.max()) + 1
    # one entry more: the slack that every row is to have, from the smallest at the start, where 1 is more than balls can add
    most_added = 1.0 + np.sqrt(n_balls)
    with_slack = np.column_stack([rows / scale, np.full(len(rows), most_added)])
    relative = slack / scale
    smallest = relative.min()
    program = BallProgram(
        objective=np.append(np.zeros(n_entries), 1.0),
        rows=with_slack,
        most=relative - smallest,
        block=np.append(block, n_balls),
    )
    answer = solve_ball_program(program, np.append(np.zeros(n_entries), -0.5))
    largest = smallest + most_added * answer.z[-1]
    # the entry counts `most_added` slacks
    return answer.z[:-1], answer.of_limits * most_added, float(largest * scale)


def _strictly_inside(z: FloatArray, slack: FloatArray, smallest: float) -> FloatArray:
    """Back from the boundary of the balls, as far as half of the smallest slack remains."""
    # a step shortened by a part e leaves a row that is broken at the start with smallest - e (smallest - slack)
    part = smallest / (smallest - min(slack.min(), 0.0))
    return (1.0 - part / 2.0) * z


def _most_objective(
    whole: WhitenedRows, rows: FloatArray, slack: FloatArray, inside: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """The best point within balls and limits, and the multipliers of the limits."""
    gain = np.linalg.norm(whole.objective) or 1.0
    size = np.linalg.norm(rows, axis=1)
    # all rows of length one: limits in pu and gains in money then weigh alike in the stopping rule
    program = BallProgram(
        objective=whole.objective / gain,
        rows=rows / size[:, None],
        most=slack / size,
        block=whole.block,
    )
    answer = solve_ball_program(program, inside)
    return answer.z, answer.of_limits * gain / size


def _require_fits(grams: Sequence[Gram], slack: FloatArray) -> None:
    if np.isnan(slack).any() or any(np.isnan(gram.matrix).any() for gram in grams):
        raise InputError(
            f"Slack or Gram matrices are not numbers (slack: constraints {_listed(np.isnan(slack))}). A power flow without a "
            "solution has none: leave its scenario out of the returns, or give the return a number."
        )
    shapes = sorted({gram.matrix.shape for gram in grams})
    count = len(slack) + 1
    if shapes != [(count, count)]:
        raise ShapeError(
            f"Gram matrices have shapes {shapes}; with {len(slack)} constraints all must be ({count}, {count}), objective first."
        )


def _listed(marks: BoolArray) -> str:
    """Numbers of marked constraints, or "none"."""
    numbers = [str(number) for number in np.flatnonzero(marks)]
    return ", ".join(numbers) or "none"
