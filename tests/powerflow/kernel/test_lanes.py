"""The larger of two sizes by their bits: ordered as the numbers are, and never without a NaN that was met."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tieline.powerflow.kernel.compiled import entry
from tieline.powerflow.kernel.lanes import LANES, larger_size, load, store


@entry
def keep_larger(one: Any, other: Any, out: Any) -> None:
    store(out, 0, larger_size(load(one, 0), load(other, 0)))


def larger(one: float, other: float) -> float:
    rows = [np.full((1, LANES), number) for number in (one, other, 0.0)]
    keep_larger(*rows)
    assert len(np.unique(rows[2])) == 1
    return float(rows[2][0, 0])


SIZES = [0.0, 5e-324, 1e-300, 1.0, np.nextafter(1.0, 2.0), 1e300, np.inf]


@pytest.mark.parametrize("one", SIZES)
@pytest.mark.parametrize("other", SIZES)
def test_the_larger_of_two(one: float, other: float) -> None:
    assert larger(one, other) == max(one, other)


@pytest.mark.parametrize("sign", [1.0, -1.0])
@pytest.mark.parametrize("size", SIZES)
def test_nan_is_kept_whatever_its_sign(size: float, sign: float) -> None:
    """A processor makes NaN with the sign set, of zero times infinity for instance."""
    nan = float(np.copysign(np.nan, sign))
    assert np.isnan(larger(nan, size))
    assert np.isnan(larger(size, nan))
