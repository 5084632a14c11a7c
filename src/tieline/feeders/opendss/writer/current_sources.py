"""Current sources as OpenDSS commands: one Isource where its angles are those of a sequence, else one for each node."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from tieline.errors import InputError
from tieline.feeders.elements import CurrentSource
from tieline.feeders.elements.grid import PHASE_STEP_DEG
from tieline.feeders.feeder import Feeder
from tieline.feeders.findings import name_some
from tieline.feeders.opendss.writer.words import Properties, at, command
from tieline.units import SQRT3

SEQUENCES = {"pos": -PHASE_STEP_DEG, "neg": PHASE_STEP_DEG, "zero": 0.0}
"""The engine's words for the step of the angle from node to node [degrees]."""

MOST_PHASES = 3
"""Of more the engine makes the step smaller."""


def current_source_commands(feeder: Feeder) -> Iterator[str]:
    """All current sources; in the one-phase circuit of an equivalent the power of three phases flows, and its current.

    Raises:
        InputError: if transformers of an equivalent turn voltages: in a circuit of one phase they cannot, and angles of currents
            would miss those of the voltages.
    """
    if feeder.single_phase_equivalent and feeder.current_sources:
        _require_no_shift(feeder)
    factor = SQRT3 if feeder.single_phase_equivalent else 1.0
    names = {source.name for source in feeder.current_sources}
    for source in feeder.current_sources:
        sequence = _sequence(source)
        if sequence is not None:
            yield _command(source, sequence, factor)
            continue
        for single in _singles(source, names):
            yield _command(single, "pos", factor)


def _require_no_shift(feeder: Feeder) -> None:
    shifting = [unit.name for unit in feeder.transformers if unit.shift_deg]
    if shifting:
        raise InputError(
            f"Transformers {name_some(shifting)} of feeder '{feeder.name}' turn voltages (shift_deg), which a one-phase circuit "
            "of OpenDSS cannot say, and its current sources have fixed angles. Write tables, or take the current sources out."
        )


def _sequence(source: CurrentSource) -> str | None:
    """The sequence of its angles; None if they are of none."""
    if len(source.nodes) > MOST_PHASES:
        return None
    numbers = range(len(source.nodes))
    for sequence, step_deg in SEQUENCES.items():
        angles = tuple(source.angles_deg[0] + step_deg * k for k in numbers)
        if angles == source.angles_deg:
            return sequence
    return None


def _singles(source: CurrentSource, names: set[str]) -> Iterator[CurrentSource]:
    for node, angle_deg in zip(source.nodes, source.angles_deg, strict=True):
        name = f"{source.name}_{node}"
        while name in names:
            name = f"{name}_"
        names.add(name)
        yield replace(
            source,
            name=name,
            nodes=(node,),
            angle_deg=angle_deg,
            phase_angle_deg=None,
        )


def _command(source: CurrentSource, sequence: str, factor: float) -> str:
    properties: Properties = {
        # first, since the engine grounds as many conductors as it has phases when it meets the bus
        "phases": len(source.nodes),
        "bus1": at(source.bus, source.nodes),
        "amps": source.current_a * factor,
        "angle": source.angles_deg[0],
        "sequence": sequence,
    }
    return command(f"new isource.{source.name}", properties)
