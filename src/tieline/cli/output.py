"""What commands print beside answers: notes, and where a run folder is."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tieline.cli.explain import how_to_explain
from tieline.cli.screen import screen

if TYPE_CHECKING:
    from tieline.feeders import Feeder
    from tieline.studies.answer import Metric


def print_notes(notes: Iterable[object]) -> None:
    """What a user must know beside the numbers."""
    console = screen()
    for note in notes:
        console.print(f"note: {note}")


def print_feeder_notes(feeder: Feeder, reference: str) -> None:
    """What a user must know of a feeder, a line for each kind; `reference` is what the feeder is called on the command line."""
    from tieline.feeders.findings import note_lines

    lines = note_lines(feeder.notes)
    print_notes(lines)
    print_where_notes_are(feeder, reference)


def print_where_notes_are(feeder: Feeder, reference: str) -> None:
    """Where the names of all elements are that notes are about, if a line for each kind does not show them all."""
    from tieline.feeders.findings import note_lines

    n_elements = sum(note.count for note in feeder.notes)
    if n_elements > len(note_lines(feeder.notes)):
        name = f"'{reference}'" if " " in reference else reference
        screen().print(
            f"All notes with every name: tieline feeders notes {name}", soft_wrap=True
        )
    coded = [note for note in feeder.notes if note.severity != "info"]
    if coded:
        screen().print(how_to_explain(coded[0].code), soft_wrap=True)


def print_saved(folder: Path, earlier: Mapping[str, Any] | None) -> None:
    """Where the run folder is, and which run it replaced."""
    # heavy: a power flow on the screen needs no table
    from tieline.studies.result import REPORT
    from tieline.studies.run_folder import run_words

    console = screen()
    if earlier is not None:
        console.print(f"replaced:   {run_words(earlier)}", soft_wrap=True)
    console.print(f"run folder: {folder}", soft_wrap=True)
    console.print(f"report:     {folder / REPORT}", soft_wrap=True)


def format_metric(value: Metric) -> str:
    """A number a person reads: whole if whole, else five significant digits; a dash for what does not exist."""
    if value is None:
        return "-"
    if not isinstance(value, float):
        return str(value)
    if not math.isfinite(value):
        if math.isnan(value):
            return "-"
        return f"{value:.0f}"
    if value == round(value) or abs(value) >= 1e4:
        return f"{value:.0f}"
    return f"{value:.5g}"
