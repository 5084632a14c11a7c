"""The first break of a limit, found by batches, on rules whose breaks are known."""

from __future__ import annotations

import numpy as np
import pytest

from tieline.errors import InputError
from tieline.studies.transfer_capability.ways.search import GRID, first_breaks


def test_every_case_and_limit_has_its_own_bracket() -> None:
    at_kw = np.array([[10.0, 300.0], [7.7, 41.3], [0.2, 0.3]])
    breaks = first_breaks(lambda case, kw: kw[:, None] > at_kw[case], 3, 5.0, 0.01)
    assert (breaks.safe_kw <= at_kw).all()
    assert (breaks.broken_kw > at_kw).all()
    assert (breaks.broken_kw - breaks.safe_kw).max() <= 0.01


def test_a_limit_that_recovers_ends_the_transfer_at_its_first_break() -> None:
    """Broken from 100 to 200 kW and beyond 500 kW."""
    breaks = first_breaks(
        lambda case, kw: (((kw > 100) & (kw < 200)) | (kw > 500))[:, None],
        1,
        300.0,
        0.1,
    )
    assert breaks.safe_kw[0, 0] == pytest.approx(100, abs=0.1)


def test_a_limit_broken_from_the_start_has_no_room() -> None:
    breaks = first_breaks(
        lambda case, kw: np.ones((len(kw), 1), dtype=bool), 2, 10.0, 0.1
    )
    assert breaks.safe_kw.tolist() == [[0.0], [0.0]]
    assert breaks.broken_kw.tolist() == [[0.0], [0.0]]


def test_a_case_is_not_solved_far_beyond_its_first_break() -> None:
    at_kw = np.array([1.0, 10.0])
    sizes = []

    def judge(case: np.ndarray, kw: np.ndarray) -> np.ndarray:
        sizes.append(len(kw))
        return kw[:, None] > at_kw[case, None]

    first_breaks(judge, 2, 20.0, 0.01)
    # Grid steps of 20 / 64 kW: the first case is through after 8 of them, the other one after 40. 20 / 64 / 9 / 9 < 0.01.
    assert sizes == [2, 16, 8, 8, 8, 8, 16, 16]
    assert sum(sizes) < 2 * GRID


def test_what_never_breaks_is_named() -> None:
    with pytest.raises(InputError, match="does not break"):
        first_breaks(lambda case, kw: np.zeros((len(kw), 1), dtype=bool), 1, 1.0, 0.1)


def test_a_bracket_ends_where_numbers_cannot_be_told_apart() -> None:
    """Between neighbouring numbers there is nothing to cut, however fine the resolution."""
    breaks = first_breaks(lambda case, kw: kw[:, None] > 1e12 / 3, 1, 1.0, 1e-13)
    assert breaks.safe_kw[0, 0] == pytest.approx(1e12 / 3, rel=1e-8)
