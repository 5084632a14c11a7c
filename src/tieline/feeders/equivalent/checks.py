"""What has no single-phase equivalent, all of it at once."""

from __future__ import annotations

from collections.abc import Iterator

from tieline.feeders.checks.common import PHASES, error
from tieline.feeders.elements import Transformer
from tieline.feeders.equivalent.lines import phases_of_line
from tieline.feeders.equivalent.transformers import banks_of
from tieline.feeders.feeder import Feeder
from tieline.feeders.findings import Finding

REMEDY = (
    "Bypass it (`bypass`, or bypass = [...] of an island) or cut the feeder behind it."
)


def faults_of_equivalent(feeder: Feeder) -> Iterator[Finding]:
    """Regulators, transformers that are no balanced bank, and lines without a phase."""
    for regulator in feeder.regulators:
        message = f"regulator '{regulator.name}' acts on one phase, and a balanced equivalent has no phases to tell apart."
        yield error("regulator", regulator.name, "NO_EQUIVALENT", message, REMEDY)
    regulated = {regulator.transformer for regulator in feeder.regulators}
    for bank in banks_of(feeder):
        # of a regulator that is named already its body says nothing new
        if bank[0].name not in regulated:
            yield from _faults_of_bank(bank)
    for unit in feeder.generators:
        if unit.held_v_pu is not None and not set(PHASES) <= set(unit.nodes):
            message = f"generator '{unit.name}' holds the voltage of some phases, and an equivalent has the mean of all alone."
            remedy = "State its Q, and no held_v_pu."
            yield error("generator", unit.name, "NO_EQUIVALENT", message, remedy)
    for line in feeder.lines:
        if not phases_of_line(line):
            message = f"line '{line.name}' has no phase conductor at its first end."
            yield error("line", line.name, "NO_PHASE", message, "Take it away.")


def _faults_of_bank(bank: list[Transformer]) -> Iterator[Finding]:
    first = bank[0]
    reason = _reason(bank)
    if reason:
        message = f"transformer '{first.name}' {reason}."
        yield error("transformer", first.name, "NO_EQUIVALENT", message, REMEDY)


def _reason(bank: list[Transformer]) -> str:
    """Why a bank is not balanced; empty if it is."""
    first = bank[0]
    if len(first.windings) != 2:
        return f"has {len(first.windings)} windings; an equivalent has two"
    if first.phases > 1:
        return ""
    if any(winding.connection != "wye" for unit in bank for winding in unit.windings):
        return (
            "stands between two phases, such as in an open delta, and is never balanced"
        )
    if any(_ratings(unit) != _ratings(first) for unit in bank):
        return "belongs to a bank of units that differ"
    return ""


def _ratings(unit: Transformer) -> tuple[object, ...]:
    """What the units of a balanced bank have in common."""
    windings = [
        (winding.kv, winding.kva, winding.r_pct, winding.tap)
        for winding in unit.windings
    ]
    return (*windings, unit.x_pct, unit.noload_loss_pct, unit.magnetizing_pct)
