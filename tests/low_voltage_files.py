"""Files as a user brings them: low-voltage networks in the manner of CIGRE's European benchmark, and the TOML that joins them.

Layout and cables: CIGRE TF C6.04.02, Benchmark Systems for Network Integration of Renewable and Distributed Energy Resources,
2014, residential subnetwork. Loads are split among phases unevenly; the devices are made up, several of some kinds.
"""

from __future__ import annotations

import itertools
from pathlib import Path

TRUNK = ("r1", "r2", "r3", "r4", "r5", "r6", "r7", "r8", "r9", "r10")
LATERALS = (
    ("r3", "r11", 30),
    ("r4", "r12", 35),
    ("r12", "r15", 100),
    ("r6", "r16", 30),
    ("r9", "r17", 30),
    ("r10", "r18", 30),
)
LOADS_KW = {
    "r11.1": 9,
    "r11.2": 5,
    "r15.1": 20,
    "r15.2": 14,
    "r15.3": 16,
    "r16": 40,
    "r17.2": 20,
    "r17.3": 12,
    "r18": 42,
}
PV = (
    "New PVSystem.roof17 bus1=r17.2 phases=1 kv=0.231 kva=20 pmpp=18 irradiance=1",
    "New PVSystem.roofs18 bus1=r18 phases=3 kv=0.4 kva=66 pmpp=60 irradiance=1",
)
GENERATORS = (
    "New Generator.chp1 bus1=r16 phases=3 kv=0.4 kw=0 kva=60",
    "New Generator.chp2 bus1=r18 phases=3 kv=0.4 kw=0 kva=40",
)
BATTERIES = (
    "New Storage.cells bus1=r18 phases=3 kv=0.4 kwrated=30 kwhrated=60 kva=35 %stored=50 %reserve=10",
    "New Storage.home15 bus1=r15.1 phases=1 kv=0.231 kwrated=5 kwhrated=10 kva=6 %stored=50 %reserve=10",
)

COMPOSITION = """
host = "ieee123"

[transformer]
kva = 250.0
r_pct = 1.2
x_pct = 4.0
connection = "delta-wye"

[[part]]
name = "homes"
feeder = "residential.dss"
host_bus = "47"
frequency_hz = 60

[[part]]
name = "shops"
feeder = "commercial.dss"
host_bus = "76"
frequency_hz = 60

[[part]]
name = "works"
feeder = "industrial.dss"
host_bus = "300"
frequency_hz = 60
load_kw = 120.0
"""


def write_low_voltage_files(folder: Path) -> Path:
    """Homes with everything, shops with PV alone, works without PV; returns the path of the composition."""
    devices = {
        "residential": (*PV, *GENERATORS, *BATTERIES),
        "commercial": PV,
        "industrial": (*GENERATORS, BATTERIES[0]),
    }
    for name, lines in devices.items():
        text = "\n".join([_circuit(name), *lines, ""])
        (folder / f"{name}.dss").write_text(text, encoding="utf-8")
    path = folder / "estates.toml"
    path.write_text(COMPOSITION, encoding="utf-8")
    return path


def _circuit(name: str) -> str:
    lines = [
        "Clear",
        "Set DefaultBaseFrequency=50",
        f"New Circuit.{name} basekv=0.4 pu=1.0 phases=3 bus1=r1 R1=0.0004 X1=0.0008",
        "New Linecode.ug1 nphases=3 r1=0.162 x1=0.0832 r0=0.648 x0=0.25 c1=0 c0=0 units=km",
        "New Linecode.ug3 nphases=3 r1=0.822 x1=0.0847 r0=2.4 x0=0.30 c1=0 c0=0 units=km",
    ]
    for begin, end in itertools.pairwise(TRUNK):
        lines.append(_line(begin, end, "ug1", 35))
    lines += [_line(begin, end, "ug3", metres) for begin, end, metres in LATERALS]
    for place, p_kw in LOADS_KW.items():
        phases, kv = (1, 0.231) if "." in place else (3, 0.4)
        load = place.replace(".", "_")
        lines.append(
            f"New Load.{load} bus1={place} phases={phases} kv={kv} kw={p_kw} pf=0.95"
        )
    return "\n".join([*lines, "Set Voltagebases=[0.4]", "Calcvoltagebases"])


def _line(begin: str, end: str, code: str, metres: int) -> str:
    return f"New Line.{begin}_{end} bus1={begin} bus2={end} linecode={code} length={metres} units=m"
