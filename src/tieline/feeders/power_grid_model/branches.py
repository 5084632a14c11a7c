"""Lines, asymmetric lines and links of a data set.

    Z = r + jx        Y = 2 pi f c (tan delta + j)

half of Y at either end. What is lost in the insulation stands as shunts at the buses, as a line of ours has none. A link is a
switch of the admittance that power-grid-model gives it.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tieline.feeders.elements import Line, LineCode, Matrix, OpenEnd
from tieline.feeders.power_grid_model.grid import Grid
from tieline.feeders.power_grid_model.rows import Row
from tieline.feeders.power_grid_model.sequences import earth_shunts, phase_matrix
from tieline.typing import ComplexArray
from tieline.units import S_BASE_KVA, tidy

LINK_PU = 1e6 + 1e6j
"""Admittance of a link, per unit of 1 MVA. Source: power-grid-model documentation, "Link"."""

PHASE_LETTERS = "abc"


def read_lines(grid: Grid) -> tuple[Line, ...]:
    """Lines, then asymmetric lines, then links as switches."""
    return (
        *(_line(grid, row) for row in grid.rows("line")),
        *(_asymmetric_line(grid, row) for row in grid.rows("asym_line")),
        *(_link(grid, row) for row in grid.rows("link")),
    )


def _line(grid: Grid, row: Row) -> Line:
    r1, x1, c1 = (row[name] for name in ("r1", "x1", "c1"))
    values = [((r1,),), ((x1,),), ((tidy(c1 * 1e9),),)]
    if grid.is_three_phase:
        r0, x0, c0 = (row[name] for name in ("r0", "x0", "c0"))
        values = [
            phase_matrix(r1, r0),
            phase_matrix(x1, x0),
            phase_matrix(c1 * 1e9, c0 * 1e9),
        ]
    _add_insulation_loss(grid, row)
    return _between(grid, row, values, rating_a=row.get("i_n"))


def _add_insulation_loss(grid: Grid, row: Row) -> None:
    """Conductance of the line, half of it at either end; at one end all of it where the other is open."""
    omega = grid.angular_frequency
    y1_s = complex(omega * row["c1"] * row["tan1"])
    # a symmetric set need not state the zero sequence, and does not use it
    y0_s = complex(omega * row.get("c0", 0.0) * row.get("tan0", 0.0))
    closed_ends = [end for end in ("from", "to") if row[f"{end}_status"]]
    for end in closed_ends:
        share = 1 / len(closed_ends)
        node = row[f"{end}_node"]
        shunts = earth_shunts(
            grid,
            f"insulation_of_{grid.element_name(row)}_{end}",
            grid.bus_name(node),
            grid.kv(node),
            y1_s * share,
            y0_s * share,
            is_loss=True,
        )
        grid.part_shunts.extend(shunts)


def _asymmetric_line(grid: Grid, row: Row) -> Line:
    resistance = _symmetric(row, "r", PHASE_LETTERS)
    reactance = _symmetric(row, "x", PHASE_LETTERS)
    # with a fourth conductor: the model earths it and calculates with three
    if "r_nn" in row and "x_nn" in row:
        r_ohm = _symmetric(row, "r", f"{PHASE_LETTERS}n")
        x_ohm = _symmetric(row, "x", f"{PHASE_LETTERS}n")
        reduced = _without_last(r_ohm + 1j * x_ohm)
        resistance = reduced.real
        reactance = reduced.imag
    # the model takes the sequence values where a set has both
    if "c0" in row and "c1" in row:
        capacitance = phase_matrix(row["c1"] * 1e9, row["c0"] * 1e9)
    else:
        capacitance = _matrix(_symmetric(row, "c", PHASE_LETTERS) * 1e9)
    values = [_matrix(resistance), _matrix(reactance), capacitance]
    return _between(grid, row, values, rating_a=row.get("i_n"))


def _symmetric(row: Row, letter: str, conductors: str) -> np.ndarray:
    """The symmetric matrix of which a row states the lower half, as in "r_ba"."""
    size = len(conductors)
    matrix = np.zeros((size, size))
    for i, first in enumerate(conductors):
        for j, second in enumerate(conductors[: i + 1]):
            value = row.get(f"{letter}_{first}{second}", 0.0)
            matrix[i, j] = value
            matrix[j, i] = value
    return matrix


def _without_last(z_ohm: ComplexArray) -> ComplexArray:
    """Impedances of the other conductors while the last one, the neutral, is earthed at both ends (Kron)."""
    of_others = z_ohm[:-1, :-1]
    to_last = z_ohm[:-1, -1]
    of_last = z_ohm[-1, -1]
    reduced: ComplexArray = of_others - np.outer(to_last, to_last) / of_last
    return reduced


def _matrix(values: np.ndarray) -> Matrix:
    return tuple(tuple(tidy(value) for value in row) for row in values.tolist())


def _link(grid: Grid, row: Row) -> Line:
    base_ohm = grid.kv(row["from_node"]) ** 2 * 1e3 / S_BASE_KVA
    z_ohm = base_ohm / LINK_PU
    # phases of a link do not couple
    one = np.eye(len(grid.phases))
    parts = (z_ohm.real, z_ohm.imag, 0.0)
    values = [_matrix(part * one) for part in parts]
    return _between(grid, row, values, is_switch=True)


def _between(grid: Grid, row: Row, values: list[Matrix], **fields: Any) -> Line:
    """A line of these matrices between the nodes of a branch, open where the branch is."""
    name = grid.element_name(row)
    is_closed_at = [bool(row[f"{end}_status"]) for end in ("from", "to")]
    # open at both ends it is open at none that would leave the other charged
    open_end: OpenEnd = "both"
    if any(is_closed_at) and not all(is_closed_at):
        open_end = "to" if is_closed_at[0] else "from"
    r_ohm_per_km, x_ohm_per_km, c_nf_per_km = values
    return Line(
        name,
        grid.bus_name(row["from_node"]),
        grid.bus_name(row["to_node"]),
        grid.phases,
        grid.phases,
        LineCode(name, r_ohm_per_km, x_ohm_per_km, c_nf_per_km),
        closed=all(is_closed_at),
        open_end=open_end,
        **fields,
    )
