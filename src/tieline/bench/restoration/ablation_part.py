"""What the page says of the short trainings that leave out a part of the method or do it otherwise."""

from __future__ import annotations

from collections.abc import Sequence

from tieline.bench.kit.markdown import Block, Table
from tieline.bench.kit.numbers import number_text
from tieline.bench.restoration.ablation import DRAWS, ISLAND, JUDGED_DRAWS, Brought

OF_PARTS = (
    f"Trainings of one seed on {ISLAND}, equally many updates of {DRAWS} draws each; objective in kWh of {JUDGED_DRAWS} draws of "
    "each scenario that no training and no check has seen, as decided, without a safety step. `shed`: over all scenarios."
)

PARTS = "What each part brings"
"""Title of the section; docs/restoration-learning.md leads here."""


def part_blocks(parts: Sequence[Brought]) -> list[Block]:
    """The section; it says so if nothing was asked for."""
    if not parts:
        return ["Not asked for: `--ablation UPDATES`."]
    return [OF_PARTS, parts_table(parts)]


def parts_table(parts: Sequence[Brought]) -> Table:
    """A row for each variant, a column for each scenario."""
    scenarios = list(dict.fromkeys(part.scenario for part in parts))
    headings = (
        "left out or done otherwise",
        "settings",
        *scenarios,
        "shed [kWh]",
        "training, CPU [s]",
    )
    rows = []
    for words in dict.fromkeys(part.words for part in parts):
        of_variant = [part for part in parts if part.words == words]
        rows.append(_row(of_variant))
    return Table(headings, rows, "ll" + "r" * (len(scenarios) + 2))


def _row(parts: Sequence[Brought]) -> tuple[str, ...]:
    """One variant in all scenarios."""
    first = parts[0]
    objectives = [number_text(part.objective, ",.1f") for part in parts]
    shed_kwh = sum(part.shed_kwh for part in parts) / len(parts)
    return (
        first.words,
        first.settings,
        *objectives,
        number_text(shed_kwh, ".1f"),
        number_text(first.cpu_s, ".0f"),
    )
