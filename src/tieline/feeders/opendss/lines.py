"""Lines, switches and reactors of an OpenDSS circuit."""

from __future__ import annotations

from typing import Any

import numpy as np

from tieline.feeders.elements import Line, LineCode, Matrix, Nodes, Shunt
from tieline.feeders.opendss.circuit import Circuit, Properties, tidy
from tieline.units import KM_PER_UNIT


def read_lines(circuit: Circuit) -> list[Line]:
    """All lines; equal matrices share one code, named as in the file where the file names one."""
    stated, code_ratings = circuit.stated("Line"), _code_ratings_a(circuit)
    codes: dict[Any, LineCode] = {}
    return [_line(circuit, p, _rating_a(p, stated[p["Name"].lower()], code_ratings), codes) for p in circuit.elements("Line")]


def _line(circuit: Circuit, p: Properties, rating_a: float | None, codes: dict[Any, LineCode]) -> Line:
    name = p["Name"].lower()
    from_nodes, to_nodes = circuit.terminal_nodes("Line", name)
    from_bus, to_bus = circuit.bus_names("Line", name)
    km_per_unit = KM_PER_UNIT[p["Units"].lower()]
    n_open = circuit.open_conductors("Line", name, 2, len(from_nodes))
    if 0 < n_open < len(from_nodes):
        circuit.refuse("OPENDSS.PARTLY_OPEN", f"line {name}", f"{n_open} of {len(from_nodes)} conductors are open.", "Open all or none.")
    return Line(
        name=name,
        from_bus=from_bus,
        to_bus=to_bus,
        from_nodes=from_nodes,
        to_nodes=to_nodes,
        code=_shared_code(p, km_per_unit, codes),
        length_km=tidy(p["Length"] * km_per_unit),
        rating_a=rating_a,
        is_switch=bool(p["Switch"]),
        closed=n_open == 0,
    )


def _code_ratings_a(circuit: Circuit) -> dict[str, tuple[float, bool]]:
    """Normal current of each line code, and whether the file states it; the engine's default of 400 A is not data."""
    stated = circuit.stated("LineCode")
    return {code["Name"].lower(): (code["NormAmps"], "NormAmps" in stated[code["Name"].lower()]) for code in circuit.elements("LineCode")}


def _rating_a(p: Properties, stated: Properties, code_ratings: dict[str, tuple[float, bool]]) -> float | None:
    """Normal current of a line if the file states one, for the line or for its code (which hands its default on to the line)."""
    code_a, in_code = code_ratings.get(str(p["LineCode"] or "").lower(), (None, False))
    rated = in_code or ("NormAmps" in stated and p["NormAmps"] != code_a)
    return float(p["NormAmps"]) if rated and p["NormAmps"] > 0 else None


def _shared_code(p: Properties, km_per_unit: float, codes: dict[Any, LineCode]) -> LineCode:
    r, x, c = (_per_km(p[key], km_per_unit) for key in ("RMatrix", "XMatrix", "CMatrix"))
    key = (r, x, c, p["LineCode"])
    if key not in codes:
        wanted = str(p["LineCode"] or p["Name"]).lower()
        taken = {code.name for code in codes.values()}
        name = wanted if wanted not in taken else f"{wanted}-{p['Name'].lower()}"
        codes[key] = LineCode(name, r, x, c)
    return codes[key]


def _per_km(matrix: list[list[float]], km_per_unit: float) -> Matrix:
    return tuple(tuple(tidy(value / km_per_unit) for value in row) for row in matrix)


def read_reactors(circuit: Circuit) -> tuple[list[Line], list[Shunt]]:
    """Series reactors as lines of their impedance, shunt reactors as shunts; both from the engine's own primitive matrix."""
    lines, shunts = [], []
    for p in circuit.elements("Reactor"):
        name = p["Name"].lower()
        terminals = circuit.terminal_nodes("Reactor", name)
        buses = circuit.bus_names("Reactor", name)
        admittance = circuit.primitive_s("Reactor", name)
        if len(terminals) == 2 and any(terminals[1]) and buses[0] != buses[1]:
            lines.append(_series_reactor(name, buses, terminals, admittance))
        elif (shunt := _shunt_reactor(circuit, name, buses[0], terminals, admittance, p)) is not None:
            shunts.append(shunt)
    return lines, shunts


def _series_reactor(name: str, buses: list[str], terminals: list[Nodes], admittance: np.ndarray) -> Line:
    size = len(terminals[0])
    z = np.linalg.inv(admittance[:size, :size])
    r, x = (tuple(tuple(float(value) for value in row) for row in part) for part in (z.real, z.imag))
    none = tuple((0.0,) * size for _ in range(size))
    return Line(f"reactor_{name}", buses[0], buses[1], terminals[0], terminals[1], LineCode(f"reactor_{name}", r, x, none))


def _shunt_reactor(
    circuit: Circuit, name: str, bus: str, terminals: list[Nodes], admittance: np.ndarray, p: Properties
) -> Shunt | None:
    phases = terminals[0]
    own = admittance[: len(phases), : len(phases)]
    neutrals = set(terminals[1]) if len(terminals) == 2 else {0}
    is_diagonal = np.allclose(own, np.diag(np.full(len(phases), own[0, 0])))
    if p["Conn"] != "wye" or not is_diagonal or len(neutrals) != 1:
        circuit.refuse("OPENDSS.SHUNT_REACTOR", f"reactor {name}", "only uncoupled wye-connected shunt reactors can be read.")
        return None
    kv = float(p["kV"]) / (3**0.5 if len(phases) > 1 else 1)
    power = np.conj(own[0, 0]) * (kv * 1e3) ** 2 * len(phases) / 1e3
    return Shunt(f"reactor_{name}", bus, (*phases, neutrals.pop()), "wye", kv, float(power.real), float(power.imag))
