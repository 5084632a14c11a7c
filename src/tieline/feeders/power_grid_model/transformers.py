"""Transformers of a data set, and generic branches, which are transformers stated by their circuit.

In a single-phase equivalent a unit has its phase shift and half of its core on either winding. In three phases `windings` says
what makes the shift and where the core stands. A unit that is open on one side is its core, seen through its impedance.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from tieline.feeders.elements import Connection, Nodes, Transformer, Winding
from tieline.feeders.power_grid_model.circuits import (
    Circuit,
    Side,
    three_winding_circuits,
    two_winding_circuit,
)
from tieline.feeders.power_grid_model.grid import Grid
from tieline.feeders.power_grid_model.rows import Row
from tieline.feeders.power_grid_model.sequences import earth_shunts
from tieline.feeders.power_grid_model.windings import can_connect, connect, core_shunts
from tieline.units import S_BASE_KVA, tidy

DEGREES_PER_HOUR = 30.0


def read_transformers(grid: Grid) -> tuple[Transformer, ...]:
    """Transformers of two and three windings and generic branches, as far as they are closed on both sides."""
    circuits = [two_winding_circuit(grid, row) for row in grid.rows("transformer")]
    for row in grid.rows("three_winding_transformer"):
        circuits += three_winding_circuits(grid, row)
    transformers: list[Transformer] = []
    for circuit in circuits:
        transformers += _transformer(grid, circuit)
    for row in grid.rows("generic_branch"):
        transformers += _generic(grid, row)
    return tuple(transformers)


def _transformer(grid: Grid, circuit: Circuit) -> Iterator[Transformer]:
    """The unit, unless it is open."""
    if not (circuit.first.is_closed and circuit.second.is_closed):
        _leave_out(grid, circuit)
    elif not grid.is_three_phase:
        yield _of_one_phase(circuit)
    elif can_connect(circuit):
        yield _of_three_phases(grid, circuit)
    else:
        _refuse_windings(grid, circuit)


def _refuse_windings(grid: Grid, circuit: Circuit) -> None:
    kinds = f"{circuit.first.kind} and {circuit.second.kind}"
    message = f"windings of type {kinds} at clock {circuit.clock}, zigzag or reversed, in a set with asymmetric components."
    remedy = "Give it another vector group, or make the set symmetric."
    grid.refuse("WINDINGS", f"transformer {circuit.name}", message, remedy)


def _leave_out(grid: Grid, circuit: Circuit) -> None:
    """An open unit: nothing, or its core at the side that is closed."""
    sides = (circuit.first, circuit.second)
    closed = [side for side in sides if side.is_closed]
    if not closed or circuit.core == 0:
        return
    if grid.is_three_phase:
        message = "it is open on one side and left out with its core loss."
        grid.warn("TRANSFORMER_OPEN", f"transformer {circuit.name}", message)
        return
    side = closed[0]
    # half of the core at either side; the far half is seen through the leakage
    half = circuit.core / 2
    behind = 1 / (circuit.series + 1 / half)
    base_s = circuit.kva / 1e3 / (side.kv * side.tap) ** 2
    name = f"core_of_{circuit.name}"
    seen_s = (half + behind) * base_s
    shunts = earth_shunts(grid, name, side.bus, side.bus_kv, seen_s, 0j, is_loss=True)
    grid.part_shunts.extend(shunts)


def _of_one_phase(circuit: Circuit) -> Transformer:
    half = circuit.core / 2
    nodes = (1, 0)
    return Transformer(
        circuit.name,
        1,
        (
            _winding(circuit, circuit.first, nodes, circuit.series.real),
            _winding(circuit, circuit.second, nodes, 0.0),
        ),
        (tidy(circuit.series.imag * 100),),
        noload_loss_pct=tidy(half.real * 100),
        magnetizing_pct=tidy(-half.imag * 100),
        first_noload_loss_pct=tidy(half.real * 100),
        first_magnetizing_pct=tidy(-half.imag * 100),
        shift_deg=circuit.clock * DEGREES_PER_HOUR,
    )


def _winding(
    circuit: Circuit,
    side: Side,
    nodes: Nodes,
    r_pu: float,
    connection: Connection = "wye",
) -> Winding:
    low, high = side.tap_range
    return Winding(
        side.bus,
        nodes,
        connection,
        side.kv,
        circuit.kva,
        tidy(r_pu * 100),
        side.tap,
        low,
        high,
    )


def _of_three_phases(grid: Grid, circuit: Circuit) -> Transformer:
    connected = connect(grid, circuit)
    grid.part_shunts.extend(core_shunts(grid, circuit, connected))
    first_nodes, second_nodes = connected.nodes
    first, second = connected.connections
    return Transformer(
        circuit.name,
        3,
        (
            _winding(circuit, circuit.first, first_nodes, circuit.series.real, first),
            _winding(circuit, circuit.second, second_nodes, 0.0, second),
        ),
        (tidy(circuit.series.imag * 100),),
        low_side_leads=connected.low_side_leads,
    )


def _generic(grid: Grid, row: Row) -> Iterator[Transformer]:
    """A branch of any ratio and shift, per unit of 1 MVA at its second node."""
    where = f"generic_branch {row['id']}"
    is_closed = [bool(row[f"{end}_status"]) for end in ("from", "to")]
    if grid.is_three_phase:
        message = "it has no zero sequence, and the set has asymmetric components."
        grid.refuse("GENERIC_BRANCH", where, message, "Make it a line or transformer.")
    elif all(is_closed):
        yield _generic_transformer(grid, row)
    elif any(is_closed) and (row["g1"] or row["b1"]):
        message = "it is open on one side, where it keeps its charging."
        remedy = "Open both sides, or set g1 and b1 to 0."
        grid.refuse("GENERIC_BRANCH", where, message, remedy)


def _generic_transformer(grid: Grid, row: Row) -> Transformer:
    first, second = row["from_node"], row["to_node"]
    base_ohm = grid.kv(second) ** 2 * 1e3 / S_BASE_KVA
    series_pct = complex(row["r1"], row["x1"]) / base_ohm * 100
    half_pct = complex(row["g1"], row["b1"]) * base_ohm / 2 * 100
    nodes = (1, 0)
    ratio = row.get("k", 1.0)
    # as wide as it is used, since a generic branch has no tap changer
    low, high = min(ratio, 1.0), max(ratio, 1.0)
    windings = (
        Winding(
            grid.bus_name(first),
            nodes,
            "wye",
            grid.kv(first),
            S_BASE_KVA,
            tidy(series_pct.real),
            ratio,
            low,
            high,
        ),
        Winding(grid.bus_name(second), nodes, "wye", grid.kv(second), S_BASE_KVA),
    )
    rating_kva = row.get("sn", 0.0) / 1e3
    return Transformer(
        grid.element_name(row),
        1,
        windings,
        (tidy(series_pct.imag),),
        noload_loss_pct=tidy(half_pct.real),
        magnetizing_pct=tidy(-half_pct.imag),
        first_noload_loss_pct=tidy(half_pct.real),
        first_magnetizing_pct=tidy(-half_pct.imag),
        shift_deg=math.degrees(row.get("theta", 0.0)),
        rating_kva=rating_kva or None,
    )
