"""A linear objective over balls and linear limits, by the logarithmic barrier.

    maximise c^T z   subject to   A z <= b,    |z_n|^2 <= 1 for each block n of z

Newton's method minimises  - t c^T z - sum log(slack of each limit and ball)  from a point strictly inside, for one t after the
other. The barrier is self-concordant, so that it gets there however the rows lie. At the minimum of a t the multipliers are
1 / (t slack) and the objective is within (limits + balls) / t of the best. An entry may belong to no block.

Source: S. Boyd, L. Vandenberghe, "Convex Optimization", 2004, sections 11.3 and 9.6.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tieline.agents.constrained_update.row_system import solve_whole, solve_with_rows
from tieline.typing import FloatArray, IntArray

GAP = 1e-9
"""Between the objective and the best; data are of the order of 1."""

GROWTH = 20.0
"""Of t from one minimum to the next, source 11.3.1: 10 to 20 need the fewest Newton steps."""

AT_REST = 1e-12
"""Half of the squared Newton decrement from which a minimum is taken as such; its root is the error of the multipliers, as a part
of them, and near the minimum a step squares it."""

NEARLY_AT_REST = 1e-10
"""The same from which a step that does not even halve it is rounding: multipliers are then good to about 1e-5."""

STEPS = 60
"""Newton steps of one minimum; ten are usual."""

ENOUGH = 0.1
"""Part of the promised fall that a step must bring, source 9.2."""

SHORTEST = 1e-10
"""A step that is cut shorter than this is lost in rounding: the minimum is as good as it gets."""


@dataclass(frozen=True, eq=False)
class BallProgram:
    """`objective` c (entry,); `rows` A (limit, entry); `most` b (limit,); `block` of each entry (entry,), -1 for none."""

    objective: FloatArray
    rows: FloatArray
    most: FloatArray
    block: IntArray

    @property
    def n_blocks(self) -> int:
        """Balls."""
        return int(self.block.max(initial=-1)) + 1

    @property
    def membership(self) -> FloatArray:
        """1 where an entry belongs to a block, (block, entry)."""
        return (self.block == np.arange(self.n_blocks)[:, None]).astype(float)


@dataclass(frozen=True, eq=False)
class BallAnswer:
    """`z` (entry,), multipliers of the limits (limit,) and of the balls (block,), these to about 1e-3."""

    z: FloatArray
    of_limits: FloatArray
    of_balls: FloatArray


def solve_ball_program(program: BallProgram, inside: FloatArray) -> BallAnswer:
    """The best point, within `GAP`.

    Args:
        program: what is asked.
        inside: a point strictly within all limits and balls, (entry,).
    """
    barrier = _Barrier(program)
    z = inside.astype(float)
    count = len(barrier.slack(z))
    sharpness = 1.0
    multiplier = np.zeros(count)
    while True:
        z, is_minimum = barrier.minimum(z, sharpness)
        # where the last minima are lost in rounding, multipliers of one before are good and those there are not
        if is_minimum:
            multiplier = 1.0 / (sharpness * barrier.slack(z))
        if count <= GAP * sharpness:
            break
        sharpness *= GROWTH
    n_limits = len(program.most)
    return BallAnswer(z, multiplier[:n_limits], multiplier[n_limits:])


class _Barrier:
    """The barrier function of a program; limits first, then balls."""

    def __init__(self, program: BallProgram):
        self._program = program
        self._balls = program.membership

    def slack(self, z: FloatArray) -> FloatArray:
        """How far inside a point is, (limit and ball,)."""
        linear = self._program.most - self._program.rows @ z
        size = self._balls @ z**2
        of_balls = (1.0 - size) / 2.0
        return np.concatenate([linear, of_balls])

    def minimum(self, z: FloatArray, sharpness: float) -> tuple[FloatArray, bool]:
        """Where the function of one t is smallest, from a point inside, and whether that was reached."""
        promise_before = np.inf
        for _ in range(STEPS):
            step, promised_fall = self._newton_step(z, sharpness)
            # so close, a step squares what is left of the fall if it is no rounding
            is_rounding = promised_fall > promise_before / 2.0
            at_rest = NEARLY_AT_REST if is_rounding else AT_REST
            if promised_fall <= 2.0 * at_rest:
                return z, promised_fall >= 0
            promise_before = promised_fall
            length = self._length(z, step, promised_fall, sharpness)
            if length < SHORTEST:
                break
            z = z + length * step
        return z, False

    def _newton_step(self, z: FloatArray, sharpness: float) -> tuple[FloatArray, float]:
        """The step, and how fast the function falls along it."""
        slack = self.slack(z)
        slopes = np.vstack([self._program.rows, self._balls * z])
        scaled = slopes / slack[:, None]
        # the ball's own curvature, beside that of the logarithm
        n_limits = len(self._program.most)
        inverse = 1.0 / slack[n_limits:]
        of_balls = inverse @ self._balls
        barrier = scaled.sum(axis=0)
        downhill = sharpness * self._program.objective - barrier
        step = solve_with_rows(of_balls, scaled, downhill)
        promised_fall = float(downhill @ step)
        if promised_fall < 0:
            # the matrix is positive definite: that can only be rounding, which the whole matrix has less of
            step = solve_whole(of_balls, scaled, downhill)
            promised_fall = float(downhill @ step)
        return step, promised_fall

    def _length(
        self, z: FloatArray, step: FloatArray, promised_fall: float, sharpness: float
    ) -> float:
        """As far as the point stays inside and the function falls as promised."""
        slack = self.slack(z)
        gain = sharpness * float(self._program.objective @ step)
        length = 1.0
        while length >= SHORTEST:
            point = z + length * step
            ratio = self.slack(point) / slack
            # the logarithm has no value outside
            if (ratio > 0).all():
                of_barrier = np.log(ratio).sum()
                fall = length * gain + of_barrier
                if fall >= ENOUGH * length * promised_fall:
                    break
            length /= 2.0
        return length
