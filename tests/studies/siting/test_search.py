"""The search over sizes on limits whose crossing is known by hand."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from tieline.studies.siting.flows import Cases, Verdicts
from tieline.studies.siting.search import Brackets, find_brackets, ladder_kw

RESOLUTION = 0.005


def search(
    excess: Callable[[Cases], np.ndarray],
    n_sites: int,
    n_limits: int,
    n_situations: int = 1,
    most_kw: float = 1000.0,
) -> tuple[Brackets, int]:
    """Brackets, and how many cases they took."""
    counts = []

    def judge(cases: Cases) -> Verdicts:
        counts.append(len(cases))
        values = excess(cases)
        return Verdicts(values, np.zeros(values.shape, dtype=np.int64))

    sizes_kw = ladder_kw(most_kw)
    brackets = find_brackets(
        judge, np.zeros(n_limits), n_sites, n_situations, sizes_kw, RESOLUTION
    )
    return brackets, sum(counts)


@pytest.mark.parametrize("bend", [0.0, 1e-3, -3e-4])
def test_each_bracket_holds_its_crossing_and_is_narrow(bend: float) -> None:
    crossing_kw = np.array([[3.0, 40.0], [700.0, 999.0], [0.02, 250.0]])

    def excess(cases: Cases) -> np.ndarray:
        kw = cases.kw[:, None]
        crossing = crossing_kw[cases.site]
        return (kw - crossing) * (1 + bend * kw)

    brackets, _ = search(excess, n_sites=3, n_limits=2)
    safe_kw = brackets.safe_kw[:, :-1]
    broken_kw = brackets.broken_kw[:, :-1]
    assert (safe_kw <= crossing_kw).all()
    assert (crossing_kw <= broken_kw).all()
    narrowest_kw = np.maximum(0.1, RESOLUTION * broken_kw)
    assert (broken_kw - safe_kw <= narrowest_kw * (1 + 1e-9)).all()


def test_straight_readings_take_few_power_flows() -> None:
    def excess(cases: Cases) -> np.ndarray:
        return cases.kw[:, None] - 333.0

    _, count = search(excess, n_sites=1, n_limits=1)
    # none, six rungs, and two rounds of two cuts
    assert count <= 11


def test_a_step_without_slope_is_found_all_the_same() -> None:
    def excess(cases: Cases) -> np.ndarray:
        return np.where(cases.kw > 71.3, 1e6, -1e-6)[:, None]

    brackets, _ = search(excess, n_sites=1, n_limits=1)
    assert brackets.safe_kw[0, 0] <= 71.3 <= brackets.broken_kw[0, 0]
    assert brackets.broken_kw[0, 0] - brackets.safe_kw[0, 0] <= 0.5


def test_the_situation_that_breaks_first_is_named() -> None:
    crossing_kw = np.array([300.0, 200.0])

    def excess(cases: Cases) -> np.ndarray:
        return (cases.kw - crossing_kw[cases.situation])[:, None]

    brackets, _ = search(excess, n_sites=1, n_limits=1, n_situations=2)
    assert brackets.safe_kw[0, 0] == pytest.approx(200, rel=RESOLUTION)
    assert brackets.situation[0, 0] == 1


def test_a_limit_that_never_breaks_has_no_upper_end() -> None:
    def excess(cases: Cases) -> np.ndarray:
        return np.full((len(cases), 1), -1.0)

    brackets, _ = search(excess, n_sites=2, n_limits=1)
    assert np.isinf(brackets.broken_kw).all()
    assert (brackets.safe_kw == 1000).all()
    assert (brackets.situation == -1).all()


def test_without_a_power_flow_the_size_ends_there() -> None:
    def excess(cases: Cases) -> np.ndarray:
        return np.where(cases.kw > 123.0, np.nan, -1.0)[:, None]

    brackets, _ = search(excess, n_sites=1, n_limits=1)
    limit_kw, solution_kw = brackets.broken_kw[0]
    assert np.isinf(limit_kw)
    assert solution_kw == pytest.approx(123, rel=2 * RESOLUTION)


def test_below_sizes_without_a_power_flow_every_situation_is_looked_at() -> None:
    crossing_kw = np.array([700.0, 50.0])

    def excess(cases: Cases) -> np.ndarray:
        beyond_kw = cases.kw - crossing_kw[cases.situation]
        return np.where(cases.kw > 5000.0, np.nan, beyond_kw)[:, None]

    # the lowest rung is far above the last size that has a power flow
    brackets, _ = search(excess, n_sites=1, n_limits=1, n_situations=2, most_kw=1e9)
    assert brackets.safe_kw[0, 0] == pytest.approx(50, rel=2 * RESOLUTION)
    assert brackets.situation[0, 0] == 1


def test_the_ladder_ends_at_the_largest_and_takes_further_sizes() -> None:
    sizes_kw = ladder_kw(1024.0, 500.0)
    assert sizes_kw.tolist() == [1, 4, 16, 64, 256, 500, 1024]


def test_limits_are_looked_at_to_four_times_what_breaks_first() -> None:
    crossing_kw = np.array([[10.0, 38.0, 900.0]])

    def excess(cases: Cases) -> np.ndarray:
        return cases.kw[:, None] - crossing_kw

    brackets, _ = search(excess, n_sites=1, n_limits=3, most_kw=1024.0)
    first, second, third = brackets.safe_kw[0, :3]
    assert first == pytest.approx(10, rel=0.02)
    assert second == pytest.approx(38, rel=0.02)
    # rungs 1, 4, 16, 64: the last one is beyond the first break
    assert np.isinf(brackets.broken_kw[0, 2])
    assert third == 64
