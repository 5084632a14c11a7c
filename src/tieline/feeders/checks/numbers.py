"""Numbers: finite everywhere, above zero where a rating must be, not below zero where a quantity cannot be."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from functools import cache
from numbers import Real
from typing import Any

from tieline.feeders.checks.common import elements, error, listing
from tieline.feeders.elements import LineCode
from tieline.feeders.feeder import Feeder
from tieline.feeders.findings import Finding
from tieline.units import HIGHEST_SOURCE_PU

ABOVE_ZERO = {
    "bus": ("kv_ll",),
    "source": ("kv_ll", "v_pu"),
    "line": ("rating_a", "rating_kva"),
    "transformer": ("rating_kva",),
    "regulator": (
        "v_set_v",
        "band_v",
        "pt_ratio",
        "ct_primary_a",
        "remote_pt_ratio",
        "v_limit_v",
    ),
    "capacitor": ("kv",),
    "capacitor control": ("pt_ratio", "ct_ratio"),
    "load": ("kv", "v_max_pu"),
    "PV": ("kv", "v_max_pu"),
    "storage": ("kv", "efficiency_charge", "efficiency_discharge", "v_max_pu"),
    "generator": ("kv", "v_max_pu"),
    "shunt": ("kv",),
}
NOT_BELOW_ZERO = {
    "current source": ("current_a",),
    "line": ("length_km",),
    "regulator": ("max_tap_change", "delay_s"),
    "capacitor": ("kvar",),
    "capacitor control": ("delay_on_s", "delay_off_s", "dead_time_s"),
    "load": ("v_low_pu", "v_min_pu", "v_max_pu"),
    "PV": ("rated_kw", "inverter_kva"),
    "storage": (
        "rated_kw",
        "inverter_kva",
        "energy_kwh",
        "stored_kwh",
        "reserve_kwh",
        "p_charge_kw",
        "idling_kw",
        "p_discharge_kw",
    ),
    "generator": ("rated_kva",),
    "shape": ("step_h",),
}
"""A size of zero is an element that does nothing, as planning files and our own studies have them."""

LARGEST = 1e20
"""No quantity of a feeder comes near it in any unit, and products of several such numbers are no numbers any more. An earthing
resistance of a nano-ohm at 500 kV, stated as the power it takes, is 2.5e17 kW.
"""

PLAIN = (float, int, bool)
"""Types of most values, known without asking what else they might be."""

SMALLEST = 1e-20
"""Likewise for what others are divided by: voltages, ratings, ratios."""

FREQUENCIES_HZ = (1.0, 1000.0)
"""Railways run at 16.7 Hz, utilities at 50 and 60, aircraft at 400."""

IF_UNKNOWN = "Give the rating, or None (a blank cell in a table) if it is unknown."

WINDING_ABOVE_ZERO = ("kv", "kva", "tap")


def check_finite(feeder: Feeder) -> Iterator[Finding]:
    """No number is NaN, infinite, or so large that it overflows in the power flow."""
    bounded_codes: dict[int, bool] = {}
    for kind, element in elements(feeder):
        bad = [
            name
            for name in _names(type(element))
            if not _is_bounded(getattr(element, name), bounded_codes)
        ]
        if bad:
            message = f"{kind} '{element.name}' has no finite number in {listing(bad)}, or one beyond {LARGEST:g}."
            yield error(kind, element.name, "NOT_FINITE", message, "Give a number.")


@cache
def _names(cls: type) -> tuple[str, ...]:
    """Names of the fields of a dataclass."""
    return tuple(field.name for field in fields(cls))


def _is_bounded(value: Any, bounded_codes: dict[int, bool]) -> bool:
    """True if no number in the value, its parts or its fields is NaN, infinite or beyond `LARGEST`.

    `bounded_codes` keeps the answer for each line code by its identity: many lines share one.
    """
    # nearly all values are, and this takes a tenth of the time of what follows
    if type(value) in PLAIN:
        return -LARGEST <= value <= LARGEST
    if value is None or isinstance(value, str):
        return True
    if isinstance(value, tuple):
        return all(_is_bounded(part, bounded_codes) for part in value)
    if isinstance(value, LineCode):
        if id(value) not in bounded_codes:
            bounded_codes[id(value)] = _has_bounded_fields(value, bounded_codes)
        return bounded_codes[id(value)]
    if is_dataclass(value):
        return _has_bounded_fields(value, bounded_codes)
    return not isinstance(value, Real) or abs(float(value)) <= LARGEST


def _has_bounded_fields(value: Any, bounded_codes: dict[int, bool]) -> bool:
    return all(
        _is_bounded(getattr(value, name), bounded_codes) for name in _names(type(value))
    )


def check_above_zero(feeder: Feeder) -> Iterator[Finding]:
    """Voltages, ratings and ratios are above zero."""
    for kind, element in elements(feeder):
        for name in ABOVE_ZERO.get(kind, ()):
            value = getattr(element, name)
            # false for NaN, of which `check_finite` speaks
            if value is not None and value < SMALLEST:
                remedy = (
                    IF_UNKNOWN if name.startswith("rating") else "Correct the number."
                )
                yield _out_of_range(
                    "NOT_POSITIVE",
                    kind,
                    element.name,
                    f"{name} {value:g}",
                    "above",
                    remedy,
                )


def check_windings_above_zero(feeder: Feeder) -> Iterator[Finding]:
    """Every winding has a voltage, a power and a turns ratio."""
    for transformer in feeder.transformers:
        for k, winding in enumerate(transformer.windings, start=1):
            for name in WINDING_ABOVE_ZERO:
                if getattr(winding, name) < SMALLEST:
                    value = f"in winding {k} {name} {getattr(winding, name):g}"
                    yield _out_of_range(
                        "NOT_POSITIVE", "transformer", transformer.name, value, "above"
                    )


def check_not_below_zero(feeder: Feeder) -> Iterator[Finding]:
    """Lengths, energies and one-way powers are not negative."""
    for kind, element in elements(feeder):
        for name in NOT_BELOW_ZERO.get(kind, ()):
            value = getattr(element, name)
            if value is not None and value < 0:
                yield _out_of_range(
                    "NEGATIVE", kind, element.name, f"{name} {value:g}", "not below"
                )


def check_source_voltage(feeder: Feeder) -> Iterator[Finding]:
    """The source stands at a voltage that a grid can have, and says one for each node if it says one for any."""
    for source in feeder.sources:
        for name in ("phase_v_pu", "phase_angle_deg"):
            numbers = getattr(source, name)
            if numbers is not None and len(numbers) != len(source.nodes):
                message = f"source '{source.name}' has {len(numbers)} numbers in {name} for {len(source.nodes)} nodes."
                remedy = "Give one for each node, or leave it out."
                yield error("source", source.name, "PHASES", message, remedy)
        stated = {"v_pu": source.v_pu}
        if source.phase_v_pu is not None:
            stated = {
                f"phase_v_pu {k + 1}": v_pu for k, v_pu in enumerate(source.phase_v_pu)
            }
        for name, v_pu in stated.items():
            # `check_above_zero` speaks of a `v_pu` that is not above zero.
            if v_pu > HIGHEST_SOURCE_PU or (v_pu <= 0 and name != "v_pu"):
                allowed = f"at most {HIGHEST_SOURCE_PU:g}" if v_pu > 0 else "above 0"
                message = f"source '{source.name}' has {name} {v_pu:g}, which must be {allowed}."
                remedy = "Give the voltage in per unit of kv_ll, such as 1.02."
                yield error("source", source.name, "VOLTAGE", message, remedy)


def check_frequency(feeder: Feeder) -> Iterator[Finding]:
    """The frequency is one of power systems."""
    low, high = FREQUENCIES_HZ
    if not low <= feeder.frequency_hz <= high:
        message = f"feeder '{feeder.name}' has frequency_hz {feeder.frequency_hz:g}, which must be from {low:g} to {high:g}."
        yield error("feeder", feeder.name, "FREQUENCY", message, "Give 50 or 60.")


def _out_of_range(
    what: str,
    kind: str,
    name: str,
    value: str,
    bound: str,
    remedy: str = "Correct the number.",
) -> Finding:
    return error(
        kind,
        name,
        what,
        f"{kind} '{name}' has {value}, which must be {bound} zero.",
        remedy,
    )
