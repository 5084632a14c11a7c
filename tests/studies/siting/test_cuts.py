"""Where brackets are cut: around the expected crossing, inside the bracket, in thirds where nothing is known."""

from __future__ import annotations

import numpy as np
import pytest

from tieline.studies.siting.cuts import Readings, crossing_share, cut

NO_MISS = np.zeros(1, dtype=np.int64)


def straight(safe: list[float], broken: list[float]) -> Readings:
    """Readings at the ends alone."""
    unknown = np.full((1, len(safe)), np.nan)
    return Readings(unknown, np.array([safe]), np.array([broken]), np.full(1, np.nan))


def test_the_first_of_several_lines_that_break_counts() -> None:
    readings = straight([-1.0, -3.0, -9.0], [3.0, 1.0, -8.0])
    breaks = np.array([[True, True, False]])
    assert crossing_share(readings, breaks) == pytest.approx([0.25])


def test_a_parabola_is_met_exactly() -> None:
    """Excess (s + 2)^2 - 6, s the share of the bracket: it begins at -2, below 0 at the lower end, above 0 at the upper one."""
    shares = np.array([-1.0, 0.0, 1.0])
    before, safe, broken = (shares + 2) ** 2 - 6
    readings = Readings(
        np.array([[before]]), np.array([[safe]]), np.array([[broken]]), shares[:1]
    )
    share = crossing_share(readings, np.array([[True]]))
    assert share == pytest.approx([np.sqrt(6) - 2], rel=1e-12)


def test_without_a_reading_nothing_is_known() -> None:
    share = crossing_share(straight([-1.0], [np.nan]), np.array([[True]]))
    assert np.isnan(share).all()


@pytest.mark.parametrize("share", [0.0, 0.01, 0.5, 0.99, 1.0])
def test_cuts_stand_on_both_sides_of_the_crossing_and_inside(share: float) -> None:
    ends = np.array([100.0]), np.array([200.0])
    ((first, second),) = cut(*ends, np.array([share]), np.array([1.0]), NO_MISS)
    assert 100 < first < second < 200
    # a parabola that is right leaves a bracket of 4 % after one round
    assert second - first <= 4 + 1e-9
    crossing = 100 + 100 * share
    assert first <= max(crossing, 101)
    assert second >= min(crossing, 199)


def test_after_a_miss_cuts_stand_farther_apart_and_then_in_thirds() -> None:
    ends = np.array([0.0]), np.array([21.0])
    widths = []
    for misses in range(3):
        count = np.array([misses])
        ((first, second),) = cut(*ends, np.array([0.5]), np.array([1.0]), count)
        widths.append(second - first)
    assert widths == pytest.approx([0.9, 3.6, 7.0])


def test_thirds_where_no_line_is_known() -> None:
    cuts = cut(np.zeros(1), np.array([9.0]), np.array([np.nan]), np.ones(1), NO_MISS)
    assert cuts == pytest.approx(np.array([[3.0, 6.0]]))
