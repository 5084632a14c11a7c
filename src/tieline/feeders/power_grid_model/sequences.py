"""Positive and zero sequence as matrices of three phases, and admittances to earth as shunts.

A matrix of equal phases with the sequence values a_1 and a_0 has (2 a_1 + a_0) / 3 on its diagonal and (a_0 - a_1) / 3 beside
it. An admittance to earth with Y_1 and Y_0 is a star of Y_0 and a delta of (Y_1 - Y_0) / 3: a voltage that is the same in all
phases drives no current in a delta, and a delta counts three times as much as a star in the positive sequence.

Source: C. L. Fortescue, "Method of symmetrical co-ordinates applied to the solution of polyphase networks", AIEE Trans. 37, 1918.
"""

from __future__ import annotations

from collections.abc import Iterator

from tieline.feeders.elements import Connection, Matrix, Nodes, Shunt
from tieline.feeders.power_grid_model.grid import THREE, Grid
from tieline.units import SQRT3, tidy


def phase_matrix(positive: float, zero: float) -> Matrix:
    """The matrix of three phases."""
    on_diagonal = tidy((2 * positive + zero) / 3)
    beside = tidy((zero - positive) / 3)
    return (
        (on_diagonal, beside, beside),
        (beside, on_diagonal, beside),
        (beside, beside, on_diagonal),
    )


def earth_shunts(
    grid: Grid,
    name: str,
    bus: str,
    kv_ll: float,
    y1_s: complex,
    y0_s: complex,
    *,
    is_loss: bool,
    point: int = 0,
) -> Iterator[Shunt]:
    """Shunts that take the current of an admittance to earth.

    Args:
        grid: the data set.
        name, bus: of the shunt; a delta beside it is called "name_delta".
        kv_ll: any voltage, which the power of a shunt refers to.
        y1_s, y0_s: admittance of a phase in the positive and in the zero sequence [S].
        is_loss: as in `Shunt`.
        point: node of the star point, if it is not earth.
    """
    if not grid.is_three_phase:
        yield from _shunt(name, bus, grid.to_ground, "wye", kv_ll, y1_s, is_loss)
        return
    # the rating of a star stands across a phase; its power is that of the line-to-line voltage all the same
    star_kv = kv_ll / SQRT3
    nodes = (*THREE, point)
    yield from _shunt(name, bus, nodes, "wye", star_kv, y0_s, is_loss, kv_ll)
    delta_s = y1_s - y0_s
    yield from _shunt(f"{name}_delta", bus, THREE, "delta", kv_ll, delta_s, is_loss)


def _shunt(
    name: str,
    bus: str,
    nodes: Nodes,
    connection: Connection,
    kv: float,
    y_s: complex,
    is_loss: bool,
    kv_ll: float | None = None,
) -> Iterator[Shunt]:
    """The shunt, unless it is nothing; three phases take 3 y (U / sqrt 3)^2 = y U^2 together."""
    if y_s == 0:
        return
    kva = y_s.conjugate() * (kv_ll or kv) ** 2 * 1e3
    p_kw = tidy(kva.real)
    q_kvar = tidy(kva.imag)
    yield Shunt(name, bus, nodes, connection, kv, p_kw, q_kvar, is_loss)
