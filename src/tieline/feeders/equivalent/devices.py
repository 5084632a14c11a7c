"""Loads, DERs, capacitors and shunts of a single-phase equivalent: their totals, at the line-to-line voltage."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from tieline.feeders.elements import (
    Capacitor,
    Generator,
    Load,
    Pv,
    Shunt,
    Storage,
)
from tieline.units import SQRT3, tidy

ONE_NODE: dict[str, Any] = {"nodes": (1, 0), "connection": "wye"}
"""Where every device of an equivalent stands: between its one node and ground."""

Device = TypeVar("Device", Load, Pv, Storage, Generator, Shunt)


def equivalent_device(device: Device) -> Device:
    """The device at the one node; its rated voltage, across one phase before, is line-to-line."""
    kv = device.kv
    if device.connection == "wye":
        kv = tidy(kv * SQRT3)
    return replace(device, kv=kv, **ONE_NODE)


def equivalent_capacitor(bank: Capacitor) -> Capacitor:
    """The bank at the one node; `kv` is line-to-line already unless it has one phase to ground."""
    kv = bank.kv
    has_one_phase = len(bank.nodes) == 2
    if has_one_phase and bank.connection == "wye":
        kv = tidy(kv * SQRT3)
    return replace(bank, kv=kv, **ONE_NODE)


def equivalent_loads(loads: Sequence[Load]) -> Iterator[Load]:
    """One load per bus, named after it, of all that depend on voltage alike; those that differ are numbered."""
    groups: dict[Load, list[Load]] = {}
    for load in loads:
        device = equivalent_device(load)
        # what two loads must share to be one: all but name and power
        behaviour = replace(device, name=_owner(device), p_kw=0.0, q_kvar=0.0)
        groups.setdefault(behaviour, []).append(device)
    counts: dict[str, int] = {}
    for behaviour, members in groups.items():
        bus = behaviour.bus
        number = counts.get(bus, 0) + 1
        counts[bus] = number
        name = bus
        if number > 1:
            name = f"{bus}_{number}"
        yield replace(
            behaviour,
            name=name,
            p_kw=sum(member.p_kw for member in members),
            q_kvar=sum(member.q_kvar for member in members),
        )


def _owner(load: Load) -> str:
    """Whom a load is a part of: its bus, or itself where it follows a shape, which may state the kW of this one load."""
    shapes = (load.daily_shape, load.yearly_shape, load.duty_shape)
    if any(shapes):
        return load.name
    return load.bus
