"""Where inverters and a linearised grid agree, for many scenarios side by side.

    u = m + R_p (P(u) - P_0) + R_q (Q(u) - Q_0)

with the voltages u that the inverters see, those m that the grid has at their powers P_0, Q_0, and its response R. Newton's
method with the slopes of the curves at u, which finds the piece of each curve on which the answer lies; steps are halved while
they lead away. Falling curves have one answer: the matrix of each set of pieces has a determinant above zero.

Source: Newton's method for piecewise smooth equations as in L. Qi, J. Sun, Mathematical Programming 58 (1993), 353-367, DOI
10.1007/BF01581275.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from tieline.typing import BoolArray, FloatArray

MOST_STEPS = 60
"""Each step finds the right piece of at least one more curve; from there on one step is exact."""

MOST_HALVINGS = 8
"""A step cut to less than this leads nowhere; the smallest is taken all the same, which may lead over a ridge."""

EXACT_PU = 1e-12
"""Voltages that agree to this are worked out to their last digits."""

SLOPE_STEP_PU = 1e-6
"""Half the width of the difference that gives the slope of a curve: exact on its straight pieces but for rounding."""

Curve = Callable[[FloatArray], tuple[FloatArray, FloatArray]]
"""Voltages (row, inverter) [pu] -> P [kW] and Q [kvar] of the same shape."""


@dataclass(frozen=True, eq=False)
class Response:
    """What one kW, or kvar, more of each inverter does to each voltage seen, (row or 1, voltage, inverter) [pu]; None where no P
    hangs on a voltage.
    """

    by_kw: FloatArray | None
    by_kvar: FloatArray


@dataclass(frozen=True, eq=False)
class GridPoint:
    """Voltages seen, (row, inverter) [pu], at these powers of the inverters, (row, inverter) [kW, kvar]."""

    seen_pu: FloatArray
    p_kw: FloatArray
    q_kvar: FloatArray


def agreed_pu(
    start_pu: FloatArray, grid: GridPoint, response: Response, curve: Curve
) -> FloatArray:
    """Voltages at which curves and grid agree, (row, inverter) [pu]; as near as it came where they do nowhere."""
    v_pu = start_pu.copy()
    gap = _gap(v_pu, grid, response, curve)
    for _ in range(MOST_STEPS):
        size = np.abs(gap).max(axis=1)
        is_open = size > EXACT_PU
        if not is_open.any():
            break
        step = _step(v_pu, gap, response, curve)
        part = np.where(is_open, 1.0, 0.0)
        for _ in range(MOST_HALVINGS):
            next_pu = v_pu - part[:, None] * step
            next_gap = _gap(next_pu, grid, response, curve)
            leads_away = is_open & ~(np.abs(next_gap).max(axis=1) < size)
            if not leads_away.any():
                break
            part = np.where(leads_away, part / 2, part)
        v_pu = next_pu
        gap = next_gap
    return v_pu


def _gap(
    v_pu: FloatArray, grid: GridPoint, response: Response, curve: Curve
) -> FloatArray:
    """Voltages seen less those that the grid has at the powers of the curves, (row, inverter) [pu]."""
    p_kw, q_kvar = curve(v_pu)
    grid_pu = grid.seen_pu + _applied(response.by_kvar, q_kvar - grid.q_kvar)
    if response.by_kw is not None:
        grid_pu = grid_pu + _applied(response.by_kw, p_kw - grid.p_kw)
    return v_pu - grid_pu


def _applied(matrix: FloatArray, change: FloatArray) -> FloatArray:
    return (matrix @ change[:, :, None])[:, :, 0]


def _step(
    v_pu: FloatArray, gap: FloatArray, response: Response, curve: Curve
) -> FloatArray:
    """Newton's step, (row, inverter) [pu]."""
    high_kw, high_kvar = curve(v_pu + SLOPE_STEP_PU)
    low_kw, low_kvar = curve(v_pu - SLOPE_STEP_PU)
    width = 2 * SLOPE_STEP_PU
    slope = np.eye(v_pu.shape[1]) - response.by_kvar * _columns(
        (high_kvar - low_kvar) / width
    )
    if response.by_kw is not None:
        slope -= response.by_kw * _columns((high_kw - low_kw) / width)
    return _solved(slope, gap)


def _columns(slope: FloatArray) -> FloatArray:
    """Slopes as factors of the columns of a matrix for each row."""
    return slope[:, None, :]


def _solved(matrix: FloatArray, right_side: FloatArray) -> FloatArray:
    try:
        return np.linalg.solve(matrix, right_side[:, :, None])[:, :, 0]
    except np.linalg.LinAlgError:
        # a rising curve may cancel what the grid answers: the least step serves as well as any
        return (np.linalg.pinv(matrix) @ right_side[:, :, None])[:, :, 0]


def open_rows(gap_pu: FloatArray, tolerance_pu: float) -> BoolArray:
    """Rows whose voltages do not agree yet, (row,); those without an answer, NaN, are done with."""
    return np.abs(np.nan_to_num(gap_pu)).max(axis=1) > tolerance_pu
