"""Lines of a single-phase equivalent.

With symmetrical voltages a on its k phases, |a_i| = 1 a third of a turn apart, a line of impedance matrix Z and capacitance
matrix C has

    z = 3 / k^2  a^H Z a,        c = 1 / 3  a^H C a

per phase of the equivalent. For three phases z is the mean self minus the mean mutual impedance, which is the positive sequence
of the transposed line. A lateral carries on k conductors what the equivalent carries on three: its z is that of the same loss,
and its rating falls by k / 3. Conductors beside the phases, such as neutrals, are left out.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

from tieline.feeders.checks.common import PHASES
from tieline.feeders.elements import Line, LineCode, Matrix

N_PHASES = 3

COSINE_OF_A_THIRD = -0.5
"""Cosine of a third of a turn, exactly: two orders of the same phases must give the same code."""


def phases_of_line(line: Line) -> tuple[int, ...]:
    """Phases at its first end."""
    return tuple(node for node in line.from_nodes if node in PHASES)


def equivalent_line(line: Line) -> Line:
    """A line of one conductor; its code is named after the one it was, with the number of phases unless these are three."""
    count = len(phases_of_line(line))
    return replace(
        line,
        from_nodes=(1,),
        to_nodes=(1,),
        code=_equivalent_code(line.code, line.from_nodes),
        rating_a=_equivalent_rating(line.rating_a, count),
    )


@lru_cache(maxsize=1024)
def _equivalent_code(code: LineCode, nodes: tuple[int, ...]) -> LineCode:
    positions = [k for k, node in enumerate(nodes) if node in PHASES]
    phases = [nodes[k] for k in positions]
    count = len(phases)
    series = N_PHASES / count**2
    name = code.name
    if count < N_PHASES:
        # a code of two phases and one of three may have one name
        name = f"{code.name}_{count}ph"

    def one_phase(matrix: Matrix, factor: float) -> Matrix:
        return ((factor * _symmetrical_form(matrix, positions, phases),),)

    return LineCode(
        name=name,
        r_ohm_per_km=one_phase(code.r_ohm_per_km, series),
        x_ohm_per_km=one_phase(code.x_ohm_per_km, series),
        c_nf_per_km=one_phase(code.c_nf_per_km, 1 / N_PHASES),
        rating_a=_equivalent_rating(code.rating_a, count),
    )


def _equivalent_rating(rating_a: float | None, n_phases: int) -> float | None:
    """The current that three phases carry when a lateral's conductors are full."""
    if rating_a is None:
        return None
    return rating_a * n_phases / N_PHASES


def _symmetrical_form(matrix: Matrix, positions: list[int], phases: list[int]) -> float:
    """a^H M a of a symmetric real matrix: mutual terms count with the cosine of the angle between their phases."""
    total = 0.0
    for row, row_phase in zip(positions, phases, strict=True):
        for column, column_phase in zip(positions, phases, strict=True):
            cosine = 1.0 if row_phase == column_phase else COSINE_OF_A_THIRD
            total += matrix[row][column] * cosine
    return total
