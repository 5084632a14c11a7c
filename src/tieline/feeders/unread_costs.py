"""Costs that a file states and that are left out, such as several slopes, a cubic, or a square at the source.

An optimum that takes such a cost for nothing is wrong, so whoever looks for one has to be given the cost. The readers note each
under a code that ends with `COST_DROPPED`, with the kind and the name of the element as component.
"""

from __future__ import annotations

from collections.abc import Iterable

from tieline.feeders.feeder import Feeder
from tieline.feeders.findings import Finding

COST_DROPPED = "COST_DROPPED"
"""Second part of the code of such a note."""

SOURCE_KINDS = ("source", "ext_grid", "gen")
"""Kinds that stand for the grid behind the feeder."""


def unread_der_costs(feeder: Feeder) -> dict[str, Finding]:
    """What was left out, by the name of each DER whose cost it is."""
    ders = {der.name for der in feeder.ders}
    notes = {}
    for note in _dropped(feeder):
        if _kind(note) not in SOURCE_KINDS and _name(note) in ders:
            notes[_name(note)] = note
    return notes


def unread_source_cost(feeder: Feeder) -> Finding | None:
    """What was left out of the cost of the source; None if nothing was."""
    return next(
        (note for note in _dropped(feeder) if _kind(note) in SOURCE_KINDS), None
    )


def _dropped(feeder: Feeder) -> Iterable[Finding]:
    return (
        note for note in feeder.notes if note.code.partition(".")[2] == COST_DROPPED
    )


def _kind(note: Finding) -> str:
    return note.component.partition(" ")[0]


def _name(note: Finding) -> str:
    return note.component.partition(" ")[2]
