"""`tieline bench reserve`: the goals of the reserve study."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from tieline.cli.bench.words import number, shown
from tieline.files import require_writable, write_file


def reserve(
    *,
    trainings: Annotated[int, number("Seeds trained under each setting.", 1, 100)] = 5,
    held_out: Annotated[int, number("Unseen requests on which all are judged.", 0)] = 1000,
    page: Annotated[Path | None, Parameter(help="Markdown page to write.")] = None,
) -> None:
    """The reserve study trained anew under several settings, beside rules and the optimum; takes minutes."""
    import sys

    from tieline.bench.reserve import measure as bench
    from tieline.bench.reserve.page import page as page_of

    if page is not None:
        require_writable(page, "--page")
    results = bench.run(
        trainings, held_out, lambda name: print(f"training: {name}", file=sys.stderr)
    )
    flags = {"--trainings": (trainings, 5), "--held-out": (held_out, 1000)}
    changed = [f"{flag} {value}" for flag, (value, default) in flags.items() if value != default]
    text = page_of(
        results,
        " ".join(["tieline bench reserve", *changed, *([f"--page {shown(page)}"] if page else [])]),
    )
    print(text)
    if page is not None:
        write_file(page, text)
