"""Voltages of any number of scenarios in the memory of one batch: minimum, maximum and quantiles of each node.

    summary = summarise(network, ({"load_scale": draw()} for _ in range(1000)), quantiles=(0.05, 0.95))

Minimum and maximum are exact. Quantiles come from a histogram of each node, whose bins double in width when a value falls
outside: a quantile is off by at most the width of a bin, which is stated beside it, however scenarios are divided into batches.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tieline.errors import InputError
from tieline.network.network import Network
from tieline.powerflow.kernel.compiled import entry
from tieline.powerflow.outcome import Outcome
from tieline.powerflow.solve import solve
from tieline.typing import FloatArray, IntArray

BINS = 1024
"""Bins per node. At least a quarter of them lie between the smallest and the largest value, unless bins are at their finest."""

FINEST = -33
"""Exponent of two of the finest bin width: 1e-10 pu, below any tolerance of a power flow."""


@dataclass(frozen=True, eq=False)
class VoltageSummary:
    """Voltage magnitudes of many scenarios, those without an answer left out. All nodes in the order of `network.node_names`.

    Attributes:
        n_scenarios: how many were solved.
        n_outcome: how many ended with each `Outcome`, by its code, (outcome,).
        v_min_pu, v_max_pu: smallest and largest magnitude, (node,) [pu]; NaN if no scenario has an answer.
        quantiles: the levels asked for, (quantile,).
        v_quantile_pu: the magnitude that this share of scenarios does not exceed, (quantile, node) [pu].
        quantile_error_pu: largest error of the quantiles, (node,) [pu].
    """

    n_scenarios: int
    n_outcome: IntArray
    v_min_pu: FloatArray
    v_max_pu: FloatArray
    quantiles: FloatArray
    v_quantile_pu: FloatArray
    quantile_error_pu: FloatArray

    @property
    def n_converged(self) -> int:
        """Scenarios with an answer."""
        return int(self.n_outcome[Outcome.CONVERGED])


def summarise(
    network: Network,
    batches: Iterable[Mapping[str, Any]],
    *,
    quantiles: Sequence[float] = (0.05, 0.5, 0.95),
    **options: Any,
) -> VoltageSummary:
    """Solve batch after batch and keep what is asked of the voltages only.

    Args:
        network: feeder arrays.
        batches: the inputs of one `solve` each, by keyword, such as `{"load_scale": array}`; a few thousand scenarios each.
        quantiles: levels between 0 and 1.
        options: further keywords of `solve`, the same for every batch, such as `controls` or `taps`.

    Raises:
        InputError: if a level is not between 0 and 1, or there is no batch; and what `solve` raises.
    """
    levels = np.asarray(quantiles, dtype=float)
    if levels.ndim != 1 or not ((levels >= 0) & (levels <= 1)).all():
        raise InputError(
            f"quantiles must be a list of numbers from 0 to 1; got {quantiles}."
        )
    histograms = Histograms(network.n_nodes)
    n_outcome = np.zeros(len(Outcome), dtype=np.int64)
    for batch in batches:
        solution = solve(network, **batch, **options)
        n_outcome += np.bincount(solution.outcome, minlength=len(Outcome))
        histograms.add(solution.vm_pu[solution.converged])
    if not n_outcome.any():
        raise InputError(
            "batches holds no batch. Give at least one mapping of inputs for `solve`."
        )
    v_quantile_pu = np.empty((len(levels), network.n_nodes))
    for k, level in enumerate(levels):
        v_quantile_pu[k] = histograms.quantile(level)
    return VoltageSummary(
        n_scenarios=int(n_outcome.sum()),
        n_outcome=n_outcome,
        v_min_pu=histograms.smallest,
        v_max_pu=histograms.largest,
        quantiles=levels,
        v_quantile_pu=v_quantile_pu,
        quantile_error_pu=histograms.width,
    )


class Histograms:
    """A histogram for each of many columns, with bins that widen as needed.

    Bin b of a column covers [(first + b) * width, (first + b + 1) * width); the width is a power of two, so that two bins become
    one exactly.
    """

    def __init__(self, n_columns: int) -> None:
        self.smallest = np.full(n_columns, np.nan)  # NaN gives way to the first value
        self.largest = np.full(n_columns, np.nan)
        self._exponent = np.full(n_columns, FINEST, dtype=np.int64)
        self._first = np.zeros(n_columns, dtype=np.int64)
        self._count = np.zeros((n_columns, BINS), dtype=np.int64)

    @property
    def width(self) -> FloatArray:
        """Width of the bins of each column, (column,)."""
        return np.ldexp(1.0, self._exponent)

    def add(self, values: FloatArray) -> None:
        """Count finite values, (value, column)."""
        if len(values) == 0:
            return
        self.smallest = np.fmin(self.smallest, values.min(axis=0))
        self.largest = np.fmax(self.largest, values.max(axis=0))
        _count(
            values,
            self.smallest,
            self.largest,
            self._exponent,
            self._first,
            self._count,
        )

    def quantile(self, level: float) -> FloatArray:
        """Value that a share `level` of the values does not exceed, (column,); NaN if there are none."""
        n_up_to_bin = np.cumsum(self._count, axis=1)
        total = n_up_to_bin[:, -1]
        n_below = np.clip(np.ceil(level * total), 1, None)
        bins = (n_up_to_bin < n_below[:, None]).sum(axis=1)
        bins = np.minimum(bins, BINS - 1)  # a column without values runs past the last
        column = np.arange(len(total))
        n_inside = self._count[column, bins]
        n_before = n_up_to_bin[column, bins] - n_inside
        # values are taken as evenly spread within their bin
        part = (n_below - n_before) / np.maximum(n_inside, 1)
        place = self._first + bins + part
        # yet never beyond those that there were
        value = np.clip(place * self.width, self.smallest, self.largest)
        return np.where(total > 0, value, np.nan)


@entry
def _count(values, smallest, largest, exponent, first, count):
    """Widen the bins of each column until they cover its smallest and largest value, then count."""
    for k in range(len(exponent)):
        width = 2.0 ** exponent[k]
        low = int(np.floor(smallest[k] / width))
        high = int(np.floor(largest[k] / width))
        if low < first[k] or high >= first[k] + BINS:
            before = first[k]
            steps = 0
            while high - low >= BINS // 2:  # the other half is room for what comes
                low = low >> 1
                high = high >> 1
                steps = steps + 1
            first[k] = (low + high) // 2 - BINS // 2
            old = count[k].copy()
            count[k] = 0
            # Two bins become one at each step, without a value changing sides: widths are powers of two.
            for b in range(BINS):
                if old[b] > 0:
                    count[k, ((before + b) >> steps) - first[k]] += old[b]
            exponent[k] += steps
            width = 2.0 ** exponent[k]
        for value in values[:, k]:
            count[k, int(np.floor(value / width)) - first[k]] += 1
