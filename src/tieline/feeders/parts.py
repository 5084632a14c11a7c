"""A part of a feeder as a feeder of its own: the elements at some of its buses, fed by a source of its own.

Lines that lead out of the part belong to it only where they are asked for; the bus at their far end is then a bus of the part
with nothing else there. All other lines that leave it are left out, as are capacitor controls that act or measure beyond it. A
regulator that watches a bus beyond the part measures at its winding instead: its position is kept, and what it would do is not.
An inverter that looks at such a bus looks at its own instead.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Iterable

from tieline.errors import InputError
from tieline.feeders.elements import (
    InverterControl,
    Line,
    Regulator,
    Source,
    Transformer,
)
from tieline.feeders.feeder import Feeder
from tieline.feeders.metering import MeteredNames, metered_kind

ONE_BUS_FIELDS = (
    "loads",
    "pvs",
    "storages",
    "generators",
    "capacitors",
    "shunts",
    "current_sources",
)


def part_of(
    feeder: Feeder,
    buses: Collection[str],
    sources: tuple[Source, ...],
    coupling_lines: Collection[str] = (),
) -> Feeder:
    """The elements of a feeder at some buses.

    Args:
        feeder: a feeder that passed its checks.
        buses: names of the part's buses.
        sources: what feeds the part.
        coupling_lines: names of lines that lead out of the part and belong to it.

    Returns:
        The part, all elements in the order of the feeder.

    Raises:
        InputError: if a transformer stands half inside, or a line that leaves the part is energised from one end.
    """
    inside = {feeder.bus(bus).name for bus in buses}
    lines = tuple(_lines_of(feeder, inside, coupling_lines))
    transformers = tuple(_transformers_of(feeder, inside))
    line_ends = {end for line in lines for end in (line.from_bus, line.to_bus)}
    at_buses = {}
    for field in ONE_BUS_FIELDS:
        elements = getattr(feeder, field)
        at_buses[field] = tuple(one for one in elements if one.bus in inside)
    transformer_names = {transformer.name for transformer in transformers}
    capacitor_names = {capacitor.name for capacitor in at_buses["capacitors"]}
    names: MeteredNames = {
        "line": {line.name for line in lines},
        "transformer": transformer_names,
        "capacitor": capacitor_names,
    }
    return feeder.replace(
        buses=tuple(bus for bus in feeder.buses if bus.name in inside | line_ends),
        sources=sources,
        lines=lines,
        transformers=transformers,
        regulators=tuple(_regulators_of(feeder, inside, transformer_names)),
        capacitor_controls=tuple(
            control
            for control in feeder.capacitor_controls
            if control.capacitor in capacitor_names
            and metered_kind(control, names) is not None
            and control.override_bus in (None, *inside)
        ),
        inverter_controls=tuple(_inverter_controls_of(feeder, inside)),
        **at_buses,
    )


def _lines_of(
    feeder: Feeder, inside: set[str], coupling_lines: Collection[str]
) -> Iterable[Line]:
    for line in feeder.lines:
        n_ends = (line.from_bus in inside) + (line.to_bus in inside)
        if n_ends == 2 or (n_ends == 1 and line.name in coupling_lines):
            yield line
        elif n_ends == 1 and not line.closed and line.open_end != "both":
            raise InputError(
                f"Line '{line.name}' of feeder '{feeder.name}' leads from one part to another and is open at one end only: its "
                "charging current would be lost. Open both ends (open_end 'both'), or keep its buses in one part."
            )


def _transformers_of(feeder: Feeder, inside: set[str]) -> Iterable[Transformer]:
    for transformer in feeder.transformers:
        is_inside = [winding.bus in inside for winding in transformer.windings]
        if all(is_inside):
            yield transformer
        elif any(is_inside):
            ends = ", ".join(winding.bus for winding in transformer.windings)
            raise InputError(
                f"Transformer '{transformer.name}' of feeder '{feeder.name}' would be cut in two: of its buses {ends} only some "
                "are in the part. Cut at lines."
            )


def _inverter_controls_of(
    feeder: Feeder, inside: set[str]
) -> Iterable[InverterControl]:
    """Those of DERs in the part; one that looks beyond it looks at its own DER instead."""
    bus_of = {
        "pv": {pv.name: pv.bus for pv in feeder.pvs},
        "storage": {unit.name: unit.bus for unit in feeder.storages},
    }
    for control in feeder.inverter_controls:
        if bus_of[control.der_kind][control.der] not in inside:
            continue
        if control.watched_bus in inside or control.watched_bus is None:
            yield control
        else:
            yield dataclasses.replace(
                control, watched_bus=None, watched_nodes=None, watched_kv=None
            )


def _regulators_of(
    feeder: Feeder, inside: set[str], transformer_names: set[str]
) -> Iterable[Regulator]:
    for regulator in feeder.regulators:
        if regulator.transformer not in transformer_names:
            continue
        if regulator.remote_bus in inside or regulator.remote_bus is None:
            yield regulator
        else:
            # where nothing is watched there is no node to watch either
            yield dataclasses.replace(
                regulator,
                remote_bus=None,
                remote_node=None,
                remote_node_to=None,
                remote_pt_ratio=None,
            )
