"""The docs page of tree search, in Markdown. Every number in it comes from the measurement."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tieline.agents.tree_search import SearchConfig
from tieline.bench.powerflow.page import rate, table
from tieline.bench.powerflow.peaks import describe, versions
from tieline.bench.tree_search.measure import BATTERY_SHARE, LOAD_SHARE, PV_SHARE, Row

PACKAGES = ("numpy", "numba")


def page(
    rows: Sequence[Row], variations: Mapping[str, Mapping[str, float]], seeds: int, command: str
) -> str:
    """The page of a measurement with `command`."""
    return (
        "\n\n".join(
            [
                _head(command),
                _question(rows[0].episodes, seeds),
                _feeders(rows),
                _variations(variations),
            ]
        )
        + "\n"
    )


def _head(command: str) -> str:
    known = ", ".join(f"{name} {number}" for name, number in versions(PACKAGES).items())
    return (
        "# Tree search: learned rankings beside the exhaustive ones\n\n"
        f"[What is searched](../tree-search.md). Written by the command\n\n```bash\n{command}\n```\n\n"
        f"Machine: {describe()}. {known}."
    )


def _question(episodes: int, seeds: int) -> str:
    return (
        f"Load at {LOAD_SHARE:.0%}, PV at {PV_SHARE:.0%} of nominal load, entry at the bus of highest voltage, batteries of "
        f"{BATTERY_SHARE:.0%} of the load. tau is Kendall's, of the first {SearchConfig().top} places; all figures but the speed "
        f"are the worst of {seeds} seeds after {episodes:,} episodes."
    )


def _feeders(rows: Sequence[Row]) -> str:
    cells = [
        (
            row.feeder,
            *(f"{count:,}" for count in (row.ends, row.depth, row.tried, row.last_change)),
            f"{row.tau:.3f}",
            rate(row.episodes_per_s),
        )
        for row in rows
    ]
    headings = (
        "feeder",
        "candidates",
        "depth",
        "looked at",
        "last change in episode",
        "tau",
        "episodes/s",
    )
    return "## By feeder\n\n" + table(headings, cells, "lrrrrrr")


def _variations(variations: Mapping[str, Mapping[str, float]]) -> str:
    feeders = list(next(iter(variations.values())))
    cells = [
        (name, *(f"{round(taus[feeder], 2) + 0.0:.2f}" for feeder in feeders))
        for name, taus in variations.items()
    ]
    return "## One thing changed at a time\n\ntau as above.\n\n" + table(
        ("", *feeders), cells, "l" + "r" * len(feeders)
    )
