"""Circles of apparent power in the minute's linear program: tangents where set-points lie outside, and the way back inside.

Each tangent touches its circle in the direction of the set-points that were outside. The program's set-points are an outer
approximation, so that its optimum stays a lower bound; the bound from above is judged at the ones drawn back.
"""

from __future__ import annotations

import numpy as np

from tieline.opf.balancing.minute import Minute
from tieline.opf.balancing.program import Program
from tieline.opf.balancing.reactive import ReactiveRange
from tieline.opf.replay import FEASIBLE_PU
from tieline.typing import BoolArray, FloatArray

NEAR = 1e-4
"""How far outside, relative to the apparent power, set-points may be drawn back and still say what voltages will be: 0.01 kvar of
a DER of 100 kVA moves a voltage by less than a replay calls a violation."""


def keep_in_circles(minute: Minute, program: Program) -> tuple[FloatArray, bool]:
    """The columns of the last optimum with every Q inside its circle, and whether one was far outside.

    Circles that are passed get a tangent each.
    """
    reactive = minute.reactive
    if reactive is None:
        return program.x, False
    columns = program.columns
    beyond = program.inputs_at(program.x, minute.n_inputs)
    inputs = beyond + minute.injected
    p_kw, q_kvar = np.split(inputs, 2)
    excess = _excess(reactive, p_kw, q_kvar)
    called = columns.q_der
    excess_of_called = excess[called]
    outside = called[excess_of_called > FEASIBLE_PU]
    for der in outside.tolist():
        _add_tangent(minute, program, der, float(p_kw[der]), float(q_kvar[der]))
    inside_kvar = reactive.inside(p_kw, q_kvar)
    drawn_back = inside_kvar - minute.injected_kvar
    # a copy: `program.x` stays the optimum of the program itself
    x = program.x.copy()
    x[columns.q] = drawn_back[called]
    is_far = bool((excess_of_called > NEAR).any())
    return x, is_far


def _excess(
    reactive: ReactiveRange, p_kw: FloatArray, q_kvar: FloatArray
) -> FloatArray:
    """How far outside its circle each DER is, relative to its apparent power, (der,); nothing where there is no circle."""
    kva = reactive.kva
    # A circle of no size holds Q at zero by its box already.
    has_circle: BoolArray = np.isfinite(kva) & (kva > 0)
    divisor = np.where(has_circle, kva, 1.0)
    size = np.hypot(p_kw, q_kvar)
    excess = size / divisor - 1
    return np.where(has_circle, excess, 0.0)


def _add_tangent(
    minute: Minute, program: Program, der: int, p_kw: float, q_kvar: float
) -> None:
    assert minute.reactive is not None  # there is a circle to touch
    size = float(np.hypot(p_kw, q_kvar))
    by_p = p_kw / size
    by_q = q_kvar / size
    # The columns count from what is injected already.
    scheduled = by_p * minute.injected_kw[der] + by_q * minute.injected_kvar[der]
    room = float(minute.reactive.kva[der] - scheduled)
    program.add_tangent(der, by_p, by_q, room)
