"""Where inverters and a linearised grid agree, for many scenarios side by side.

    u = m + R_p (P(u) - P_0) + R_q (Q(u) - Q_0)

with the voltages u that the inverters see, those m that the grid has at their powers P_0, Q_0, and its response R. Newton's
method with the slopes of the curves at u, which finds the piece of each curve on which the answer lies; steps are halved while
they lead away. Falling curves have one answer: the matrix of each set of pieces has a determinant above zero.

Source: Newton's method for piecewise smooth equations as in L. Qi, J. Sun, Mathematical Programming 58 (1993), 353-367, DOI
10.1007/BF01581275.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tieline.powerflow.inverters.asked import Asked
from tieline.powerflow.inverters.points import rows_of
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


@dataclass(frozen=True, eq=False)
class GridPoint:
    """Voltages seen, (row, inverter) [pu], at these powers of the inverters, (row, inverter) [kW, kvar]."""

    seen_pu: FloatArray
    p_kw: FloatArray
    q_kvar: FloatArray

    def rows(self, rows: IntArray) -> GridPoint:
        """That of some rows."""
        return GridPoint(self.seen_pu[rows], self.p_kw[rows], self.q_kvar[rows])


def agreed_pu(
    start_pu: FloatArray,
    grid: GridPoint,
    response: Response,
    asked: Asked,
    tolerance_pu: FloatArray,
) -> FloatArray:
    """Voltages at which curves and grid agree, (row, inverter) [pu]; as near as it came where they do nowhere.

    Args:
        start_pu: where to begin.
        grid: what the grid has.
        response: of the grid.
        asked: what is asked of the inverters in each row.
        tolerance_pu: on the voltages, (row,).
    """
    v_pu = start_pu.copy()
    rows = np.arange(len(start_pu))
    # with one response for all rows a step is a product of matrices; what it leaves open each row solves by itself
    has_many = asked.table.count > FEW
    if len(response.by_kvar) == 1 and has_many:
        v_pu = _by_common_slope(v_pu, grid, response, asked, tolerance_pu)
        gap = _gap(v_pu, grid, response, asked)
        rows = np.flatnonzero(open_rows(gap, tolerance_pu))
    if len(rows) > 0:
        v_pu[rows] = _by_own_slopes(
            v_pu[rows],
            grid.rows(rows),
            response.rows(rows),
            asked.rows(rows),
            tolerance_pu[rows],
        )
    return v_pu


def _by_common_slope(
    start_pu: FloatArray,
    grid: GridPoint,
    response: Response,
    asked: Asked,
    tolerance_pu: FloatArray,
) -> FloatArray:
    """Newton's method with the mean slope of the curves over all rows; rows that it leads away from the answer are left there."""
    v_pu = start_pu.copy()
    rows = np.arange(len(v_pu))
    p_slope, q_slope = _curve_slopes(v_pu, asked)
    p_mean = p_slope.mean(axis=0, keepdims=True)
    q_mean = q_slope.mean(axis=0, keepdims=True)
    inverse = np.linalg.pinv(_slope(response, p_mean, q_mean)[0])
    for _ in range(COMMON_STEPS):
        some = asked.rows(rows)
        gap = _gap(v_pu[rows], grid.rows(rows), response, some)
        is_open = open_rows(gap, tolerance_pu[rows])
        rows = rows[is_open]
        if len(rows) == 0:
            break
        v_pu[rows] -= gap[is_open] @ inverse.T
    return v_pu


def _by_own_slopes(
    start_pu: FloatArray,
    grid: GridPoint,
    response: Response,
    asked: Asked,
    tolerance_pu: FloatArray,
) -> FloatArray:
    """Newton's method with the slopes of each row."""
    v_pu = start_pu
    gap = _gap(v_pu, grid, response, asked)
    for _ in range(MOST_STEPS):
        is_open = open_rows(gap, tolerance_pu)
        if not is_open.any():
            break
        size = np.abs(gap).max(axis=1)
        step = _own_step(response, *_curve_slopes(v_pu, asked), gap)
        part = np.where(is_open, 1.0, 0.0)
        for _ in range(MOST_HALVINGS):
            next_pu = v_pu - part[:, None] * step
            next_gap = _gap(next_pu, grid, response, asked)
            leads_away = is_open & ~(np.abs(next_gap).max(axis=1) < size)
            if not leads_away.any():
                break
            part = np.where(leads_away, part / 2, part)
        v_pu = next_pu
        gap = next_gap
    return v_pu


