"""Loads, DERs, capacitors and shunts of a single-phase equivalent: their totals, at the line-to-line voltage."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TypeVar

from tieline.feeders.elements import (
    Capacitor,
    Generator,
    Load,
    Pv,
    Shunt,
    Storage,
)
from tieline.units import SQRT3, tidy

Device = TypeVar("Device", Load, Pv, Storage, Generator, Shunt)


def equivalent_device(device: Device) -> Device:
    """The device at the one node; its rated voltage, across one phase before, is line-to-line."""
    is_wye = device.connection == "wye"
    kv = tidy(device.kv * SQRT3) if is_wye else device.kv
    return replace(device, nodes=(1, 0), connection="wye", kv=kv)  # type: ignore[return-value]


def equivalent_capacitor(bank: Capacitor) -> Capacitor:
    """The bank at the one node; `kv` is line-to-line already unless it has one phase to ground."""
    is_one_phase = bank.connection == "wye" and len(bank.nodes) == 2
    kv = tidy(bank.kv * SQRT3) if is_one_phase else bank.kv
    return replace(bank, nodes=(1, 0), connection="wye", kv=kv)


def equivalent_loads(loads: Sequence[Load]) -> Iterator[Load]:
    """One load per bus, named after it, of all that depend on voltage alike; those that differ are numbered."""
    groups: dict[Load, list[Load]] = {}
    for load in loads:
        device = equivalent_device(load)
        # what two loads must share to be one: all but name and power
        behaviour = replace(device, name=device.bus, p_kw=0.0, q_kvar=0.0)
        groups.setdefault(behaviour, []).append(device)
    counts: dict[str, int] = {}
    for behaviour, members in groups.items():
        number = counts.get(behaviour.bus, 0) + 1
        counts[behaviour.bus] = number
        yield replace(
            behaviour,
            name=behaviour.bus if number == 1 else f"{behaviour.bus}_{number}",
            p_kw=sum(member.p_kw for member in members),
            q_kvar=sum(member.q_kvar for member in members),
        )
