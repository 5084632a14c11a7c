"""Loads, generators, storage and shunts with their phases, each a third of its power in each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TypeVar

from tieline.feeders.elements import Generator, Load, Pv, Shunt, Storage
from tieline.feeders.pandapower.asymmetric import DELTA, WYE, is_delta
from tieline.feeders.pandapower.net import Net
from tieline.units import SQRT3

Device = TypeVar("Device", Load, Pv, Storage, Generator)


def spread_devices(
    net: Net, table: str, devices: Sequence[Device]
) -> tuple[Device, ...]:
    """Devices from each phase to ground, or between the phases where the net says so."""
    delta_names = {
        net.element_name(table, row) for row in net.rows(table) if is_delta(row)
    }
    return tuple(_spread(device, device.name in delta_names) for device in devices)


def _spread(device: Device, is_between_phases: bool) -> Device:
    if is_between_phases:
        return replace(device, nodes=DELTA, connection="delta")
    return replace(device, nodes=WYE, kv=device.kv / SQRT3)


def spread_shunt(shunt: Shunt) -> Shunt:
    """A shunt from each phase to ground; between the phases what is a part of a line or transformer, whose zero sequence has
    none of it.
    """
    if shunt.is_loss:
        return replace(shunt, nodes=DELTA, connection="delta")
    return replace(shunt, nodes=WYE, kv=shunt.kv / SQRT3)
