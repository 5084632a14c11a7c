"""What hangs at the nodes of a data set: sources, loads, generators, shunts.

A generator of constant current or impedance becomes a load that takes less than nothing, since a generator of ours gives constant
power. One with a voltage regulator holds the voltage of its node.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from tieline.feeders.elements import (
    CONSTANT_CURRENT,
    CONSTANT_IMPEDANCE,
    CONSTANT_POWER,
    Generator,
    Load,
    Shunt,
    Source,
)
from tieline.feeders.power_grid_model.grid import THREE, Grid
from tieline.feeders.power_grid_model.rows import Row
from tieline.feeders.power_grid_model.sequences import earth_shunts
from tieline.units import SQRT3, tidy

SHARES = {0: CONSTANT_POWER, 1: CONSTANT_IMPEDANCE, 2: CONSTANT_CURRENT}
"""What `type` says of how power follows voltage. Source: power-grid-model, `LoadGenType`."""

USUAL_SK_VA = 1e10
USUAL_RX = 0.1
USUAL_Z01 = 1.0
"""Of sources that do not state them. Source: power-grid-model documentation, "Source"."""


def read_sources(grid: Grid) -> tuple[Source, ...]:
    """Sources in service, behind the impedance of their short-circuit power."""
    return tuple(_source(grid, row) for row in grid.rows("source") if row["status"])


def _source(grid: Grid, row: Row) -> Source:
    kv_ll = grid.kv(row["node"])
    z_ohm = kv_ll**2 * 1e6 / row.get("sk", USUAL_SK_VA)
    rx_ratio = row.get("rx_ratio", USUAL_RX)
    z01_ratio = row.get("z01_ratio", USUAL_Z01)
    x1_ohm = z_ohm / math.hypot(1.0, rx_ratio)
    r1_ohm = x1_ohm * rx_ratio
    return Source(
        grid.element_name(row),
        grid.bus_name(row["node"]),
        grid.phases,
        kv_ll,
        row["u_ref"],
        math.degrees(row.get("u_ref_angle", 0.0)),
        r1_ohm,
        x1_ohm,
        r1_ohm * z01_ratio,
        x1_ohm * z01_ratio,
    )


def read_loads(grid: Grid) -> tuple[Load, ...]:
    """Loads, and generators whose power follows the voltage."""
    loads: list[Load] = []
    for kind in ("sym_load", "asym_load"):
        for row in _in_service(grid, kind):
            loads += _loads(grid, row, 1.0)
    for row in _generator_rows(grid):
        if not _is_constant_power(row):
            loads += _loads(grid, row, -1.0)
    return tuple(loads)


def _in_service(grid: Grid, kind: str) -> Iterator[Row]:
    for row in grid.rows(kind):
        if row["type"] not in SHARES:
            where = f"{kind} {row['id']}"
            message = f"type {row['type']} is not known."
            grid.refuse("LOAD_TYPE", where, message, "Give 0, 1 or 2.")
        elif row["status"]:
            yield row


def _generator_rows(grid: Grid) -> list[Row]:
    return [*_in_service(grid, "sym_gen"), *_in_service(grid, "asym_gen")]


def _is_constant_power(row: Row) -> bool:
    return SHARES[row["type"]] == CONSTANT_POWER


def _loads(grid: Grid, row: Row, sign: float) -> Iterator[Load]:
    """A load of all phases; where the power of a phase differs, one of each phase that takes any."""
    shares = SHARES[row["type"]]
    for place, p_w, q_var in _parts(grid, row):
        p_kw = tidy(sign * p_w / 1e3)
        q_kvar = tidy(sign * q_var / 1e3)
        yield Load(**place, p_kw=p_kw, q_kvar=q_kvar, zip_p=shares, zip_q=shares)


def _parts(grid: Grid, row: Row) -> Iterator[tuple[dict[str, Any], float, float]]:
    """Name and place of each element that a load or generator becomes, with its active and reactive power [W, var]."""
    name = grid.element_name(row)
    p_w = row["p_specified"]
    q_var = row["q_specified"]
    if not isinstance(p_w, list):
        yield _place(grid, row, name), p_w, q_var
        return
    is_balanced = len(set(p_w)) == 1 and len(set(q_var)) == 1
    if is_balanced:
        yield _place(grid, row, name), sum(p_w), sum(q_var)
        return
    for phase, p_of_phase, q_of_phase in zip(THREE, p_w, q_var, strict=True):
        if p_of_phase or q_of_phase:
            place = _place(grid, row, f"{name}_{phase}")
            place["nodes"] = (phase, 0)
            yield place, p_of_phase, q_of_phase


def _place(grid: Grid, row: Row, name: str) -> dict[str, Any]:
    kv_ll = grid.kv(row["node"])
    return {
        "name": name,
        "bus": grid.bus_name(row["node"]),
        "nodes": grid.to_ground,
        "connection": "wye",
        "kv": kv_ll / SQRT3 if grid.is_three_phase else kv_ll,
    }


def read_generators(grid: Grid) -> tuple[Generator, ...]:
    """Generators of constant power, and those that a regulator makes hold a voltage."""
    holding = _held_voltages(grid)
    generators = []
    for row in _generator_rows(grid):
        set_point = holding.get(row["id"], {})
        # one whose power follows the voltage has become a load
        if _is_constant_power(row):
            generators += _generators(grid, row, set_point)
        elif set_point:
            _refuse_holder(grid, row)
    _check_regulated(grid, holding)
    return tuple(generators)


def _generators(grid: Grid, row: Row, set_point: dict[str, Any]) -> Iterator[Generator]:
    parts = list(_parts(grid, row))
    # three machines of one phase would each hold its own voltage
    if set_point and len(parts) > 1:
        _refuse_holder(grid, row)
        return
    for place, p_w, q_var in parts:
        p_kw = tidy(p_w / 1e3)
        q_kvar = tidy(q_var / 1e3)
        # a set states no rating, for which the power of the snapshot stands in
        rated_kva = tidy(math.hypot(p_kw, q_kvar))
        power = {"p_kw": p_kw, "q_kvar": q_kvar}
        yield Generator(**place, rated_kva=rated_kva, **power, **set_point)


def _held_voltages(grid: Grid) -> dict[int, dict[str, Any]]:
    """What regulated generators hold, by their id."""
    holding = {}
    for row in grid.rows("voltage_regulator"):
        if row["status"]:
            set_point: dict[str, Any] = {"held_v_pu": row["u_ref"]}
            # the format takes limits in either order, and both or none
            if "q_min" in row and "q_max" in row:
                limits = sorted((row["q_min"], row["q_max"]))
                set_point["held_q_low_kvar"] = limits[0] / 1e3
                set_point["held_q_high_kvar"] = limits[1] / 1e3
            holding[row["regulated_object"]] = set_point
    return holding


def _check_regulated(grid: Grid, holding: dict[int, dict[str, Any]]) -> None:
    """What is regulated is a generator; a load that holds a voltage has no counterpart here."""
    rows = (*grid.rows("sym_gen"), *grid.rows("asym_gen"))
    generators = {row["id"] for row in rows}
    for number in holding.keys() - generators:
        message = f"what it regulates, {number}, is no generator."
        remedy = "Make it a sym_gen of negative power."
        grid.refuse("REGULATED_OBJECT", "voltage_regulator", message, remedy)


def _refuse_holder(grid: Grid, row: Row) -> None:
    message = (
        "it holds a voltage, and its power is not constant and equal in all phases."
    )
    grid.refuse(
        "HOLDER", f"generator {row['id']}", message, "Make it a sym_gen of type 0."
    )


def read_shunts(grid: Grid) -> tuple[Shunt, ...]:
    """Shunts in service."""
    shunts: list[Shunt] = []
    for row in grid.rows("shunt"):
        if row["status"]:
            shunts += earth_shunts(
                grid,
                grid.element_name(row),
                grid.bus_name(row["node"]),
                grid.kv(row["node"]),
                complex(row["g1"], row["b1"]),
                complex(row.get("g0", 0.0), row.get("b0", 0.0)),
                is_loss=False,
            )
    return tuple(shunts)
