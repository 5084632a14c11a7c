"""Several runs told as one: mean, standard deviation, lowest and highest over seeds or days.

A learned or random method is never one number. `Spread` is what a page says of it; what has no chance in it (a rule, a baseline,
the optimum) stands beside it as a single number, by `compare`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from tieline.bench.kit.markdown import Table
from tieline.bench.kit.numbers import number_text

SPREAD_HEADINGS = ("mean", "std", "lowest", "highest")


@dataclass(frozen=True)
class Spread:
    """A number over several runs; `std` is that of the runs themselves (divided by their count)."""

    mean: float
    std: float
    lowest: float
    highest: float
    count: int

    @classmethod
    def of(cls, values: Iterable[float]) -> Spread:
        """The spread of at least one number."""
        numbers = np.array(list(values), dtype=float)
        return cls(
            mean=float(numbers.mean()),
            std=float(numbers.std()),
            lowest=float(numbers.min()),
            highest=float(numbers.max()),
            count=len(numbers),
        )

    def cells(self, spec: str = ".2f") -> tuple[str, str, str, str]:
        """Texts below `SPREAD_HEADINGS`."""
        return (
            number_text(self.mean, spec),
            number_text(self.std, spec),
            number_text(self.lowest, spec),
            number_text(self.highest, spec),
        )

    def text(self, runs: str, spec: str = ".3f") -> str:
        """For example "0.012 to 0.031, std 0.006, 5 seeds"; `runs` is what they are."""
        _, std, lowest, highest = self.cells(spec)
        noun = runs
        if self.count == 1:
            noun = runs.removesuffix("s")
        return f"{lowest} to {highest}, std {std}, {self.count} {noun}"


@dataclass(frozen=True)
class Contender:
    """One who answers the question of a table.

    Attributes:
        labels: who it is, the first cells of its row.
        runs: numbers (run, quantity); a single run for what has no chance in it.
        seeds: whether the runs are seeds, whose spread is shown.
    """

    labels: Sequence[str]
    runs: Sequence[Sequence[float]]
    seeds: bool = False


def compare(
    label_headings: Sequence[str],
    quantity_headings: Sequence[str],
    contenders: Iterable[Contender],
    spread_heading: str,
    spec: str = ".3f",
) -> Table:
    """What is learned, over its seeds, beside baselines and the optimum.

    Args:
        label_headings: of the first columns.
        quantity_headings: of the means over runs, one column per quantity.
        contenders: a row each.
        spread_heading: of the last column, the spread of the first quantity over seeds.
        spec: format of all numbers.
    """
    rows = [_contender_row(contender, spec) for contender in contenders]
    number_headings = (*quantity_headings, spread_heading)
    alignment = "l" * len(label_headings) + "r" * len(number_headings)
    return Table((*label_headings, *number_headings), rows, alignment)


def _contender_row(contender: Contender, spec: str) -> tuple[str, ...]:
    by_quantity = np.transpose(contender.runs)
    spreads = [Spread.of(numbers) for numbers in by_quantity]
    means = [number_text(spread.mean, spec) for spread in spreads]
    # what has no chance in it is run once: a spread of zero would look like a finding
    over_seeds = ""
    if contender.seeds:
        over_seeds = spreads[0].text("seeds", spec)
    return *contender.labels, *means, over_seeds
