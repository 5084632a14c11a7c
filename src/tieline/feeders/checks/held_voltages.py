"""Generators that hold a voltage: what they hold makes sense, and nobody else holds it too."""

from __future__ import annotations

from collections.abc import Iterator

from tieline.feeders.checks.common import error
from tieline.feeders.elements import Generator
from tieline.feeders.feeder import Feeder
from tieline.feeders.findings import Finding


def check_held_voltages(feeder: Feeder) -> Iterator[Finding]:
    """A held voltage is above zero, its limits of Q are in order, and no two holders stand at the same nodes."""
    ideal = [source for source in feeder.sources if source.r1_ohm == source.x1_ohm == 0]
    fixed = {(source.bus, node) for source in ideal for node in source.nodes}
    holder: dict[tuple[str, tuple[int, ...]], str] = {}
    for unit in feeder.generators:
        if unit.held_v_pu is None:
            continue
        yield from _check_numbers(unit)
        first = holder.setdefault((unit.bus, unit.nodes), unit.name)
        if first != unit.name:
            message = f"generators '{first}' and '{unit.name}' hold the voltage of the same nodes of bus '{unit.bus}'."
            remedy = "Let one of them hold it, and state the Q of the other."
            yield error("generator", unit.name, "HOLDS_TWICE", message, remedy)
        # an ideal source leaves nothing to hold
        ends = [(unit.bus, node) for node in unit.nodes if node]
        if ends and fixed.issuperset(ends):
            message = f"generator '{unit.name}' is to hold the voltage of bus '{unit.bus}', which an ideal source holds."
            remedy = "State its Q, and no held_v_pu."
            yield error("generator", unit.name, "HOLDS_SOURCE", message, remedy)


def _check_numbers(unit: Generator) -> Iterator[Finding]:
    if unit.held_v_pu is not None and not unit.held_v_pu > 0:
        message = f"generator '{unit.name}' is to hold {unit.held_v_pu:g} pu."
        remedy = "Give a voltage above 0, near 1."
        yield error("generator", unit.name, "HELD_VOLTAGE", message, remedy)
    low = unit.held_q_low_kvar
    high = unit.held_q_high_kvar
    if low is not None and high is not None and low > high:
        message = f"generator '{unit.name}' has held_q_low_kvar {low:g} above held_q_high_kvar {high:g}."
        remedy = "Correct one of them."
        yield error("generator", unit.name, "LIMITS_CROSSED", message, remedy)
