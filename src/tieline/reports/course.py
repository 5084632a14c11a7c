"""What the elements of a drawing look like over time, stored so that a page of a whole day stays small.

Elements that always look alike form a group, and a group is a list of runs: "from step 320 on class 4". A day of 1440 minutes of
123 buses in six regions is then six short lists. Left out: values that change in every step; give classes, or coarser steps.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tieline.errors import InputError, ShapeError
from tieline.reports.numbers import format_number
from tieline.typing import IntArray

MOST_RUNS = 500_000
"""A run takes some ten characters: beyond, a page would have more than 5 MB of them."""


@dataclass(frozen=True)
class Course:
    """Classes of elements over time.

    Attributes:
        groups: names of the elements that always look alike.
        runs: of each group, the step in which a run begins and its class, one after the other; the first begins in step 0.
    """

    groups: tuple[tuple[str, ...], ...]
    runs: tuple[tuple[tuple[int, int], ...], ...]

    @property
    def changes(self) -> list[int]:
        """Steps in which any element changes, rising, without the first."""
        starts = {start for runs in self.runs for start, _ in runs}
        return sorted(starts - {0})

    def at(self, step: int) -> dict[str, int]:
        """Class of each element in a step."""
        class_of = {}
        for names, runs in zip(self.groups, self.runs, strict=True):
            present = [number for start, number in runs if start <= step]
            class_of |= dict.fromkeys(names, present[-1])
        return class_of

    def to_json(self) -> list[Mapping[str, Any]]:
        """A group each: its elements, where its runs begin, and their classes."""
        groups = []
        for names, runs in zip(self.groups, self.runs, strict=True):
            starts = [start for start, _ in runs]
            classes = [number for _, number in runs]
            groups.append({"names": names, "starts": starts, "classes": classes})
        return groups


def make_course(names: Sequence[str], classes: IntArray) -> Course:
    """Gather elements that always look alike, and what they look like in runs.

    Args:
        names: of the elements.
        classes: number of the class, (step, element).

    Raises:
        ShapeError: if `classes` is not (step, element).
        InputError: if elements change so often that no browser would open the page.
    """
    if classes.ndim != 2 or classes.shape[1] != len(names) or len(classes) == 0:
        raise ShapeError(
            f"Classes have shape {classes.shape}; expected (steps, {len(names)}), one column per element."
        )
    columns, group_of = np.unique(classes, axis=1, return_inverse=True)
    runs = [_runs(column) for column in columns.T]
    _check_size(sum(len(group) for group in runs))
    members: list[list[str]] = [[] for _ in runs]
    for name, group in zip(names, group_of.ravel(), strict=True):
        members[group].append(name)
    return Course(tuple(map(tuple, members)), tuple(runs))


def _runs(column: IntArray) -> tuple[tuple[int, int], ...]:
    """Where each run of equal numbers begins, and its number."""
    changes = np.flatnonzero(np.diff(column)) + 1
    # the first run begins with the first step, whatever its number
    starts = [0, *changes.tolist()]
    classes = column[starts].tolist()
    return tuple(zip(starts, classes, strict=True))


def _check_size(count: int) -> None:
    if count > MOST_RUNS:
        raise InputError(
            f"The classes of a drawing change {format_number(count)} times over its steps, more than the "
            f"{format_number(MOST_RUNS)} that a browser opens. Give coarser steps or fewer classes."
        )
