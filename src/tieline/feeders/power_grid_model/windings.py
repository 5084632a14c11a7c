"""Windings of a transformer in three phases: which connection a side has, on which nodes, and what it has to earth.

The connections make the phase shift. Star against delta is one hour or eleven; four hours more is the next phase on the second
side. What no zero sequence passes and nothing shifts is a pair of deltas, whatever the set calls it: the terminals cannot tell.
In the zero sequence power-grid-model knows these ways only, to which the shunts of the core are fitted: through both sides if
both stars are earthed (half of the core on either side, to earth), into one earthed star (all of it there, to the star point).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tieline.feeders.elements import Connection, Nodes, Shunt
from tieline.feeders.power_grid_model.circuits import WYE_N, Circuit, Side
from tieline.feeders.power_grid_model.grid import THREE, Grid
from tieline.feeders.power_grid_model.sequences import earth_shunts
from tieline.units import SQRT3, tidy

WYE = 0
DELTA = 2
STARS = (WYE, WYE_N)
"""Source: power-grid-model, `WindingType`; what follows there are zigzag windings."""

SHIFTED_NODES: dict[int, Nodes] = {0: (1, 2, 3), 4: (3, 1, 2), 8: (2, 3, 1)}
"""Nodes of the phases of the second side, by how many hours it lags beside its connection."""

AGAINST_DELTA = {1: (0, 1), 5: (4, 1), 9: (8, 1), 11: (0, 11), 3: (4, 11), 7: (8, 11)}
"""Of each clock with a star and a delta: hours by the nodes, and hours by the connection."""


@dataclass(frozen=True, slots=True)
class Connected:
    """Connection and nodes of both windings, and whether the one of lower voltage leads."""

    connections: tuple[Connection, Connection]
    nodes: tuple[Nodes, Nodes]
    low_side_leads: bool = False


def can_connect(circuit: Circuit) -> bool:
    """Whether windings of ours make the phase shift."""
    plain = (*STARS, DELTA)
    if circuit.first.kind not in plain or circuit.second.kind not in plain:
        return False
    # 2, 6 and 10 hours are a winding that is connected the wrong way round
    return circuit.clock in SHIFTED_NODES or circuit.clock in AGAINST_DELTA


def connect(grid: Grid, circuit: Circuit) -> Connected:
    """The windings of a circuit that can be connected; adds star points and what earths them to the grid."""
    first, second = circuit.first, circuit.second
    if circuit.clock in AGAINST_DELTA:
        hours, by_connection = AGAINST_DELTA[circuit.clock]
        second_lags = by_connection == 1
        # which side is meant by "low" is decided as the network does it
        is_second_low = first.kv >= second.kv
        return Connected(
            (_connection(first), _connection(second)),
            (
                _nodes(grid, circuit.name, first, THREE),
                _nodes(grid, circuit.name, second, SHIFTED_NODES[hours]),
            ),
            low_side_leads=second_lags != is_second_low,
        )
    nodes = SHIFTED_NODES[circuit.clock]
    if _passes_zero(circuit):
        first_nodes = _nodes(grid, circuit.name, first, THREE)
        second_nodes = _nodes(grid, circuit.name, second, nodes)
        return Connected(("wye", "wye"), (first_nodes, second_nodes))
    # without a zero sequence the terminals cannot tell stars from deltas
    return Connected(("delta", "delta"), (THREE, nodes))


def _passes_zero(circuit: Circuit) -> bool:
    return circuit.first.kind == WYE_N == circuit.second.kind


def _connection(side: Side) -> Connection:
    return "wye" if side.kind in STARS else "delta"


def _nodes(grid: Grid, name: str, side: Side, phases: Nodes) -> Nodes:
    """Nodes of a winding: phases, and for a star its point."""
    if side.kind == DELTA:
        return phases
    if side.kind == WYE_N and side.earthing_ohm == 0:
        return (*phases, 0)
    point = grid.add_neutral(side.bus)
    if side.kind == WYE_N:
        grid.part_shunts.append(_earthing(name, side, point))
    return (*phases, point)


def _earthing(name: str, side: Side, point: int) -> Shunt:
    """The impedance between a star point and earth."""
    kv = tidy(side.bus_kv / SQRT3)
    kva = (1 / side.earthing_ohm).conjugate() * kv**2 * 1e3
    return Shunt(
        f"earthing_of_{name}_at_{side.bus}",
        side.bus,
        (point, 0),
        "wye",
        kv,
        kva.real,
        kva.imag,
        is_loss=True,
    )


def core_shunts(grid: Grid, circuit: Circuit, connected: Connected) -> Iterator[Shunt]:
    """The core of a circuit as shunts at its buses."""
    sides = (circuit.first, circuit.second)
    for k, side in enumerate(sides):
        base_s = circuit.kva / 1e3 / (side.kv * side.tap) ** 2
        of_zero = circuit.core_zero * _zero_share(circuit, side)
        yield from earth_shunts(
            grid,
            f"core_of_{circuit.name}_at_{side.bus}",
            side.bus,
            side.bus_kv,
            circuit.core / 2 * base_s,
            of_zero * base_s,
            is_loss=True,
            point=_point_of_core(grid, circuit, side, connected.nodes[k]),
        )


def _zero_share(circuit: Circuit, side: Side) -> float:
    """Part of the core that the zero sequence meets on a side."""
    if _passes_zero(circuit):
        return 0.5
    return 1.0 if side.kind == WYE_N else 0.0


def _point_of_core(grid: Grid, circuit: Circuit, side: Side, nodes: Nodes) -> int:
    """Star point of the core on a side: earth, or that of the winding where its zero sequence ends there."""
    if _passes_zero(circuit) or side.kind != WYE_N:
        return 0
    # beside a star without earth both windings stand as deltas
    star = nodes if len(nodes) > len(THREE) else _nodes(grid, circuit.name, side, THREE)
    return star[-1]
