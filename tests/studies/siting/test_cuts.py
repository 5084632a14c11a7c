"""Where brackets are cut: around the crossing of a straight line, inside the bracket, in thirds where nothing is known."""

from __future__ import annotations

import numpy as np
import pytest

from tieline.studies.siting.cuts import crossing_share, cut


def test_the_first_of_several_lines_that_break_counts() -> None:
    safe = np.array([[-1.0, -3.0, -9.0]])
    broken = np.array([[3.0, 1.0, -8.0]])
    breaks = np.array([[True, True, False]])
    assert crossing_share(safe, broken, breaks) == pytest.approx([0.25])


def test_without_a_reading_nothing_is_known() -> None:
    safe = np.array([[-1.0]])
    share = crossing_share(safe, np.array([[np.nan]]), np.array([[True]]))
    assert np.isnan(share).all()


@pytest.mark.parametrize("share", [0.0, 0.01, 0.5, 0.99, 1.0])
def test_cuts_stand_on_both_sides_of_the_crossing_and_inside(share: float) -> None:
    ends = np.array([100.0]), np.array([200.0])
    ((first, second),) = cut(*ends, np.array([share]), np.array([1.0]))
    assert 100 < first < second < 200
    crossing = 100 + 100 * share
    assert first <= max(crossing, 101) and second >= min(crossing, 199)
    # a straight line leaves a bracket of 4 % after one round
    assert second - first <= 4 + 1e-9


def test_two_cuts_leave_a_bracket_that_is_narrow_enough() -> None:
    ends = np.array([100.0]), np.array([110.0])
    ((first, second),) = cut(*ends, np.array([0.5]), np.array([5.0]))
    assert second - first <= 5


def test_thirds_where_no_line_is_known() -> None:
    cuts = cut(np.zeros(1), np.array([9.0]), np.array([np.nan]), np.array([0.1]))
    assert cuts == pytest.approx(np.array([[3.0, 6.0]]))
