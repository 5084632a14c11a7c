"""Inverter controls: they act on a DER that is there, and their curves are curves."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from tieline.errors import unknown_name_message
from tieline.feeders.checks.common import buses_by_name, error, listing, phrase
from tieline.feeders.elements import InverterControl
from tieline.feeders.elements.inverters import CURVES
from tieline.feeders.feeder import Feeder
from tieline.feeders.findings import Finding

KIND = "inverter control"


def check_inverter_controls(feeder: Feeder) -> Iterator[Finding]:
    """Each acts on a DER of its own, by curves that rise along their first axis, and looks at nodes that exist."""
    names = {
        "pv": [pv.name for pv in feeder.pvs],
        "storage": [unit.name for unit in feeder.storages],
    }
    first: dict[tuple[str, str], str] = {}
    for control in feeder.inverter_controls:
        candidates = names[control.der_kind]
        if control.der not in candidates:
            message = f"{KIND} '{control.name}': {unknown_name_message(control.der_kind, control.der, candidates)}"
            yield error(KIND, control.name, "DER_UNKNOWN", message, "Correct the name.")
        first_name = first.setdefault((control.der_kind, control.der), control.name)
        if first_name != control.name:
            message = f"inverter controls '{first_name}' and '{control.name}' both act on {control.der_kind} '{control.der}'."
            yield error(
                KIND, control.name, "ACTS_TWICE", message, "Take out one of them."
            )
        yield from _curve_findings(control)
        yield from _limit_findings(control)
        yield from _watched_findings(control, feeder)


def _curve_findings(control: InverterControl) -> Iterator[Finding]:
    for across, along in CURVES:
        x = getattr(control, across)
        y = getattr(control, along)
        rises = all(low < high for low, high in pairwise(x))
        if len(x) == len(y) and len(x) != 1 and rises:
            if all(-1 <= value <= 1 for value in y):
                continue
            message = f"{KIND} '{control.name}' has shares beyond -1 to 1 in {along}."
            yield error(KIND, control.name, "CURVE", message, "Correct them.")
            continue
        message = (
            f"{KIND} '{control.name}' needs in {across} two or more rising numbers, and as many in {along}; it has "
            f"{len(x)} and {len(y)}."
        )
        yield error(KIND, control.name, "CURVE", message, "Correct the curve.")


def _limit_findings(control: InverterControl) -> Iterator[Finding]:
    limits = ("q_high_kvar", "q_low_kvar", "p_base_kw", "least_p_kw", "full_q_kw")
    for name in limits:
        value = getattr(control, name)
        if value is not None and value < 0:
            message = f"{KIND} '{control.name}' has {name} {value:g}, below zero."
            remedy = "Give a size: absorbed kvar count above zero too."
            yield error(KIND, control.name, "NEGATIVE", message, remedy)


def _watched_findings(control: InverterControl, feeder: Feeder) -> Iterator[Finding]:
    stated = (control.watched_bus, control.watched_nodes, control.watched_kv)
    if stated == (None, None, None):
        return
    bus = buses_by_name(feeder).get(control.watched_bus or "")
    is_complete = bus is not None and control.watched_nodes and control.watched_kv
    if bus is None or not is_complete:
        message = f"{KIND} '{control.name}' needs a bus that exists, nodes and a kV above zero to look at, or none of them."
        remedy = "Give watched_bus, watched_nodes and watched_kv, or leave them out."
        yield error(KIND, control.name, "WATCHED", message, remedy)
        return
    missing = [node for node in control.watched_nodes or () if node not in bus.phases]
    if missing:
        message = (
            f"{KIND} '{control.name}' looks at nodes {listing(missing)} of bus '{bus.name}', which has "
            f"{phrase(bus.phases)}."
        )
        yield error(
            KIND, control.name, "PHASE_MISSING", message, "Correct watched_nodes."
        )
