"""What appears under the mouse at the elements of a one-line diagram: names and facts, in words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence, Set
from typing import Any

from tieline.feeders.elements import Bus
from tieline.network.branches import Branch
from tieline.reports.numbers import format_number

NAMES_IN_TOOLTIP = 6


def bus_text(
    bus: Bus, load_kw: float | None, more: Iterable[str], has_phases: bool
) -> str:
    """Name, voltage and phases, load, and what else there is to say; a line each.

    Args:
        bus: the bus.
        load_kw: all load there; None: it has none.
        more: further lines, those that are empty left out.
        has_phases: whether its phases are told apart.
    """
    facts = f"{format_number(bus.kv_ll)} kV"
    if has_phases:
        facts += f", {_phases_text(bus.phases)}"
    lines = [f"bus {bus.name}", facts]
    if load_kw is not None:
        lines.append(f"load {format_number(load_kw)} kW")
    return "\n".join(line for line in [*lines, *more] if line)


def branch_text(branches: Sequence[Branch], phases: Set[int], has_phases: bool) -> str:
    """For example: line l115, 149 to 1, 0.1219 km, phases 1 2 3.

    Args:
        branches: one, or several side by side.
        phases: of all of them together.
        has_phases: whether these are told apart.
    """
    first = branches[0]
    names = _listed(branch.name for branch in branches)
    facts = [f"{first.kind} {names}", f"{first.from_bus} to {first.to_bus}"]
    if first.length_km > 0:
        facts.append(f"{format_number(first.length_km)} km")
    if has_phases:
        facts.append(_phases_text(sorted(phases)))
    if not first.closed:
        facts.append("open")
    return ", ".join(fact for fact in facts if fact)


def device_text(name: str, elements: list[Any]) -> str:
    """For example: load s1a, s1b."""
    return f"{name} {_listed(element.name for element in elements)}"


def _listed(names: Iterable[str]) -> str:
    """The first names, and how many more there are."""
    all_names = list(names)
    text = ", ".join(all_names[:NAMES_IN_TOOLTIP])
    n_more = len(all_names) - NAMES_IN_TOOLTIP
    if n_more > 0:
        return f"{text} and {n_more} more"
    return text


def _phases_text(nodes: Iterable[int]) -> str:
    phases = [str(node) for node in nodes if node in (1, 2, 3)]
    if not phases:
        return ""
    word = "phases"
    if len(phases) == 1:
        word = "phase"
    return f"{word} {' '.join(phases)}"
