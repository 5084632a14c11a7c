"""What the page says of the short trainings that leave out a part of the method or do it otherwise."""

from __future__ import annotations

from collections.abc import Sequence

from tieline.bench.kit.markdown import Block, Table
from tieline.bench.kit.numbers import number_text
from tieline.bench.kit.parts import PartRecord, parts_table
from tieline.bench.microgrids.ablation import JUDGED_DAYS, Brought

OF_PARTS = (
    f"Trainings of one seed, equally many updates each, on {JUDGED_DAYS} drawn days that no training and no held-out day shares. "
    "Cost of a day, stored energy paid back; broken: steps in which a limit of the network is missed by more than 1e-4, as "
    "decided, without a safety step. A lower cost counts where not more is broken."
)

PARTS = "What each part brings"
"""Title of the section; docs/microgrids-learning.md leads here."""


def part_blocks(
    variants: Sequence[Brought], records: Sequence[PartRecord]
) -> list[Block]:
    """The section; it says so if nothing was asked for."""
    if not variants:
        return ["Not asked for: `--ablation UPDATES`."]
    return [OF_PARTS, variants_table(variants), parts_table(records)]


def variants_table(variants: Sequence[Brought]) -> Table:
    """Costs beside that of the first row."""
    headings = (
        "left out or done otherwise",
        "settings",
        "updates",
        "a day [USD]",
        "beside the first [%]",
        "broken [%]",
        "training, CPU [s]",
    )
    usual = variants[0]
    rows = []
    for variant in variants:
        beside_pct = 100 * (variant.cost_usd / usual.cost_usd - 1)
        row = (
            variant.words,
            variant.settings,
            str(variant.updates),
            number_text(variant.cost_usd, ".1f"),
            number_text(beside_pct, "+.2f"),
            number_text(variant.broken_pct, ".2f"),
            number_text(variant.cpu_s, ".0f"),
        )
        rows.append(row)
    return Table(headings, rows, "ll" + "r" * 5)
