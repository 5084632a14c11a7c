"""The parts of a feeder, as the utility knows them. All frozen; a field without a unit in its name says it in its comment.

How an element is tied to a bus: `nodes` lists conductor numbers of that bus, one per terminal conductor. 1, 2, 3 are the phases
(on a split-phase secondary 1 and 2 are the two hot legs), 4 and up further conductors such as an ungrounded neutral, 0 is
ground. A wye element lists its phases and then its neutral, `(1, 2, 3, 0)` or `(2, 0)`; a delta element lists phases only, `(1,
2, 3)`, or the two ends of its one branch, `(1, 2)`.
"""

from tieline.feeders.elements.controls import CapacitorControl, Regulator
from tieline.feeders.elements.devices import Der, Generator, Load, Pv, Storage
from tieline.feeders.elements.grid import (
    Bus,
    Capacitor,
    CurrentSource,
    Line,
    LineCode,
    Shunt,
    Source,
    Transformer,
    Winding,
)
from tieline.feeders.elements.inverters import InverterControl
from tieline.feeders.elements.shapes import Shape
from tieline.feeders.elements.terms import (
    CONSTANT_CURRENT,
    CONSTANT_IMPEDANCE,
    CONSTANT_POWER,
    FIRST_NEUTRAL,
    CapacitorControlKind,
    Connection,
    LoadModel,
    Matrix,
    MeteredKind,
    Nodes,
    OpenEnd,
    PhaseRule,
    ReverseMode,
    WatchedPhases,
)

__all__ = [
    "CONSTANT_CURRENT",
    "CONSTANT_IMPEDANCE",
    "CONSTANT_POWER",
    "FIRST_NEUTRAL",
    "Bus",
    "Capacitor",
    "CapacitorControl",
    "CapacitorControlKind",
    "Connection",
    "CurrentSource",
    "Der",
    "Generator",
    "InverterControl",
    "Line",
    "LineCode",
    "Load",
    "LoadModel",
    "Matrix",
    "MeteredKind",
    "Nodes",
    "OpenEnd",
    "PhaseRule",
    "Pv",
    "Regulator",
    "ReverseMode",
    "Shape",
    "Shunt",
    "Source",
    "Storage",
    "Transformer",
    "WatchedPhases",
    "Winding",
]
