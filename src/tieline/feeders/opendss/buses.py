"""Buses: nodes, coordinates and voltage bases.

A file that leaves out `Set VoltageBases` and `CalcVoltageBases` has no bases. They are then taken from the rated voltages
of the source and the transformers; the engine matches them to buses by a no-load solution. A bus without voltage (behind an
open switch) cannot be matched so: it takes the base of the bus at the other end of a line, or behind a transformer the one that
is nearest to the rated voltage of its winding.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from tieline.feeders.elements import FIRST_NEUTRAL, Bus, Line
from tieline.feeders.opendss.circuit import DssCircuit, Report
from tieline.units import SQRT3, tidy

ENGINE_DEFAULT_BASES_KV = [0.208, 0.48, 12.47, 24.9, 34.5, 115.0, 230.0]
"""What `Set VoltageBases` holds if the file does not set it."""

CONDUCTING = (
    "Line",
    "Vsource",
    "Isource",
    "Load",
    "Transformer",
    "Capacitor",
    "Reactor",
    "Fault",
    "AutoTrans",
    "Generator",
    "Storage",
    "PVSystem",
)
"""Classes whose elements have nodes of their own; those of controls and meters only say where they measure."""

WOUND = ("Transformer", "AutoTrans")
"""Classes of elements with windings."""

SAME_BASE = 0.005
"""Two rated voltages closer than this share one base (7.2 kV line-to-neutral is 12.4708 kV, a bus of 12.47 kV)."""


def settle_bases(circuit: DssCircuit, report: Report) -> dict[str, float]:
    """Voltage base of each bus, line-to-line [kV]; also makes the engine build nodes and admittances.

    Bases that the file set stand; the others are computed. So are those that the file had computed for a bus without voltage,
    behind a switch that its control closes when the solution starts: the engine guessed them.
    """
    engine = circuit.engine
    guessed = _dead_beside_live(engine)
    stated = {bus: kv for bus, kv in _bases(engine).items() if kv > 0}
    bases = [float(kv) for kv in engine.Settings.VoltageBases()]
    # nothing but its content tells the engine's list from one that the file sets
    if not stated and bases == ENGINE_DEFAULT_BASES_KV:
        bases = _rated_kv(circuit)
        listed = ", ".join(f"{kv:g}" for kv in bases)
        what = f"The file sets no voltage bases; they are taken from the ratings of source and transformers: {listed} kV."
        report.warning("NO_VOLTAGE_BASES", f"circuit {circuit.name}", what)
        engine.Text.Command(f"set voltagebases={bases}")
    # in every case: it builds the nodes as well, and gives a base to buses that have none yet
    engine.Text.Command("calcvoltagebases")
    fed_now = guessed - _dead_beside_live(engine)
    return {
        **_bases(engine),
        **{bus: kv for bus, kv in stated.items() if bus not in fed_now},
    }


def _dead_beside_live(engine: Any) -> set[str]:
    """Buses without voltage in the engine's latest solution, if any bus of that has one."""
    highest_v = _highest_voltages_v(engine)
    bases = _bases(engine)
    dead = {bus for bus, kv in bases.items() if _is_dead(highest_v.get(bus, 0.0), kv)}
    # where no bus has voltage, the engine has not solved yet, which says nothing
    return dead if len(dead) < len(bases) else set()


def _highest_voltages_v(engine: Any) -> dict[str, float]:
    """Highest voltage of the nodes of each bus in the engine's latest solution, NaN where one is [V]."""
    # not at the top: the engine is loaded where a file is read
    from opendssdirect import DSSException

    highest: dict[str, float] = {}
    # one question for all buses: thousands of small ones take longer than all else here
    try:
        volts = list(engine.Circuit.AllBusVMag())
    except DSSException:  # nothing has been solved yet
        return highest
    names = engine.Circuit.AllNodeNames()
    for name, v in zip(names, volts, strict=True):
        bus = name.rpartition(".")[0].lower()
        before = highest.get(bus, 0.0)
        highest[bus] = v if math.isnan(v) or v > before else before
    return highest


def _is_dead(highest_v: float, base_kv: float) -> bool:
    """Whether a bus has less than a thousandth of its base (volts against kilovolts)."""
    return highest_v < base_kv


def _bases(engine: Any) -> dict[str, float]:
    """Base of each bus as the engine has it now, 0 if unknown."""
    bases = {}
    for k, name in enumerate(engine.Circuit.AllBusNames()):
        engine.Circuit.SetActiveBusi(k)
        # the engine stores kV/sqrt3; undo its rounding
        bases[name.lower()] = tidy(engine.Bus.kVBase() * SQRT3)
    return bases


def _rated_kv(circuit: DssCircuit) -> list[float]:
    # `objects`, not `records`: these are kept, and the engine has no nodes for them yet
    rated = [
        _line_to_line(o["BasekV"], o["Phases"], "wye")
        for o in circuit.objects("Vsource", full=True)
        if o["Enabled"]
    ]
    units = [
        unit
        for kind in WOUND
        for unit in circuit.objects(kind, full=True)
        if unit["Enabled"]
    ]
    for unit in units:
        rated += [
            _line_to_line(kv, unit["Phases"], conn)
            for kv, conn in zip(unit["kVs"], unit["Conns"], strict=True)
        ]
    bases: list[float] = []
    for kv in rated:
        if all(abs(kv - base) > SAME_BASE * base for base in bases):
            bases.append(kv)
    return bases


def _line_to_line(kv: float, phases: int, connection: str) -> float:
    return round(kv * SQRT3, 6) if phases == 1 and connection.lower() != "delta" else kv


