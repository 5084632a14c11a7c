"""A feeder as an OpenDSS script: `opendss_script(feeder) -> str`, the way back of the reader.

Loads keep their ZIP model at any voltage (`vminpu`, `vmaxpu` far out), unless the feeder's `load_model` is the band of OpenDSS.
DERs become generators of constant power at their snapshot, those with an inverter control a PVSystem or Storage with an
InvControl. A single-phase equivalent becomes a one-phase circuit, so powers are totals and voltages line-to-line. An ideal
source gets the smallest impedance that a power flow can carry. Left out: coordinates, ratings, voltage bases (the script solves
without them).
"""

from __future__ import annotations

from collections.abc import Iterator

from tieline.feeders.feeder import Feeder
from tieline.feeders.opendss.writer.branches import (
    first_cores,
    line_command,
    open_commands,
    transformer_commands,
)
from tieline.feeders.opendss.writer.controls import (
    capacitor_control_command,
    regulator_command,
)
from tieline.feeders.opendss.writer.current_sources import current_source_commands
from tieline.feeders.opendss.writer.devices import (
    capacitor_command,
    generator_command,
    load_command,
    shunt_command,
)
from tieline.feeders.opendss.writer.inverters import inverter_commands
from tieline.feeders.opendss.writer.shapes import ShapeWords
from tieline.feeders.opendss.writer.sources import source_commands


def opendss_script(feeder: Feeder) -> str:
    """Commands that define the feeder, one per line."""
    return "\n".join(_commands(feeder)) + "\n"


def _commands(feeder: Feeder) -> Iterator[str]:
    yield "clear"
    yield f"set defaultbasefrequency={feeder.frequency_hz!r}"
    yield from source_commands(feeder)
    yield from (line_command(line) for line in feeder.lines)
    # OpenDSS opens elements that are there, so all lines come first
    yield from (command for line in feeder.lines for command in open_commands(line))
    yield from (
        command
        for transformer in feeder.transformers
        for command in transformer_commands(transformer)
    )
    # a control names what it acts on, which has to be there by then
    yield from (regulator_command(regulator) for regulator in feeder.regulators)
    yield from (capacitor_command(capacitor) for capacitor in feeder.capacitors)
    if any(control.override_bus for control in feeder.capacitor_controls):
        # a control looks for that bus in a list that no solution has made yet
        yield "makebuslist"
    yield from (
        capacitor_control_command(feeder, control)
        for control in feeder.capacitor_controls
    )
    shapes = ShapeWords(feeder)
    yield from shapes.commands()
    has_band = feeder.load_model == "opendss-band"
    for load in feeder.loads:
        yield load_command(load, has_band, shapes.following(load))
    yield from (
        shunt_command(shunt) for shunt in (*feeder.shunts, *first_cores(feeder))
    )
    yield from current_source_commands(feeder)
    for der in feeder.ders:
        if not shapes.has_curve(der):
            yield generator_command(der, has_band, shapes.following(der))
    yield from inverter_commands(feeder, shapes)