def _gap(
    v_pu: FloatArray, grid: GridPoint, response: Response, asked: Asked
) -> FloatArray:
    """Voltages seen less those that the grid has at the powers of the curves, (row, inverter) [pu]."""
    p_kw, q_kvar = asked.at(v_pu)
    grid_pu = grid.seen_pu + _applied(response.by_kvar, q_kvar - grid.q_kvar)
    if response.by_kw is not None:
        grid_pu = grid_pu + _applied(response.by_kw, p_kw - grid.p_kw)
    return v_pu - grid_pu


def _applied(matrix: FloatArray, change: FloatArray) -> FloatArray:
    # one matrix for all rows is one product
    if len(matrix) == 1:
        return change @ matrix[0].T
    return (matrix @ change[:, :, None])[:, :, 0]


def _curve_slopes(v_pu: FloatArray, asked: Asked) -> tuple[FloatArray, FloatArray]:
    """Of P and Q by the voltage seen, (row, inverter) [kW/pu, kvar/pu]."""
    high_kw, high_kvar = asked.at(v_pu + SLOPE_STEP_PU)
    low_kw, low_kvar = asked.at(v_pu - SLOPE_STEP_PU)
    width = 2 * SLOPE_STEP_PU
    return (high_kw - low_kw) / width, (high_kvar - low_kvar) / width


def _slope(response: Response, p_slope: FloatArray, q_slope: FloatArray) -> FloatArray:
    """Of the gap by the voltages, (row, inverter, inverter)."""
    count = q_slope.shape[1]
    # a slope is a factor of a column
    slope = np.eye(count) - response.by_kvar * q_slope[:, None, :]
    if response.by_kw is not None:
        slope -= response.by_kw * p_slope[:, None, :]
    return slope


def _own_step(
    response: Response, p_slope: FloatArray, q_slope: FloatArray, gap: FloatArray
) -> FloatArray:
    """Newton's step of each row, (row, inverter) [pu].

    Only inverters on a sloping piece answer: with those of a row, a, it is (1 - R_aa D_a) s_a = g_a, and s = g + R_a D_a s_a.
    """
    is_sloping = (q_slope != 0) | (p_slope != 0)
    most = int(is_sloping.sum(axis=1).max())
    # those of each row first; what fills up a row slopes nowhere, and changes nothing
    places = np.argsort(~is_sloping, axis=1, kind="stable")[:, :most]
    among = _among(response.by_kvar, places)
    small = np.eye(most) - among * _at(q_slope, places)[:, None, :]
    if response.by_kw is not None:
        among = _among(response.by_kw, places)
        small -= among * _at(p_slope, places)[:, None, :]
    own = np.zeros_like(gap)
    np.put_along_axis(own, places, _solved(small, _at(gap, places)), axis=1)
    step = gap + _applied(response.by_kvar, q_slope * own)
    if response.by_kw is not None:
        step = step + _applied(response.by_kw, p_slope * own)
    return step


def _at(array: FloatArray, places: IntArray) -> FloatArray:
    """Some columns of each row, (row, place)."""
    return np.take_along_axis(array, places, axis=1)


def _among(matrix: FloatArray, places: IntArray) -> FloatArray:
    """The matrix between some inverters of each row, (row, place, place)."""
    row = np.minimum(np.arange(len(places)), len(matrix) - 1)
    return matrix[row[:, None, None], places[:, :, None], places[:, None, :]]


def _solved(matrix: FloatArray, right_side: FloatArray) -> FloatArray:
    try:
        return np.linalg.solve(matrix, right_side[:, :, None])[:, :, 0]
    except np.linalg.LinAlgError:
        # a rising curve may cancel what the grid answers: the least step serves as well as any
        return (np.linalg.pinv(matrix) @ right_side[:, :, None])[:, :, 0]


def open_rows(gap_pu: FloatArray, tolerance_pu: float | FloatArray) -> BoolArray:
    """Rows whose voltages do not agree yet, (row,); those without an answer, NaN, are done with."""
    return np.abs(np.nan_to_num(gap_pu)).max(axis=1) > tolerance_pu
