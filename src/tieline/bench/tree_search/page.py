"""What the screen and the docs page say of tree search. Every number in it comes from the measurement."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tieline.agents.tree_search import SearchConfig
from tieline.bench.kit.markdown import Page, Section, Summary, Table
from tieline.bench.kit.numbers import number_text, rate
from tieline.bench.tree_search.measure import (
    BATTERY_SHARE,
    LOAD_SHARE,
    PV_SHARE,
    SearchRow,
    TreeSearches,
)


def summary(searches: TreeSearches) -> Summary:
    """A row per feeder."""
    headings = (
        "feeder",
        "candidates",
        "depth",
        "episodes",
        "episodes/s",
        "looked at",
        "last change",
        "tau of first 20",
    )
    rows = []
    for row in searches.rows:
        sizes = [f"{count:,}" for count in (row.ends, row.depth, row.episodes)]
        searched = [f"{count:,}" for count in (row.tried, row.last_change)]
        speed = rate(row.episodes_per_s)
        rows.append([row.feeder, *sizes, speed, *searched, f"{row.tau:.3g}"])
    table = Table(headings, rows, "lrrrrrrr")
    return Summary([("Tree search, worst of all seeds", table)])


def page(searches: TreeSearches) -> Page:
    """The page of a complete measurement."""
    episodes = searches.rows[0].episodes
    question = (
        f"Load at {LOAD_SHARE:.0%}, PV at {PV_SHARE:.0%} of nominal load, entry at the bus of highest voltage, batteries of "
        f"{BATTERY_SHARE:.0%} of the load. tau is Kendall's, of the first {SearchConfig().top} places; all figures but the speed "
        f"are the worst of {searches.seeds} seeds after {episodes:,} episodes."
    )
    sections = [
        Section("", [question]),
        Section("By feeder", [_feeders(searches.rows)]),
        Section(
            "One thing changed at a time",
            ["tau as above.", _variations(searches.variations)],
        ),
    ]
    return Page("[What is searched](../tree-search.md).", sections)


def _feeders(rows: Sequence[SearchRow]) -> Table:
    cells = []
    for row in rows:
        counts = [
            f"{count:,}" for count in (row.ends, row.depth, row.tried, row.last_change)
        ]
        cells.append([row.feeder, *counts, f"{row.tau:.3f}", rate(row.episodes_per_s)])
    headings = (
        "feeder",
        "candidates",
        "depth",
        "looked at",
        "last change in episode",
        "tau",
        "episodes/s",
    )
    return Table(headings, cells, "lrrrrrr")


def _variations(variations: Mapping[str, Mapping[str, float]]) -> Table:
    feeders = list(next(iter(variations.values())))
    rows = []
    for name, taus in variations.items():
        texts = [number_text(taus[feeder], ".2f") for feeder in feeders]
        rows.append([name, *texts])
    return Table(["", *feeders], rows, "l" + "r" * len(feeders))
