"""Where inverters and a linearised grid agree, for many scenarios side by side.

    g(u) = u - m - R_p (P(u) - P_0) - R_q (Q(u) - Q_0) = 0

with the voltages u that the inverters see, those m that the grid has at their powers P_0, Q_0, and its response R. Newton's
method with the slopes of the curves at u, which finds the piece of each curve on which the answer lies; steps are halved while
they lead away. Falling curves have one answer: the matrix of each set of pieces has a determinant above zero.

Source: Newton's method for piecewise smooth equations as in L. Qi, J. Sun, Mathematical Programming 58 (1993), 353-367, DOI
10.1007/BF01581275.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tieline.powerflow.inverters.points import rows_of
from tieline.powerflow.inverters.request import Request
from tieline.typing import BoolArray, FloatArray, IntArray

FEW = 16
"""Of so few inverters each row solves its own equations in less time than it takes steps with the mean slope."""

COMMON_STEPS = 12
"""Steps with the mean slope: they cost a hundredth of one that each row solves by itself."""

MOST_STEPS = 60
"""Each step finds the right piece of at least one more curve; from there on one step is exact."""

MOST_HALVINGS = 8
"""A step cut to less than this leads nowhere; the smallest is taken all the same, which may lead over a ridge."""

SLOPE_STEP_PU = 1e-6
"""Half the width of the difference that gives the slope of a curve: exact on its straight pieces but for rounding."""


@dataclass(frozen=True, eq=False)
class Response:
    """What one kW, or kvar, more of each inverter does to each voltage seen, (row or 1, voltage, inverter) [pu]; None where no P
    hangs on a voltage.
    """

    by_kw: FloatArray | None
    by_kvar: FloatArray

    def rows(self, rows: IntArray) -> Response:
        """That of some rows."""
        by_kw = self.by_kw
        if by_kw is not None:
            by_kw = rows_of(by_kw, rows)
        return Response(by_kw, rows_of(self.by_kvar, rows))

    def of(self, p_kw: FloatArray, q_kvar: FloatArray) -> FloatArray:
        """What these powers do to the voltages, (row, inverter) [pu]."""
        change_pu = _product(self.by_kvar, q_kvar)
        if self.by_kw is None:
            return change_pu
        return change_pu + _product(self.by_kw, p_kw)

    def by_column(
        self, p_factor: FloatArray, q_factor: FloatArray, places: IntArray
    ) -> FloatArray:
        """The matrix between some inverters of each row, (row, place, place), its columns times factors, (row, place)."""
        matrix = _between(self.by_kvar, places) * q_factor[:, None, :]
        if self.by_kw is None:
            return matrix
        return matrix + _between(self.by_kw, places) * p_factor[:, None, :]


@dataclass(frozen=True, eq=False)
class GridPoint:
    """Voltages seen, (row, inverter) [pu], at these powers of the inverters, (row, inverter) [kW, kvar]."""

    seen_pu: FloatArray
    p_kw: FloatArray
    q_kvar: FloatArray

    def rows(self, rows: IntArray) -> GridPoint:
        """That of some rows."""
        return GridPoint(self.seen_pu[rows], self.p_kw[rows], self.q_kvar[rows])


@dataclass(frozen=True, eq=False)
class Equations:
    """The equations of some rows: what the grid has and answers, and what is asked of the inverters."""

    grid: GridPoint
    response: Response
    request: Request

    def rows(self, rows: IntArray) -> Equations:
        """Those of some rows."""
        return Equations(
            self.grid.rows(rows), self.response.rows(rows), self.request.rows(rows)
        )

    def gap_pu(self, v_pu: FloatArray) -> FloatArray:
        """Voltages seen less those that the grid has at the powers of the curves, (row, inverter)."""
        p_kw, q_kvar = self.request.at(v_pu)
        more_kw = p_kw - self.grid.p_kw
        more_kvar = q_kvar - self.grid.q_kvar
        grid_pu = self.grid.seen_pu + self.response.of(more_kw, more_kvar)
        return v_pu - grid_pu

    def curve_slopes(self, v_pu: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Of P and Q by the voltage seen, (row, inverter) [kW/pu, kvar/pu]."""
        high_kw, high_kvar = self.request.at(v_pu + SLOPE_STEP_PU)
        low_kw, low_kvar = self.request.at(v_pu - SLOPE_STEP_PU)
        width = 2 * SLOPE_STEP_PU
        p_slope = (high_kw - low_kw) / width
        q_slope = (high_kvar - low_kvar) / width
        return p_slope, q_slope


def agreed_pu(
    start_pu: FloatArray, equations: Equations, tolerance_pu: FloatArray
) -> FloatArray:
    """Voltages at which curves and grid agree, (row, inverter) [pu]; as near as it came where they do nowhere.

    Args:
        start_pu: where to begin.
        equations: of the rows.
        tolerance_pu: on the voltages, (row,).
    """
    v_pu = start_pu.copy()
    rows = np.arange(len(start_pu))
    # with one response for all rows a step is a product of matrices; what it leaves open each row solves by itself
    is_common = len(equations.response.by_kvar) == 1
    if is_common and start_pu.shape[1] > FEW:
        v_pu = _by_common_slope(v_pu, equations, tolerance_pu)
        rows = np.flatnonzero(open_rows(equations.gap_pu(v_pu), tolerance_pu))
    if len(rows) > 0:
        v_pu[rows] = _by_own_slopes(
            v_pu[rows], equations.rows(rows), tolerance_pu[rows]
        )
    return v_pu


