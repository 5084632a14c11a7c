"""Loads, DERs, capacitors and shunts: shares, states and rated voltages that make sense."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tieline.feeders.checks.common import PHASES, buses_by_name, devices, error, warning
from tieline.feeders.checks.phases import phase_nodes
from tieline.feeders.connections import phase_pairs
from tieline.feeders.elements import Bus
from tieline.feeders.feeder import Feeder
from tieline.feeders.findings import Finding
from tieline.units import SQRT3

SHARE_DUST = 1e-6
"""Shares given with a few digits, such as three times 0.333333, still count as a whole."""

UNUSUAL_VOLTAGE = 0.25
"""Relative difference of rated and nominal voltage that suggests a mix-up of line-to-line and line-to-neutral (factor 1.73)."""


def check_zip_shares(feeder: Feeder) -> Iterator[Finding]:
    """The shares of constant impedance, current and power sum to one."""
    for load in feeder.loads:
        for name, shares in (("zip_p", load.zip_p), ("zip_q", load.zip_q)):
            if abs(sum(shares) - 1) > SHARE_DUST:
                message = f"load '{load.name}' has {name} that sums to {sum(shares):g}, not to one."
                yield error(
                    "load",
                    load.name,
                    "ZIP_SUM",
                    message,
                    "Give shares of impedance, current and power.",
                )


def check_rated_voltages(feeder: Feeder) -> Iterator[Finding]:
    """The rated voltage is near the nominal voltage between the element's nodes, where these carry phases."""
    buses = buses_by_name(feeder)
    suspects = []
    for kind, device in devices(feeder):
        bus = buses.get(device.bus)
        if (
            bus is None
            or len(device.nodes) < 2
            or bus.kv_ll <= 0
            or not set(_pair(device)) & set(PHASES)
        ):
            continue
        expected_kv = _nominal_kv(feeder, kind, device, bus)
        if abs(device.kv - expected_kv) > UNUSUAL_VOLTAGE * expected_kv:
            suspects.append((kind, device, expected_kv))
    # a walk through the whole feeder, which is made only where something looks wrong
    carriers = phase_nodes(feeder) if suspects else set()
    for kind, device, expected_kv in suspects:
        # to a neutral that is numbered like a phase the voltage is another
        if all(
            (device.bus, node) in carriers for node in _pair(device) if node in PHASES
        ):
            yield _kv_mismatch(kind, device, expected_kv)


def check_source_rating(feeder: Feeder) -> Iterator[Finding]:
    """The source's rated voltage, which its per unit refers to, is near that of its bus."""
    buses = buses_by_name(feeder)
    for source in feeder.sources:
        bus = buses.get(source.bus)
        if (
            bus is not None
            and abs(source.kv_ll - bus.kv_ll) > UNUSUAL_VOLTAGE * bus.kv_ll
        ):
            message = f"source '{source.name}' is rated {source.kv_ll:g} kV, but bus '{bus.name}' has {bus.kv_ll:g} kV."
            yield warning(
                "source",
                source.name,
                "KV_MISMATCH",
                message,
                "Check kv_ll of both: line-to-line.",
            )


def _pair(device: Any) -> tuple[int, int]:
    """The nodes between which the first phase of a device sits; a neutral among them may be numbered like a phase."""
    return phase_pairs(device.nodes, device.connection)[0]


def _kv_mismatch(kind: str, device: Any, expected_kv: float) -> Finding:
    message = f"{kind} '{device.name}' is rated {device.kv:.5g} kV, but has {expected_kv:.5g} kV across it on bus '{device.bus}'."
    return warning(
        kind,
        device.name,
        "KV_MISMATCH",
        message,
        "Check kv: line-to-neutral for wye, line-to-line for delta.",
    )


def _nominal_kv(feeder: Feeder, kind: str, device: Any, bus: Bus) -> float:
    """Nominal voltage that `kv` refers to; a capacitor of several phases states it line-to-line."""
    is_bank = kind == "capacitor" and len(device.nodes) > 2
    between_phases = set(_pair(device)) <= set(PHASES)
    if feeder.single_phase_equivalent or is_bank or between_phases:
        return bus.kv_ll
    return bus.kv_ll / SQRT3


DER_LIMITS = (
    ("p_low_limit_kw", "p_high_limit_kw"),
    ("q_low_limit_kvar", "q_high_limit_kvar"),
)
BUS_LIMITS = (("v_low_limit_pu", "v_high_limit_pu"),)


def check_limits(feeder: Feeder) -> Iterator[Finding]:
    """No lowest value is above the highest one."""
    limited = [
        (kind, element, DER_LIMITS)
        for kind, element in devices(feeder)
        if kind in ("PV", "storage", "generator")
    ]
    limited += [("source", source, DER_LIMITS) for source in feeder.sources]
    limited += [("bus", bus, BUS_LIMITS) for bus in feeder.buses]
    for kind, element, pairs in limited:
        for low, high in pairs:
            lowest, highest = getattr(element, low), getattr(element, high)
            if lowest is not None and highest is not None and lowest > highest:
                message = f"{kind} '{element.name}' has {low} {lowest:g} above {high} {highest:g}."
                yield error(
                    kind,
                    element.name,
                    "LIMITS_CROSSED",
                    message,
                    "Correct one of them.",
                )


def check_capacitor_steps(feeder: Feeder) -> Iterator[Finding]:
    """A bank has steps, and no more of them are in than there are."""
    for capacitor in feeder.capacitors:
        if capacitor.steps < 1 or not 0 <= capacitor.steps_on <= capacitor.steps:
            message = f"capacitor '{capacitor.name}' has {capacitor.steps_on} of {capacitor.steps} step(s) in."
            yield error(
                "capacitor",
                capacitor.name,
                "STEPS",
                message,
                "Give steps of 1 or more and steps_on from 0 to steps.",
            )


def check_storage_state(feeder: Feeder) -> Iterator[Finding]:
    """A battery does one thing at a time and holds no more than fits in."""
    for storage in feeder.storages:
        if storage.p_charge_kw > 0 and storage.p_discharge_kw > 0:
            powers = f"({storage.p_charge_kw:g} kW) and discharges ({storage.p_discharge_kw:g} kW)"
            message = f"storage '{storage.name}' charges {powers} at once."
            yield error(
                "storage",
                storage.name,
                "CHARGES_AND_DISCHARGES",
                message,
                "Set one of them to zero.",
            )
        if storage.stored_kwh > storage.energy_kwh:
            message = f"storage '{storage.name}' holds {storage.stored_kwh:g} kWh of at most {storage.energy_kwh:g} kWh."
            yield error(
                "storage",
                storage.name,
                "OVERFULL",
                message,
                "Correct stored_kwh or energy_kwh.",
            )
