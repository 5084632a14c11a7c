"""What studies add to a feeder before they ask: devices over all phases of a bus, ratings for lines that have none."""

from __future__ import annotations

import dataclasses

from tieline.errors import InputError
from tieline.feeders.elements import Connection, Nodes
from tieline.feeders.feeder import Feeder
from tieline.network.voltage_points import PHASES
from tieline.units import SQRT3


def connection_at(feeder: Feeder, name: str, grounded: set[str]) -> tuple[Nodes, Connection, float]:
    """Nodes, connection and rated kV of a device over all phases of a bus; between phases where the bus floats.

    Args:
        feeder: the feeder.
        name: the bus, as the feeder spells it.
        grounded: buses with a connection to ground, see `grounded_buses`.

    Raises:
        InputError: if the bus has no phase.
    """
    bus = feeder.bus(name)
    phases = tuple(phase for phase in bus.phases if phase in PHASES)
    if not phases:
        raise InputError(f"Bus '{name}' has no phase that a device could use. Choose another.")
    if name in grounded or len(phases) == 1:
        return (*phases, 0), "wye", bus.kv_ll if feeder.single_phase_equivalent else bus.kv_ll / SQRT3
    return phases, "delta", bus.kv_ll


def with_line_ratings(feeder: Feeder, rating_a: float | None) -> Feeder:
    """The feeder with a rating for every line that has none [A]."""
    if rating_a is None:
        return feeder
    lines = (
        line if line.rating_a or line.code.rating_a else dataclasses.replace(line, rating_a=rating_a) for line in feeder.lines
    )
    return feeder.replace(lines=tuple(lines))
