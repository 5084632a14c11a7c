"""The runs that are held beside each other, by names that tell them apart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from tieline.errors import InputError
from tieline.studies.result import Result
from tieline.studies.saved_run import load_run

Runs = dict[str, Result]
"""Results of one study by the name of their folder, the first the one that others are compared with."""

LONGEST_PATH = 100
"""Parts of a path that are tried; whole paths stand where all of them end alike."""


def read_runs(folders: Sequence[Path]) -> Runs:
    """Read run folders.

    Raises:
        InputError: for fewer than two, a folder given twice, one that cannot be read, or runs of different studies.
    """
    resolved = [folder.resolve() for folder in folders]
    if len(resolved) < 2:
        raise InputError("A comparison takes two run folders or more. Give them.")
    for folder in resolved:
        if resolved.count(folder) > 1:
            raise InputError(
                f"Run folder '{folder}' is given twice. Give different ones."
            )
    return read_named(dict(zip(short_names(resolved), resolved, strict=True)))


def read_named(folders: Mapping[str, Path]) -> Runs:
    """Read run folders by the names that a page gives them.

    Raises:
        InputError: for a folder that cannot be read, or runs of different studies.
    """
    runs = {name: load_run(folder) for name, folder in folders.items()}
    _require_one_study(runs)
    return runs


def short_names(folders: Sequence[Path]) -> list[str]:
    """As many last parts of each path as it takes to tell all of them apart."""
    for count in range(1, LONGEST_PATH):
        names = [str(Path(*folder.parts[-count:])) for folder in folders]
        # two paths may end alike: then one more part goes before
        if len(set(names)) == len(names):
            return names
    return [str(folder) for folder in folders]


def _require_one_study(runs: Runs) -> None:
    studies = {result.study for result in runs.values()}
    if len(studies) == 1:
        return
    named = ", ".join(f"'{name}' is {result.study}" for name, result in runs.items())
    raise InputError(
        f"Only runs of one study can be compared: {named}. Their numbers answer different questions."
    )
