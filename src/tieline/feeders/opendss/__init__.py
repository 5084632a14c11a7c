"""OpenDSS circuits: `read_opendss(path) -> Feeder`.

The OpenDSS engine compiles the file (`script`), so that every default and every shorthand of the language is the engine's own; what it then knows is
read back (`circuit`) and turned into our elements (`lines`, `transformers`, `devices`). What is approximated or left out is a warning
with a code in `Feeder.notes`; what would make the answer wrong is refused, all reasons together. Left out: everything that changes with time.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tieline.feeders.elements import Bus, Nodes, Source
from tieline.feeders.feeder import Feeder
from tieline.feeders.findings import FeederError
from tieline.feeders.opendss.circuit import Circuit, tidy
from tieline.feeders.opendss.devices import read_generators, read_loads, read_pvs, read_storages
from tieline.feeders.opendss.lines import read_lines, read_reactors
from tieline.feeders.opendss.script import compile_script
from tieline.feeders.opendss.transformers import read_capacitor_controls, read_capacitors, read_regulators, read_transformers
from tieline.units import SQRT3

CANNOT_BE_READ = ("Isource", "VCCS", "UPFC", "AutoTrans", "Fault", "IndMach012", "GICLine", "GICTransformer", "GICsource", "WindGen")
"""Classes that would change the power flow."""

DROPPED = {
    "LoadShape": "time series are given to a study, not read from the file",
    "InvControl": "inverters keep the power the file states",
    "ExpControl": "inverters keep the power the file states",
    "StorageController": "storage keeps the state the file states",
    "GenDispatcher": "generators keep the power the file states",
    "SwtControl": "switches stay as they are",
    "Fuse": "protection does not act",
    "Recloser": "protection does not act",
    "Relay": "protection does not act",
    "EnergyMeter": "it only measures",
    "Monitor": "it only measures",
    "Sensor": "it only measures",
}
"""Classes that are left out, and what that means."""

ENGINE_SHAPES = 1
"""The engine defines this many load shapes ("default") by itself."""


def read_opendss(path: Path) -> Feeder:
    """Read an OpenDSS master file.

    Args:
        path: the `.dss` file that defines the circuit.

    Returns:
        The feeder, taps and capacitors as the file states them, warnings in `notes`.

    Raises:
        InputError: if a file is missing or the engine refuses a line.
        FeederError: if the circuit holds something that cannot be represented.
        MissingExtraError: if opendssdirect.py is not installed.
    """
    circuit = Circuit(compile_script(path))
    _ensure_voltage_bases(circuit)
    lines = read_lines(circuit)
    reactor_lines, shunts = read_reactors(circuit)
    feeder = Feeder(
        name=str(circuit.engine.Circuit.Name()).lower(),
        title=f"OpenDSS circuit {path.name}",
        origin=f"read from {path.name}",
        buses=tuple(_buses(circuit)),
        sources=tuple(_sources(circuit)),
        lines=(*lines, *reactor_lines),
        transformers=tuple(read_transformers(circuit)),
        regulators=tuple(read_regulators(circuit)),
        capacitors=tuple(read_capacitors(circuit)),
        capacitor_controls=tuple(read_capacitor_controls(circuit)),
        loads=tuple(read_loads(circuit)),
        pvs=tuple(read_pvs(circuit)),
        storages=tuple(read_storages(circuit)),
        generators=tuple(read_generators(circuit)),
        shunts=tuple(shunts),
        frequency_hz=float(circuit.engine.Solution.Frequency()),
    )
    _note_the_rest(circuit)
    errors = [finding for finding in circuit.findings if finding.severity == "error"]
    if errors:
        raise FeederError(feeder.name, errors)
    return feeder.replace(notes=tuple(circuit.findings))


def _ensure_voltage_bases(circuit: Circuit) -> None:
    """Have the engine work out the bases if the file did not; they come from a power flow without load."""
    engine = circuit.engine
    if not engine.Circuit.AllBusNames() or all(_bus_kv(engine, name) == 0 for name in engine.Circuit.AllBusNames()):
        rated = [float(source["BasekV"]) for source in circuit.elements("Vsource")]
        for transformer in circuit.elements("Transformer"):
            many = int(transformer["Phases"]) > 1
            rated += [float(kv) * (1 if many or conn.lower() == "delta" else SQRT3) for kv, conn in zip(transformer["kV"], transformer["Conn"])]
        engine.Text.Command(f"set voltagebases=[{' '.join(f'{kv:.6g}' for kv in sorted(set(rated)))}]")
        engine.Text.Command("calcvoltagebases")
        circuit.warn("OPENDSS.VOLTAGE_BASES", "circuit", "the file sets no voltage bases; they are taken from source and transformer ratings.")


def _bus_kv(engine: Any, name: str) -> float:
    engine.Circuit.SetActiveBus(name)
    return float(engine.Bus.kVBase())


def _buses(circuit: Circuit) -> list[Bus]:
    engine = circuit.engine
    buses = []
    for name in engine.Circuit.AllBusNames():
        kv_ln = _bus_kv(engine, name)
        phases: Nodes = tuple(sorted(int(node) for node in engine.Bus.Nodes() if node > 0))
        placed = bool(engine.Bus.Coorddefined())
        x, y = (float(engine.Bus.X()), float(engine.Bus.Y())) if placed else (None, None)
        if kv_ln <= 0:
            circuit.refuse("OPENDSS.NO_VOLTAGE_BASE", f"bus {name}", "has no voltage base.", "Add it to VoltageBases and use CalcVoltageBases.")
        buses.append(Bus(name.lower(), phases, tidy(kv_ln * SQRT3), x, y))
    return buses


def _sources(circuit: Circuit) -> list[Source]:
    return [_source(circuit, p) for p in circuit.elements("Vsource")]


def _source(circuit: Circuit, p: dict[str, Any]) -> Source:
    name = p["Name"].lower()
    terminals, buses = circuit.terminal_nodes("Vsource", name), circuit.bus_names("Vsource", name)
    if any(terminals[1]):
        circuit.refuse("OPENDSS.SERIES_SOURCE", f"vsource {name}", "is not tied to ground.")
    if p["Z2"] != p["Z1"]:
        circuit.warn("OPENDSS.SOURCE_Z2", f"vsource {name}", "its negative-sequence impedance is taken equal to the positive one.")
    (r1, x1), (r0, x0) = p["Z1"], p["Z0"]
    kv_ll = float(p["BasekV"]) if int(p["Phases"]) > 1 else float(p["BasekV"]) * SQRT3
    return Source(name, buses[0], terminals[0], kv_ll, float(p["pu"]), float(p["Angle"]), *(tidy(z) for z in (r1, x1, r0, x0)))


def _note_the_rest(circuit: Circuit) -> None:
    """Name, once per class, what the file holds and the feeder does not."""
    for kind in CANNOT_BE_READ:
        count = circuit.count(kind) if kind in circuit.classes else 0
        if count:
            circuit.refuse(f"OPENDSS.{kind.upper()}", kind.lower(), f"{count} elements of this class cannot be represented.")
    for kind, meaning in DROPPED.items():
        count = circuit.count(kind) if kind in circuit.classes else 0
        count -= ENGINE_SHAPES if kind == "LoadShape" else 0
        if count > 0:
            circuit.warn(f"OPENDSS.{kind.upper()}_DROPPED", kind.lower(), f"{count} left out: {meaning}.")
