"""Numbers: finite everywhere, above zero where a rating must be, not below zero where a quantity cannot be."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import Any

from tieline.feeders.checks.common import elements, error, listing
from tieline.feeders.feeder import Feeder
from tieline.feeders.findings import Finding

ABOVE_ZERO = {
    "bus": ("kv_ll",),
    "source": ("kv_ll", "v_pu"),
    "line": ("rating_a",),
    "transformer": ("rating_kva",),
    "regulator": ("v_set_v", "band_v", "pt_ratio", "ct_primary_a"),
    "capacitor": ("kvar", "kv"),
    "capacitor control": ("pt_ratio", "ct_ratio"),
    "load": ("kv", "v_max_pu"),
    "PV": ("kv", "inverter_kva", "v_max_pu"),
    "storage": ("kv", "inverter_kva", "efficiency_charge", "efficiency_discharge", "v_max_pu"),
    "generator": ("kv", "rated_kva", "v_max_pu"),
    "shunt": ("kv",),
}
NOT_BELOW_ZERO = {
    "line": ("length_km",),
    "PV": ("rated_kw",),
    "storage": ("rated_kw", "energy_kwh", "stored_kwh", "reserve_kwh", "p_charge_kw", "p_discharge_kw"),
}
WINDING_ABOVE_ZERO = ("kv", "kva", "tap")


def check_finite(feeder: Feeder) -> Iterator[Finding]:
    """No number is NaN or infinite."""
    for kind, element in elements(feeder):
        bad = [field.name for field in fields(element) if not _is_finite(getattr(element, field.name))]
        if bad:
            message = f"{kind} '{element.name}' has no finite number in {listing(bad)}."
            yield error(kind, element.name, "NOT_FINITE", message, "Give a number.")


def _is_finite(value: Any) -> bool:
    """True if no float in the value, its parts or its fields is NaN or infinite."""
    if isinstance(value, float):
        return math.isfinite(value)
    if isinstance(value, tuple):
        return all(_is_finite(part) for part in value)
    if is_dataclass(value):
        return all(_is_finite(getattr(value, field.name)) for field in fields(value))
    return True


def check_above_zero(feeder: Feeder) -> Iterator[Finding]:
    """Voltages, ratings and ratios are above zero."""
    for kind, element in elements(feeder):
        for name in ABOVE_ZERO.get(kind, ()):
            value = getattr(element, name)
            if value is not None and value <= 0:
                yield _out_of_range("NOT_POSITIVE", kind, element.name, f"{name} {value:g}", "above")


def check_windings_above_zero(feeder: Feeder) -> Iterator[Finding]:
    """Every winding has a voltage, a power and a turns ratio."""
    for transformer in feeder.transformers:
        for k, winding in enumerate(transformer.windings, start=1):
            for name in WINDING_ABOVE_ZERO:
                if getattr(winding, name) <= 0:
                    value = f"in winding {k} {name} {getattr(winding, name):g}"
                    yield _out_of_range("NOT_POSITIVE", "transformer", transformer.name, value, "above")


def check_not_below_zero(feeder: Feeder) -> Iterator[Finding]:
    """Lengths, energies and one-way powers are not negative."""
    for kind, element in elements(feeder):
        for name in NOT_BELOW_ZERO.get(kind, ()):
            if getattr(element, name) < 0:
                yield _out_of_range("NEGATIVE", kind, element.name, f"{name} {getattr(element, name):g}", "not below")


def check_frequency(feeder: Feeder) -> Iterator[Finding]:
    """The frequency is a number above zero."""
    if not (math.isfinite(feeder.frequency_hz) and feeder.frequency_hz > 0):
        message = f"feeder '{feeder.name}' has frequency_hz {feeder.frequency_hz:g}, which must be above zero."
        yield error("feeder", feeder.name, "FREQUENCY", message, "Give 50 or 60.")


def _out_of_range(what: str, kind: str, name: str, value: str, bound: str) -> Finding:
    return error(kind, name, what, f"{kind} '{name}' has {value}, which must be {bound} zero.", "Correct the number.")
