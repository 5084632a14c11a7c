"""Loads that give way and catch up: limits, state and power, worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from tieline.devices import ReboundLoads, Reduction, equal_parts
from tieline.errors import InputError, ShapeError


def one_load(**options: bool) -> ReboundLoads:
    """50 kW of curtailment and 40 kW of shift, which comes back in four equal parts."""
    return ReboundLoads.make(["a"], 50.0, 40.0, equal_parts(4), **options)


def test_four_equal_parts_come_back_and_overlap() -> None:
    # 40 kW out in step 0 and 20 kW in step 2: 10 kW four times from step 1 on, 5 kW four times from step 3 on
    shifted = np.array([[40.0], [0.0], [20.0], [0.0], [0.0]])
    devices = one_load()
    returned, owed = devices.returned_in_steps(devices.nothing_owed_kw, shifted)
    assert returned[:, 0].tolist() == [0.0, 10.0, 10.0, 15.0, 15.0]
    # steps 5 and 6 still get theirs of the second shift
    assert owed.tolist() == [[5.0, 5.0, 0.0, 0.0]]


def test_kernels_of_several_lengths_and_factors() -> None:
    kernel = [[0.5, 0.3, 0.0], [0.0, 0.0, 1.2]]
    devices = ReboundLoads.make(["a", "b"], 0.0, [10.0, 20.0], kernel)
    shifted = np.array([[10.0, 20.0], [0.0, 0.0], [0.0, 0.0], [0.0, 0.0]])
    returned, owed = devices.returned_in_steps(devices.nothing_owed_kw, shifted)
    assert returned == pytest.approx(np.array([[0, 0], [5, 0], [3, 0], [0, 24.0]]))
    assert not owed.any()


def test_many_scenarios_are_as_each_alone() -> None:
    random = np.random.default_rng(3)
    devices = ReboundLoads.make(
        ["a", "b", "c"], [5.0, 7.0, 9.0], 8.0, random.random((3, 4)), within_load=True
    )
    load = random.uniform(0, 12, (6, 3))
    owed = random.uniform(0, 3, (6, 3, 4))
    wish = random.uniform(-2, 12, (2, 6, 3))
    batch = devices.clip(wish[0], wish[1], load, owed, steps_after=3)
    after = devices.next_owed_kw(owed, batch.shifted_kw)
    for k in range(6):
        alone = devices.clip(wish[0, k], wish[1, k], load[k], owed[k], steps_after=3)
        assert np.array_equal(alone.curtailed_kw, batch.curtailed_kw[k])
        assert np.array_equal(alone.shifted_kw, batch.shifted_kw[k])
        assert np.array_equal(devices.next_owed_kw(owed[k], alone.shifted_kw), after[k])


def test_caps_alone_let_a_bus_give_power() -> None:
    devices = one_load()
    reduction = devices.clip([99.0], [-5.0], [30.0], devices.nothing_owed_kw)
    assert [part[0] for part in reduction] == [50.0, 0.0]
    p, q = devices.consumption([30.0], [12.0], reduction, [0.0])
    assert (p[0], q[0]) == (-20.0, 12.0)


def test_no_more_is_taken_off_than_the_load_and_what_comes_back() -> None:
    devices = one_load(within_load=True)
    # 20 kW of load and 10 kW that come back leave room for 30 kW, a third of the 90 kW wished for
    owed = np.array([[10.0, 0.0, 0.0, 0.0]])
    reduction = devices.clip([50.0], [40.0], [20.0], owed)
    assert [part[0] for part in reduction] == pytest.approx([50 / 3, 40 / 3])
    p, _ = devices.consumption([20.0], [0.0], reduction, devices.returned_kw(owed))
    assert p[0] == pytest.approx(0.0)


def test_a_load_that_feeds_in_has_nothing_to_take_off() -> None:
    devices = one_load(within_load=True)
    reduction = devices.clip([50.0], [40.0], [-20.0], devices.nothing_owed_kw)
    assert [part[0] for part in reduction] == [0.0, 0.0]


def test_reactive_power_follows_at_the_power_factor() -> None:
    reduction = Reduction(np.array([20.0, 5.0]), np.array([10.0, 0.0]))
    devices = ReboundLoads.make(["a", "b"], 50.0, 40.0, [1.0], at_power_factor=True)
    p, q = devices.consumption([60.0, 0.0], [30.0, 8.0], reduction, [15.0, 0.0])
    # -15 kW at 0.5 kvar per kW; the second load has no active power to follow
    assert p.tolist() == [45.0, -5.0]
    assert q.tolist() == [22.5, 8.0]


@pytest.mark.parametrize(("steps_after", "most"), [(4, 40.0), (3, 0.0), (0, 0.0)])
def test_a_rebound_that_has_to_close_leaves_time_for_it(
    steps_after: int, most: float
) -> None:
    devices = one_load()
    _, shift_kw, _ = devices.limits_kw([99.0], devices.nothing_owed_kw, steps_after)
    assert shift_kw[0] == most


def test_scenarios_may_stand_at_different_steps() -> None:
    devices = one_load()
    owed = np.zeros((3, 1, 4))
    reduction = devices.clip(
        np.zeros((3, 1)), np.full((3, 1), 40.0), np.ones((3, 1)), owed, [9, 4, 3]
    )
    assert reduction.shifted_kw.tolist() == [[40.0], [40.0], [0.0]]


def test_share_that_returns_within_a_horizon() -> None:
    devices = ReboundLoads.make(["a", "b"], 0.0, 1.0, [[0.5, 0.25], [0.0, 1.2]])
    share = devices.returned_share(4)
    assert share.tolist() == [[0.75, 1.2], [0.75, 1.2], [0.5, 0.0], [0.0, 0.0]]


def test_zeros_at_the_end_of_a_kernel_take_no_time() -> None:
    devices = ReboundLoads.make(["a", "b"], 0.0, 1.0, [[1.0, 0.0], [0.5, 0.5]])
    assert devices.closes_within(1).tolist() == [True, False]


def test_equal_parts_with_a_factor() -> None:
    assert equal_parts(4, 0.8) == pytest.approx([0.2] * 4)
    with pytest.raises(InputError, match="at least one step"):
        equal_parts(0)


def test_all_bad_ratings_are_named_together() -> None:
    with pytest.raises(InputError) as error:
        ReboundLoads.make(["a", "b"], [-1.0, 2.0], [3.0, np.nan], [[1.0], [-0.5]])
    text = str(error.value)
    assert "'a': curtail_max_kw >= 0" in text
    assert "'b': shift_max_kw >= 0" in text
    assert "'b': every share of the kernel >= 0" in text


def test_a_table_that_does_not_fit_is_refused() -> None:
    with pytest.raises(ShapeError, match=r"kernel of the flexible loads has shape"):
        ReboundLoads.make(["a", "b", "c"], 1.0, 1.0, np.ones((2, 4)))