def _by_common_slope(
    start_pu: FloatArray, equations: Equations, tolerance_pu: FloatArray
) -> FloatArray:
    """Newton's method with the mean slope of the curves over all rows; rows that it leads away from the answer are left there."""
    v_pu = start_pu.copy()
    inverse = _common_inverse(v_pu, equations)
    rows = np.arange(len(v_pu))
    for _ in range(COMMON_STEPS):
        gap_pu = equations.rows(rows).gap_pu(v_pu[rows])
        is_open = open_rows(gap_pu, tolerance_pu[rows])
        # a row that is near enough is left there
        rows = rows[is_open]
        if len(rows) == 0:
            break
        v_pu[rows] -= gap_pu[is_open] @ inverse.T
    return v_pu


def _common_inverse(v_pu: FloatArray, equations: Equations) -> FloatArray:
    """Inverse of the slope of the gap at the mean of the curves' slopes, (inverter, inverter)."""
    p_slope, q_slope = equations.curve_slopes(v_pu)
    p_mean = p_slope.mean(axis=0, keepdims=True)
    q_mean = q_slope.mean(axis=0, keepdims=True)
    count = v_pu.shape[1]
    every = np.arange(count)[None]
    answer = equations.response.by_column(p_mean, q_mean, every)[0]
    return _solved((np.eye(count) - answer)[None], np.eye(count)[None])[0]


def _by_own_slopes(
    start_pu: FloatArray, equations: Equations, tolerance_pu: FloatArray
) -> FloatArray:
    """Newton's method with the slopes of each row."""
    v_pu = start_pu
    gap_pu = equations.gap_pu(v_pu)
    for _ in range(MOST_STEPS):
        is_open = open_rows(gap_pu, tolerance_pu)
        if not is_open.any():
            break
        step_pu = _own_step(v_pu, gap_pu, equations)
        v_pu, gap_pu = _cut_step(v_pu, gap_pu, step_pu, is_open, equations)
    return v_pu


def _cut_step(
    v_pu: FloatArray,
    gap_pu: FloatArray,
    step_pu: FloatArray,
    is_open: BoolArray,
    equations: Equations,
) -> tuple[FloatArray, FloatArray]:
    """Voltages after the step of each open row, halved while it leads away, and their gap."""
    size_pu = np.abs(gap_pu).max(axis=1)
    part = is_open.astype(float)
    for _ in range(MOST_HALVINGS):
        next_pu = v_pu - part[:, None] * step_pu
        next_gap_pu = equations.gap_pu(next_pu)
        # written so that NaN leads away
        is_nearer = np.abs(next_gap_pu).max(axis=1) < size_pu
        leads_away = is_open & ~is_nearer
        if not leads_away.any():
            break
        part = np.where(leads_away, part / 2, part)
    return next_pu, next_gap_pu


def _own_step(v_pu: FloatArray, gap_pu: FloatArray, equations: Equations) -> FloatArray:
    """Newton's step of each row, (row, inverter) [pu].

    Only inverters on a sloping piece answer: with those of a row, a, it is (1 - R_aa D_a) s_a = g_a, and s = g + R_a D_a s_a.
    """
    p_slope, q_slope = equations.curve_slopes(v_pu)
    is_sloping = (q_slope != 0) | (p_slope != 0)
    most = int(is_sloping.sum(axis=1).max())
    # those of each row first; what fills up a row slopes nowhere, and changes nothing
    places = np.argsort(~is_sloping, axis=1, kind="stable")[:, :most]
    answer = equations.response.by_column(
        _columns(p_slope, places), _columns(q_slope, places), places
    )
    sloping_gap_pu = _columns(gap_pu, places)[:, :, None]
    of_sloping = _solved(np.eye(most) - answer, sloping_gap_pu)[:, :, 0]
    step_pu = np.zeros_like(gap_pu)
    np.put_along_axis(step_pu, places, of_sloping, axis=1)
    return gap_pu + equations.response.of(p_slope * step_pu, q_slope * step_pu)


def _columns(array: FloatArray, places: IntArray) -> FloatArray:
    """Some columns of each row, (row, place)."""
    return np.take_along_axis(array, places, axis=1)


def _between(matrix: FloatArray, places: IntArray) -> FloatArray:
    """The part of a matrix, (row or 1, inverter, inverter), between some inverters of each row, (row, place, place)."""
    row = np.minimum(np.arange(len(places)), len(matrix) - 1)
    return matrix[row[:, None, None], places[:, :, None], places[:, None, :]]


def _product(matrix: FloatArray, vectors: FloatArray) -> FloatArray:
    """A matrix for all rows, or each its own, times the vector of each row."""
    # one matrix for all rows is one product
    if len(matrix) == 1:
        return vectors @ matrix[0].T
    return (matrix @ vectors[:, :, None])[:, :, 0]


def _solved(matrix: FloatArray, right_sides: FloatArray) -> FloatArray:
    """Solutions of linear systems, (row, place, column)."""
    try:
        return np.asarray(np.linalg.solve(matrix, right_sides), dtype=float)
    except np.linalg.LinAlgError:
        # a rising curve may cancel what the grid answers: the least step serves as well as any
        solution = np.linalg.pinv(matrix) @ right_sides
        return np.asarray(solution, dtype=float)


def open_rows(gap_pu: FloatArray, tolerance_pu: float | FloatArray) -> BoolArray:
    """Rows whose voltages do not agree yet, (row,); those without an answer, NaN, are done with."""
    size_pu = np.abs(np.nan_to_num(gap_pu)).max(axis=1)
    return size_pu > tolerance_pu
