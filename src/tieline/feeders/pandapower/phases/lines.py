"""Lines and switches with their phases: the matrices of a line whose phases are alike, from its two sequences.

Self and mutual impedance are (2 Z1 + Z0) / 3 and (Z0 - Z1) / 3; so are the capacitances.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from tieline.feeders.elements import Line, LineCode, Matrix
from tieline.feeders.pandapower.asymmetric import DELTA
from tieline.feeders.pandapower.net import Net, Row, number

COUNT = len(DELTA)

Sequences = tuple[float, float, float]
"""Resistance, reactance [ohm/km] and capacitance [nF/km] of one sequence."""


def spread_lines(net: Net, lines: Sequence[Line]) -> tuple[Line, ...]:
    """Every line with three conductors."""
    rows = {net.element_name("line", row): row for row in net.all_rows("line")}
    codes: dict[tuple[str, Sequences], LineCode] = {}
    spread = []
    for line in lines:
        first = _of_code(line.code)
        row = rows.get(line.name)
        # a switch has no coupling between its phases
        zero = (first[0], first[1], first[2]) if row is None else _zero(row)
        key = (line.code.name, zero)
        if key not in codes:
            codes[key] = _code(net, line.code, zero, is_first=_is_new(codes, key[0]))
        spread.append(replace(line, from_nodes=DELTA, to_nodes=DELTA, code=codes[key]))
    return tuple(spread)


def _of_code(code: LineCode) -> Sequences:
    matrices = (code.r_ohm_per_km, code.x_ohm_per_km, code.c_nf_per_km)
    r, x, c = (matrix[0][0] for matrix in matrices)
    return r, x, c


def _zero(row: Row) -> Sequences:
    parallel = number(row, "parallel", 1.0)
    return (
        number(row, "r0_ohm_per_km") / parallel,
        number(row, "x0_ohm_per_km") / parallel,
        number(row, "c0_nf_per_km") * parallel,
    )


def _is_new(codes: dict[tuple[str, Sequences], LineCode], name: str) -> bool:
    return all(code_name != name for code_name, _ in codes)


def _code(net: Net, code: LineCode, zero: Sequences, *, is_first: bool) -> LineCode:
    # lines that are alike in the positive sequence may differ in the other
    name = code.name if is_first else net.made_up_name("line_code", code.name)
    r, x, c = (
        phase_matrix(one, of_zero)
        for one, of_zero in zip(_of_code(code), zero, strict=True)
    )
    return replace(code, name=name, r_ohm_per_km=r, x_ohm_per_km=x, c_nf_per_km=c)


def phase_matrix(positive: float, zero: float) -> Matrix:
    """Matrix of three phases that are alike, from the values of its sequences."""
    itself = (2 * positive + zero) / 3
    mutual = (zero - positive) / 3
    return tuple(
        tuple(itself if i == j else mutual for j in range(COUNT)) for i in range(COUNT)
    )