def read_buses(
    circuit: DssCircuit, base_kv: dict[str, float], lines: list[Line], report: Report
) -> list[Bus]:
    """All buses with at least one node besides ground that an element is connected to."""
    connected = _connected_nodes(circuit)
    buses: list[Bus] = []
    dead: set[str] = set()
    engine = circuit.engine
    highest_v = _highest_voltages_v(engine)
    has_answer = True
    for k, raw_name in enumerate(engine.Circuit.AllBusNames()):
        engine.Circuit.SetActiveBusi(k)
        bus = engine.Bus
        name = raw_name.lower()
        base = base_kv.get(name, 0.0)
        engine_nodes = {int(node) for node in bus.Nodes() if node > 0}
        nodes = engine_nodes & connected.get(name, set())
        lonely = engine_nodes - nodes
        makers = _makers_of(circuit, name, lonely)
        _report_lonely_nodes(name, lonely, makers, report)
        bus_v = highest_v.get(name, 0.0)
        is_singular = bool(makers) or math.isnan(bus_v)
        has_answer = has_answer and not is_singular
        if not nodes:
            continue
        xy = (float(bus.X()), float(bus.Y())) if bus.Coorddefined() else (None, None)
        buses.append(Bus(name, tuple(sorted(nodes)), base, *xy))
        if _is_dead(bus_v, base):
            dead.add(name)
    kv = {bus.name: bus.kv_ll for bus in buses}
    # lines first: their two ends have one base, while that of a winding is a guess
    _take_over_lines(kv, dead, lines)
    _take_over_windings(kv, dead, lines, circuit)
    # without an answer of the engine all bases are guesses, which is no second fault
    if has_answer:
        _report_bases(kv, dead, report)
    return [Bus(bus.name, bus.phases, kv[bus.name], bus.x, bus.y) for bus in buses]


def _connected_nodes(circuit: DssCircuit) -> dict[str, set[int]]:
    """Nodes of each bus that a conductor of some element ends at."""
    nodes: dict[str, set[int]] = {}
    for kind in CONDUCTING:
        for record in circuit.records(kind):
            for terminal in record.terminals:
                nodes.setdefault(terminal.bus, set()).update(terminal.nodes)
    return nodes


def _makers_of(circuit: DssCircuit, bus: str, lonely: set[int]) -> list[str]:
    """The controls that make nodes of a bus where no element has one, as findings call them."""
    if not lonely:
        return []
    makers = []
    for kind in ("CapControl", "RegControl"):
        for record in circuit.records(kind):
            nodes = {
                node for end in record.terminals if end.bus == bus for node in end.nodes
            }
            if nodes & lonely:
                makers.append(record.component)
    return makers


def _report_lonely_nodes(
    bus: str, lonely: set[int], makers: list[str], report: Report
) -> None:
    """Name the controls that make nodes without an element: the engine's matrix is singular with them."""
    listed = ", ".join(f"{bus}.{node}" for node in sorted(lonely))
    what = f"It makes OpenDSS add {listed}, where nothing is connected: it has no answer then."
    remedy = "Let it measure at an element with as many phases as what it controls."
    for component in makers:
        report.error("CONTROL_NODE", component, what, remedy)


def _take_over_lines(kv: dict[str, float], dead: set[str], lines: list[Line]) -> None:
    """Give dead buses the base of a live bus that lines, open or closed, lead to."""
    links = [
        (line.from_bus, line.to_bus)
        for line in lines
        if dead & {line.from_bus, line.to_bus}
    ]
    links += [(end, start) for start, end in links]
    is_spreading = True
    # a base taken over may be handed on to the next dead bus, in whatever order the links come
    while is_spreading:
        is_spreading = False
        for bus, neighbour in links:
            if bus in dead and neighbour not in dead:
                kv[bus] = kv[neighbour]
                dead.discard(bus)
                is_spreading = True


def _take_over_windings(
    kv: dict[str, float], dead: set[str], lines: list[Line], circuit: DssCircuit
) -> None:
    """Give dead buses the base nearest to the rated voltage of a winding there, and from them those that lines lead to."""
    bases = [float(base) for base in circuit.engine.Settings.VoltageBases()]
    for bus, rated_kv in _windings(circuit):
        if bus in dead and bases:
            kv[bus] = min(bases, key=lambda base: abs(base - rated_kv))
            dead.discard(bus)
            _take_over_lines(kv, dead, lines)


def _windings(circuit: DssCircuit) -> Iterator[tuple[str, float]]:
    """Bus and rated line-to-line voltage [kV] of every winding."""
    units = [unit for kind in WOUND for unit in circuit.records(kind)]
    for unit in units:
        for terminal, kv, connection in zip(
            unit.terminals, unit["kVs"], unit["Conns"], strict=True
        ):
            is_between_phases = all(0 < node < FIRST_NEUTRAL for node in terminal.nodes)
            yield (
                terminal.bus,
                kv
                if is_between_phases
                else _line_to_line(kv, unit["Phases"], connection),
            )


def _report_bases(kv: dict[str, float], dead: set[str], report: Report) -> None:
    for name, base in kv.items():
        if base <= 0:
            report.error(
                "NO_VOLTAGE_BASE",
                f"bus {name}",
                "It has no voltage base.",
                "Set it with SetkVBase.",
            )
        elif name in dead:
            what = "Nothing feeds it, so its voltage base is a guess."
            report.warning(
                "BASE_OF_DEAD_BUS", f"bus {name}", what, "Set it with SetkVBase."
            )
