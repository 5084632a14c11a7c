"""`bypass`: a feeder whose regulators, transformers or lines are shorted out, so that the buses at their ends are one.

The bus that is nearest to the source, that of the first winding or end, gives its name. Elements with both ends at that bus are
gone with the bypass, as are the controls that act or measure there. Transformers between two voltage levels cannot be bypassed.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Mapping
from typing import Any

from tieline.errors import InputError, unknown_name_message
from tieline.feeders.checks.common import DEVICE_FIELDS
from tieline.feeders.elements import Line, Transformer
from tieline.feeders.feeder import Feeder
from tieline.feeders.metering import MeteredNames, metered_kind

BUS_FIELDS = ("bus", "from_bus", "to_bus", "remote_bus", "override_bus", "watched_bus")
ONE_BUS_FIELDS = ("sources", "current_sources", *DEVICE_FIELDS)


def bypass(feeder: Feeder, names: Collection[str]) -> Feeder:
    """A feeder without some of its regulators, transformers or lines, the buses at their ends made one.

    Args:
        feeder: a feeder that passed its checks.
        names: of regulators (their transformers), transformers or lines.

    Raises:
        InputError: for an unknown name, or a transformer between two voltage levels; names each.
    """
    elements = _by_name(feeder)
    lower_names = [name.lower() for name in names]
    unknown = [name for name in lower_names if name not in elements]
    if unknown:
        kind = "regulator, transformer or line"
        where = f"of feeder '{feeder.name}'"
        messages = [
            unknown_name_message(kind, name, elements, where) for name in unknown
        ]
        raise InputError(" ".join(messages))
    survivor: dict[str, str] = {}
    for name in lower_names:
        buses = _buses(elements[name])
        _require_one_level(feeder, name, buses)
        for bus in buses[1:]:
            _unite(survivor, buses[0], bus)
    # of a chain of shorted elements, the bus at its head
    heads = {bus: _root(survivor, bus) for bus in survivor}
    return _without_shorted(feeder, heads)


def _by_name(feeder: Feeder) -> dict[str, Line | Transformer]:
    """Lines and transformers by name, and each regulator's transformer by the regulator's name."""
    transformers = {unit.name: unit for unit in feeder.transformers}
    of_regulators = {
        regulator.name: transformers[regulator.transformer]
        for regulator in feeder.regulators
    }
    lines = {line.name: line for line in feeder.lines}
    return {**lines, **transformers, **of_regulators}


def _buses(element: Line | Transformer) -> tuple[str, ...]:
    if isinstance(element, Line):
        return element.from_bus, element.to_bus
    return tuple(winding.bus for winding in element.windings)


def _require_one_level(feeder: Feeder, name: str, buses: tuple[str, ...]) -> None:
    levels = {feeder.bus(bus).kv_ll for bus in buses}
    if len(levels) > 1:
        texts = " and ".join(f"{kv:g} kV" for kv in sorted(levels))
        raise InputError(
            f"'{name}' of feeder '{feeder.name}' joins {texts}: shorted out it would put one level on the other. Keep it, or cut "
            "the feeder there."
        )


def _root(survivor: Mapping[str, str], bus: str) -> str:
    while bus in survivor:
        bus = survivor[bus]
    return bus


def _unite(survivor: dict[str, str], first: str, bus: str) -> None:
    root = _root(survivor, first)
    gone = _root(survivor, bus)
    # two units of a bank join the same buses
    if gone != root:
        survivor[gone] = root


def _without_shorted(feeder: Feeder, survivor: Mapping[str, str]) -> Feeder:
    """The feeder with buses renamed to those that they are one with, and without what then begins and ends at one bus."""
    lines = [_moved(line, survivor) for line in feeder.lines]
    lines = [line for line in lines if line.from_bus != line.to_bus]
    transformers = []
    for unit in feeder.transformers:
        windings = tuple(_moved(winding, survivor) for winding in unit.windings)
        if len({winding.bus for winding in windings}) > 1:
            transformers.append(dataclasses.replace(unit, windings=windings))
    transformer_names = {unit.name for unit in transformers}
    names: MeteredNames = {
        "line": {line.name for line in lines},
        "transformer": transformer_names,
        "capacitor": {bank.name for bank in feeder.capacitors},
    }
    at_buses = {}
    for field in ONE_BUS_FIELDS:
        at_buses[field] = tuple(_moved(one, survivor) for one in getattr(feeder, field))
    return feeder.replace(
        buses=tuple(bus for bus in feeder.buses if bus.name not in survivor),
        lines=tuple(lines),
        transformers=tuple(transformers),
        regulators=tuple(
            _moved(regulator, survivor)
            for regulator in feeder.regulators
            if regulator.transformer in transformer_names
        ),
        capacitor_controls=tuple(
            _moved(control, survivor)
            for control in feeder.capacitor_controls
            if metered_kind(control, names) is not None
        ),
        inverter_controls=tuple(
            _moved(control, survivor) for control in feeder.inverter_controls
        ),
        **at_buses,
    )


def _moved(element: Any, survivor: Mapping[str, str]) -> Any:
    """An element at the buses that are left."""
    changes = {}
    for field in BUS_FIELDS:
        bus = getattr(element, field, None)
        if bus is not None and bus in survivor:
            changes[field] = survivor[bus]
    return dataclasses.replace(element, **changes) if changes else element
