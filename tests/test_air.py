"""What STYLE.md says of air and names, as far as numbers can hold it: none of them goes up.

The numbers are those of `tools/house_table.py`, which also lists the places. Where one is well below its ceiling, lower that.
"""

from __future__ import annotations

from functools import cache

import pytest

from house_table import (
    SOURCE,
    Counts,
    comments_per_hundred,
    count_folder,
    densest,
    nodes_per_line,
    not_nouns,
    package_root,
    total,
    unpaired_per_thousand,
)

PACKAGE = package_root(SOURCE)
FOLDERS = [".", *sorted(file.parent.name for file in PACKAGE.glob("*/__init__.py"))]
"""Directly below the package; modules at its root stand under '.'."""

NODES_PER_LINE = 10.0
"""Over the whole package; the libraries we admire hold 6 to 9."""

NODES_PER_LINE_OF_A_FOLDER = 12.0
"""Array code is denser than the rest, but no folder may be denser than this."""

UNPAIRED_PER_THOUSAND = 5.0
"""Parallel assignments that are no true pairs, per 1000 statements."""

COMMENTS_PER_HUNDRED = 2.0
"""At least this number of comments per 100 code lines, over the whole package."""

NOT_NOUNS = 0
"""Functions with a local name that is a pronoun or a participle."""


# not as the file is read: every process that looks for tests would count the house
@cache
def by_part() -> dict[str, Counts]:
    """Counts of each folder directly below the package, its subfolders included."""
    parts: dict[str, Counts] = {}
    for folder, counts in count_folder(SOURCE).items():
        parts.setdefault(folder.partition("/")[0], Counts()).add(counts)
    return parts


def test_a_line_holds_one_thought():
    counts = total(by_part())
    density = nodes_per_line(counts)
    assert density <= NODES_PER_LINE, "\n".join(["densest:", *densest(counts, 20)])


def test_every_folder_is_counted():
    assert set(by_part()) == set(FOLDERS)


@pytest.mark.parametrize("folder", FOLDERS)
def test_no_folder_is_dense(folder: str):
    counts = by_part()[folder]
    assert nodes_per_line(counts) <= NODES_PER_LINE_OF_A_FOLDER, "\n".join(
        densest(counts, 20)
    )


def test_parallel_assignment_is_for_pairs():
    counts = total(by_part())
    assert unpaired_per_thousand(counts) <= UNPAIRED_PER_THOUSAND, "\n".join(
        counts.parallel
    )


def test_locals_are_nouns():
    places = not_nouns(total(by_part()))
    assert len(places) <= NOT_NOUNS, "\n".join(places)


def test_reasons_are_given():
    assert comments_per_hundred(total(by_part())) >= COMMENTS_PER_HUNDRED
