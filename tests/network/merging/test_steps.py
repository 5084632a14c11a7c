"""Merge and split, minute by minute: threshold, mean, hysteresis, dwell, and who takes part."""

from __future__ import annotations

import numpy as np
import pytest

from tieline import load_feeder
from tieline.errors import InputError, ShapeError
from tieline.network.merging import (
    MergeRule,
    first_state,
    group_labels,
    merge_step,
    merge_timeline,
    watch_bus,
)
from tieline.network.partition import Partition, partition

AT_ONCE = MergeRule(watch_minutes=1)


@pytest.fixture(scope="module")
def six() -> Partition:
    return partition(load_feeder("ieee123"), microgrids=6)


def merged_minutes(six: Partition, series, rule=AT_ONCE) -> list[int]:
    """Minutes in which the regions on both sides of switch 18-135 are one."""
    watches = [watch_bus(six, "18", 100.0)]
    line = merge_timeline(six, watches, np.array(series, dtype=float)[:, None], rule)
    a, b = six.region_of["18"], six.region_of["135"]
    return np.flatnonzero(line.groups[:, a] == line.groups[:, b]).tolist()


def test_merged_exactly_where_the_ratio_is_one(six: Partition):
    assert merged_minutes(six, [99, 100, 101, 99.9, 50, 100]) == [1, 2, 5]


def test_mean_looks_back_only(six: Partition):
    rule = MergeRule(watch_minutes=3)
    # means: 0, 0, 50, 100, 150, 100, 50
    assert merged_minutes(six, [0, 0, 150, 150, 150, 0, 0], rule) == [3, 4, 5]
    # fewer minutes at the start: the first is its own mean
    assert merged_minutes(six, [100, 0, 0], rule) == [0]


def test_mean_of_the_step_is_that_of_the_series(six: Partition):
    watches = [watch_bus(six, "18", 90.0), watch_bus(six, "67", 120.0)]
    loads = np.random.default_rng(3).uniform(0, 200, size=(60, 2))
    line = merge_timeline(six, watches, loads)
    for t in (0, 7, 14, 15, 59):
        mean = loads[max(t - 14, 0) : t + 1].mean(axis=0)
        assert line.ratio[t] == pytest.approx(mean / [90.0, 120.0])


def test_hysteresis_keeps_regions_merged(six: Partition):
    rule = MergeRule(watch_minutes=1, hysteresis=0.2)
    assert merged_minutes(six, [100, 80, 79, 99, 100], rule) == [0, 1, 4]


def test_dwell_holds_both_ways(six: Partition):
    rule = MergeRule(watch_minutes=1, dwell_minutes=3)
    assert merged_minutes(six, [100, 0, 0, 0, 100, 100, 100, 0], rule) == [
        0,
        1,
        2,
        6,
        7,
    ]


def test_region_without_a_chosen_der_stays_apart(six: Partition):
    watch = watch_bus(six, "67", 100.0)
    before, middle, behind = (six.region_of[bus] for bus in ("60", "67", "197"))
    unions = []

    def regions_chosen(union):
        unions.append(set(union))
        return {middle, behind}

    state = first_state([watch])
    step = merge_step(six, [watch], state, [100.0], AT_ONCE, regions_chosen)
    assert unions == [{before, middle, behind}]
    assert step.groups[middle] == step.groups[behind]
    assert step.groups[before] != step.groups[middle]
    assert [(event.kind, event.minute) for event in step.events] == [("merge", 0)]
    assert {step.events[0].near, step.events[0].far} == {middle, behind}
    # asked once for as long as the ratio stays at one
    step = merge_step(six, [watch], step.state, [120.0], AT_ONCE, regions_chosen)
    assert len(unions) == 1
    assert step.events == ()
    step = merge_step(six, [watch], step.state, [80.0], AT_ONCE, regions_chosen)
    assert [(event.kind, event.minute) for event in step.events] == [("split", 2)]
    assert step.groups.tolist() == [0, 1, 2, 3, 4, 5]


def test_two_watches_make_groups_of_their_own(six: Partition):
    watches = [watch_bus(six, "18", 1.0), watch_bus(six, "67", 1.0)]
    step = merge_step(six, watches, first_state(watches), [1.0, 1.0], AT_ONCE)
    members = {}
    for region, label in enumerate(step.groups.tolist()):
        members.setdefault(label, set()).add(region)
    of = six.region_of
    assert set(map(frozenset, members.values())) == {
        frozenset({of["1"]}),
        frozenset({of["18"], of["135"]}),
        frozenset({of["60"], of["67"], of["197"]}),
    }
    # such labels are what a partition is merged by
    assert len(six.merged(step.groups.tolist()).regions) == 3


def test_labels_are_the_lowest_region(six: Partition):
    assert group_labels(six, []).tolist() == [0, 1, 2, 3, 4, 5]
    assert group_labels(six, range(5)).tolist() == [0] * 6


def test_bad_loads_and_rules(six: Partition):
    watches = [watch_bus(six, "18", 1.0)]
    with pytest.raises(ShapeError, match="one load for each"):
        merge_step(six, watches, first_state(watches), [1.0, 2.0], AT_ONCE)
    with pytest.raises(InputError, match="bus '18' is not a finite"):
        merge_timeline(six, watches, [[1.0], [np.nan]])
    with pytest.raises(ShapeError, match="at least one minute"):
        merge_timeline(six, watches, np.zeros((0, 1)))
    with pytest.raises(InputError, match="at least 1 and 0"):
        MergeRule(watch_minutes=0)
    with pytest.raises(InputError, match="0 to below 1"):
        MergeRule(hysteresis=1.0)
