"""Which borders are at a watched bus."""

from __future__ import annotations

import pytest

from tieline import load_feeder
from tieline.errors import InputError
from tieline.network.merging import default_p_max_kw, watch_bus
from tieline.network.partition import Partition, partition


@pytest.fixture(scope="module")
def six() -> Partition:
    return partition(load_feeder("ieee123"), microgrids=6)


def names(divided: Partition, bus: str) -> set[str]:
    watch = watch_bus(divided, bus, 90.0)
    return {divided.borders[k].branch.name for k in watch.borders}


def test_published_watched_buses(six: Partition):
    # 18 ends line 13-18 too, but merging is over its tie line
    assert names(six, "18") == {"sw3"}
    # 67 is one line from each: a regulator stands between it and switch 60-160
    assert names(six, "67") == {"sw4", "sw5"}


def test_bus_at_a_line_alone_watches_the_line(six: Partition):
    without_tie = six.merged([0, 1, 1, 3, 4, 5])
    assert names(without_tie, "18") == {"l13"}


def test_region_is_that_of_the_bus(six: Partition):
    assert watch_bus(six, "18", 1.0).region == six.region_of["18"]


@pytest.mark.parametrize("bus", ["33", "83"])
def test_bus_inside_a_region_cannot_be_watched(six: Partition, bus: str):
    with pytest.raises(InputError, match=r"cannot be watched.*18-135 \(switch sw3\)"):
        watch_bus(six, bus, 90.0)


def test_no_border_at_all(six: Partition):
    with pytest.raises(InputError, match="there is one region"):
        watch_bus(six.merged([0] * 6), "18", 90.0)


def test_unknown_bus_and_no_load(six: Partition):
    with pytest.raises(InputError, match="Unknown bus"):
        watch_bus(six, "nowhere", 90.0)
    with pytest.raises(InputError, match="above 0"):
        watch_bus(six, "18", 0.0)


def test_default_is_three_quarters_of_the_peak():
    assert default_p_max_kw([10.0, 120.0, 60.0]) == 90.0
