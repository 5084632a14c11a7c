"""`nearest_feasible`: the point nearest to a wanted one that obeys linear limits, equalities and a box, for small problems.

    minimise |x - wanted|^2   subject to   G x <= h,  A x = b,  low <= x <= high

Equalities are taken out by an orthonormal basis of what they leave free. What remains is least distance programming, min |y|
subject to E y >= f, solved exactly through a non-negative least-squares problem (C. L. Lawson, R. J. Hanson, "Solving Least
Squares Problems", 1974, chapter 23): with r the residual of min |(0, ..., 0, 1) - [E f]' u| over u >= 0, y_k = -r_k / r_last,
and r_last = 1 / (1 + |y|^2), and an r_last too small for any point of the box means that no point obeys the limits. Of
many limits, only those that were found broken on the way enter.

Where no point obeys them, limits are relaxed, but for hard ones, by amounts of the smallest sum that makes room (a linear
program), the nearest point by the relaxed limits is taken, and the largest amount is told. The sum, not the largest, is made
small: a limit that nothing can meet must not excuse the others.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

import numpy as np

from tieline.typing import BoolArray, FloatArray

OBEYED = 1e-9
"""A limit broken by less counts as obeyed: rounding."""

SMALLEST_ROW = 1e-12
"""A limit that the whole box moves by less does not depend on x."""

STEPS_PER_COLUMN = 30
"""Ten times the usual limit of the active-set method."""

ADDED_AT_ONCE = 32
"""Broken limits that enter together: most of them are neighbours of the worst, which settles them too."""


@dataclass(frozen=True, eq=False)
class Limits:
    """What x obeys: `rows` @ x <= `most`; `matrix` @ x = `total`; `low` <= x <= `high`.

    `is_hard`, (row,), says which rows are never relaxed; none if left out.
    """

    rows: FloatArray
    most: FloatArray
    matrix: FloatArray
    total: FloatArray
    low: FloatArray
    high: FloatArray
    is_hard: BoolArray | None = None

    @property
    def is_soft(self) -> BoolArray:
        """Which rows may be relaxed, (row,)."""
        if self.is_hard is None:
            return np.ones(len(self.most), dtype=bool)
        return ~self.is_hard

    def relaxed(self, amount: FloatArray) -> Limits:
        """With the limit of each row raised by its amount, (row,)."""
        return dataclasses.replace(self, most=self.most + amount)


def nearest_feasible(
    target: FloatArray, limits: Limits, room: float
) -> tuple[FloatArray, float]:
    """The point nearest to `target`, (entry,).

    Args:
        target: any point, (entry,).
        limits: what is to be obeyed; rows share one unit.
        room: by how much more than necessary limits are relaxed where no point obeys them, so that a nearest point can be found.

    Returns:
        The point, and by how much a limit was relaxed at most: 0 where a point obeys them; infinite, with `target` itself, if box
        and equalities alone leave no point.
    """
    point = _nearest(target, limits)
    if point is not None:
        return point, 0.0
    amount = _least_violation(limits) + np.where(limits.is_soft, room, 0.0)
    if not np.isfinite(amount).all():
        return target, np.inf
    point = _nearest(target, limits.relaxed(amount))
    if point is None:
        return (target, np.inf)
    return (point, float(amount.max()))


def _nearest(target: FloatArray, limits: Limits) -> FloatArray | None:
    """The nearest point, or None if there is none: solve with the limits known to matter, add those that break."""
    start, basis = _free(target, limits)
    point = start
    enters = np.zeros(len(limits.most), dtype=bool)
    while True:
        excess = np.where(
            enters,
            0.0,
            limits.rows @ point - limits.most,
        )
        worst = np.argsort(-excess)[:ADDED_AT_ONCE]
        broken = worst[excess[worst] > OBEYED]
        # the start may lie outside the box, which only a move looks at
        if len(broken) == 0 and point is not start:
            return point
        # a limit that entered stays: each pass adds one at least, so this ends
        enters[broken] = True
        move = _least_move(start, basis, limits, enters)
        if move is None:
            return None
        point = np.clip(start + move, limits.low, limits.high)


def _free(target: FloatArray, limits: Limits) -> tuple[FloatArray, FloatArray]:
    """The nearest point that obeys the equalities, and an orthonormal basis of the directions they leave free, (entry, free)."""
    u, size, vt = np.linalg.svd(limits.matrix)
    smallest = OBEYED * size.max(initial=0.0)
    rank = int((size > smallest).sum())
    rows = vt[:rank]
    basis = vt[rank:].T
    shortfall = limits.total - limits.matrix @ target
    in_rows = u.T @ shortfall
    along_rows = in_rows[:rank] / size[:rank]
    nearest = target + rows.T @ along_rows
    return nearest, basis


def _least_move(
    start: FloatArray, basis: FloatArray, limits: Limits, enters: BoolArray
) -> FloatArray | None:
    """The shortest move from `start` along the basis into the box and the limits that enter; None if there is none."""
    box = np.eye(len(start))
    rows = np.vstack([-limits.rows[enters], box, -box])
    bound = np.concatenate([-limits.most[enters], limits.low, -limits.high])
    at_least = bound - rows @ start
    free_rows = rows @ basis
    size = np.linalg.norm(free_rows, axis=1)
    can_change = size > SMALLEST_ROW
    if (at_least[~can_change] > OBEYED).any():
        return None
    # rows of length one: the distance to a limit is then its number, whatever its unit
    unit_rows = free_rows[can_change] / size[can_change, None]
    unit_bound = at_least[can_change] / size[can_change]
    to_low = np.abs(limits.low - start)
    to_high = np.abs(limits.high - start)
    to_far_corner = np.maximum(to_low, to_high)
    farthest = float(np.linalg.norm(to_far_corner))
    move = _least_distance(unit_rows, unit_bound, farthest)
    if move is None:
        return None
    return basis @ move


def _least_distance(
    rows: FloatArray, at_least: FloatArray, farthest: float
) -> FloatArray | None:
    """The shortest y with `rows` @ y >= `at_least`; None if none is shorter than `farthest`."""
    from scipy.optimize import nnls

    system = np.vstack([rows.T, at_least])
    target = np.zeros(len(system))
    target[-1] = 1.0
    weight, _ = nnls(
        system,
        target,
        maxiter=STEPS_PER_COLUMN * system.shape[1],
    )
    residual = target - system @ weight
    if residual[-1] < 0.5 / (1.0 + farthest**2):
        return None
    return -residual[:-1] / residual[-1]


def _least_violation(limits: Limits) -> FloatArray:
    """Amounts of the smallest sum by which limits must be relaxed, (row,); infinite if what is hard leaves no point."""
    from scipy.optimize import linprog
    from scipy.sparse import csr_array, eye_array, hstack

    n_entries = len(limits.low)
    n_rows = len(limits.most)
    no_amounts = csr_array((len(limits.total), n_rows))
    box = [*zip(limits.low, limits.high, strict=True)]
    largest = np.where(limits.is_soft, np.inf, 0.0)
    amounts = [(0.0, most) for most in largest]
    answer = linprog(
        c=np.append(np.zeros(n_entries), np.ones(n_rows)),
        A_ub=hstack([csr_array(limits.rows), -eye_array(n_rows)]),
        b_ub=limits.most,
        A_eq=hstack([csr_array(limits.matrix), no_amounts]),
        b_eq=limits.total,
        bounds=[*box, *amounts],
    )
    if answer.success:
        return answer.x[n_entries:]
    return np.full(n_rows + 1, np.inf)
