"""`Transfer`: power sent from one set of buses to another, as devices of the feeder.

Receiving buses take it as constant-power loads, in shares of their nominal load (evenly if none of them has any); sending buses
generate it at unity power factor, evenly. The source sends or receives its part by itself, since it balances the feeder; losses
are always its own. On a bus without connection to ground the devices sit between phases.
"""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import dataclass

import numpy as np

from tieline.errors import InputError
from tieline.feeders.checks.supply import live_buses
from tieline.feeders.elements import Generator, Load
from tieline.feeders.feeder import Feeder
from tieline.feeders.placing import find_sites
from tieline.studies.transfer_capability.config import TransferCapabilityConfig
from tieline.typing import FloatArray


@dataclass(frozen=True, eq=False)
class Transfer:
    """A transfer on a feeder.

    Attributes:
        feeder: with the devices of the transfer behind its own, all at zero power.
        senders, receivers: names of the buses.
        load_kw, load_kvar, der_kw: power of each load and DER per kW of transfer, (load,), (load,), (der,).
    """

    feeder: Feeder
    senders: tuple[str, ...]
    receivers: tuple[str, ...]
    load_kw: FloatArray
    load_kvar: FloatArray
    der_kw: FloatArray


def make_transfer(feeder: Feeder, config: TransferCapabilityConfig) -> Transfer:
    """The transfer that is asked for.

    Raises:
        InputError: if a bus is unknown, without phase or without voltage, the sets overlap, or a set is empty.
    """
    source = feeder.source.bus
    senders = (
        _buses(feeder, config.from_buses)
        if config.from_buses is not None
        else (source,)
    )
    if config.to_buses is not None:
        receivers = _buses(feeder, config.to_buses)
    else:
        receivers = _load_buses(feeder, excluded={*senders, source})
    _check_sets(senders, receivers)
    # The source needs no device: it balances the feeder, whatever is sent.
    sending = [bus for bus in senders if bus != source]
    receiving = [bus for bus in receivers if bus != source]
    # Devices have no power of their own: each case gives them what it sends.
    load_sites = find_sites(feeder, receiving)
    loads = [Load(f"transfer_{site.bus}", *site, 0.0, 0.0) for site in load_sites]
    der_sites = find_sites(feeder, sending)
    generators = [
        Generator(f"transfer_{site.bus}", *site, rated_kva=0.0) for site in der_sites
    ]
    share_of_bus = _shares(feeder, receivers)
    shares = [share_of_bus[bus] for bus in receiving]
    load_kw = np.concatenate([np.zeros(len(feeder.loads)), shares])
    # a source among the senders gives its share too, but has no column
    share_of_sender = np.full(len(sending), 1 / len(senders))
    der_kw = np.concatenate([np.zeros(len(feeder.ders)), share_of_sender])
    with_devices = feeder.replace(
        loads=(*feeder.loads, *loads), generators=(*feeder.generators, *generators)
    )
    return Transfer(
        feeder=with_devices,
        senders=senders,
        receivers=receivers,
        load_kw=load_kw,
        load_kvar=load_kw * math.tan(math.acos(config.power_factor)),
        der_kw=der_kw,
    )


def _buses(feeder: Feeder, listed: str) -> tuple[str, ...]:
    """Names of a list with commas, each once; raises `InputError` for an unknown one."""
    names = [name.strip() for name in listed.split(",")]
    return tuple(dict.fromkeys(feeder.bus(name).name for name in names if name))


def _load_buses(feeder: Feeder, excluded: Collection[str]) -> tuple[str, ...]:
    """Live buses with a load, each once."""
    loaded = [load.bus for load in feeder.loads if load.p_kw > 0]
    receiving = live_buses(feeder).difference(excluded)
    # in the order of the feeder's loads, which a set would lose
    return tuple(bus for bus in dict.fromkeys(loaded) if bus in receiving)


def _check_sets(senders: tuple[str, ...], receivers: tuple[str, ...]) -> None:
    for name, buses in (("from_buses", senders), ("to_buses", receivers)):
        if not buses:
            raise InputError(
                f"{name} names no bus. Give at least one, separated by commas."
            )
    in_both = [bus for bus in senders if bus in receivers]
    if in_both:
        raise InputError(
            f"Bus '{in_both[0]}' stands in both from_buses and to_buses. Power is sent from one set to the other."
        )


def _shares(feeder: Feeder, receivers: tuple[str, ...]) -> dict[str, float]:
    """Part of the transfer that each receiving bus takes."""
    nominal_kw = dict.fromkeys(receivers, 0.0)
    for load in feeder.loads:
        if load.bus in nominal_kw:
            nominal_kw[load.bus] += max(load.p_kw, 0.0)
    total_kw = sum(nominal_kw.values())
    if total_kw == 0:
        return dict.fromkeys(receivers, 1 / len(receivers))
    return {bus: kw / total_kw for bus, kw in nominal_kw.items()}
