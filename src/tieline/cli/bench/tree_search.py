"""`tieline bench tree-search`: learned rankings beside the exhaustive ones."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from tieline.cli.bench.words import names_of, number, shown
from tieline.files import require_writable, write_file


def tree_search(
    *feeders: Annotated[
        str, Parameter(help="Feeders, bundled names or paths; three bundled ones if none is given.")
    ],
    episodes: Annotated[int, number("Episodes of a search.", 1)] = 600,
    seeds: Annotated[int, number("Searches per feeder.", 1)] = 20,
    page: Annotated[
        Path | None,
        Parameter(help="Markdown page to write; compares other settings of the search too."),
    ] = None,
) -> None:
    """Tree search for assisting buses: episodes per second, candidates looked at, agreement with the exhaustive ranking."""
    from dataclasses import astuple

    from rich.table import Table

    from tieline.bench.tree_search.measure import DEFAULT_FEEDERS, measure, vary
    from tieline.cli.screen import screen
    from tieline.feeders import load_feeder

    if page is not None:
        require_writable(page, "--page")
    found = [load_feeder(name) for name in feeders or DEFAULT_FEEDERS]
    rows = measure(found, [episodes], seeds)
    table = Table(title="Tree search, worst of all seeds", title_justify="left")
    for heading in (
        "feeder",
        "candidates",
        "depth",
        "episodes",
        "episodes/s",
        "looked at",
        "last change",
        "tau of first 20",
    ):
        table.add_column(heading, justify="left" if heading == "feeder" else "right")
    for row in rows:
        name, *numbers = astuple(row)
        table.add_row(
            name,
            *(
                f"{number:,.3g}" if isinstance(number, float) else f"{number:,}"
                for number in numbers
            ),
        )
    screen().print(table)
    if page is not None:
        from tieline.bench.tree_search.page import page as page_of

        flags = {"--episodes": (episodes, 600), "--seeds": (seeds, 20)}
        changed = [
            f"{flag} {value}" for flag, (value, default) in flags.items() if value != default
        ]
        command = " ".join(
            ["tieline bench tree-search", *names_of(feeders), *changed, f"--page {shown(page)}"]
        )
        write_file(page, page_of(rows, vary(found, episodes, seeds), seeds, command))
