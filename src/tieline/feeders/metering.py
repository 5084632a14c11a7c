"""Where a capacitor control measures: at which element, and there at one conductor or across a phase of its bank."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from tieline.feeders.elements import Capacitor, CapacitorControl, MeteredKind
from tieline.feeders.feeder import Feeder

GROUND = 0
"""Stands for ground among the conductors of a terminal, which count from 1."""

MeteredNames = Mapping[MeteredKind, Collection[str]]
"""Names of the elements that can be measured at, of each kind."""


def metered_names(feeder: Feeder) -> MeteredNames:
    """The lines, transformers and banks of a feeder, in the order in which a control without a kind looks for its element."""
    return {
        "line": {line.name for line in feeder.lines},
        "transformer": {unit.name for unit in feeder.transformers},
        "capacitor": {bank.name for bank in feeder.capacitors},
    }


def metered_kind(control: CapacitorControl, names: MeteredNames) -> MeteredKind | None:
    """What a control measures at; None if its element is not among the names."""
    for kind, of_kind in names.items():
        is_meant = control.element_kind in (None, kind)
        if is_meant and control.element in of_kind:
            return kind
    return None


def looks_at_voltage(control: CapacitorControl) -> bool:
    """Whether a control needs a voltage at all."""
    return control.kind == "voltage" or control.voltage_override


def voltage_conductors(control: CapacitorControl, bank: Capacitor) -> tuple[int, int]:
    """The two conductors of the metered terminal between which the voltage is taken, counted from 1, the second may be `GROUND`.

    For a bank in delta the second is the one that follows among as many conductors as the bank has; as in OpenDSS.
    """
    if bank.connection != "delta":
        return control.phase, GROUND
    follower = control.phase + 1
    return control.phase, follower if follower <= len(bank.nodes) else 1
