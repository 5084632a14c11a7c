"""The published region around bus 15 of the 69-bus feeder."""

from __future__ import annotations

import pytest

from tieline import load_feeder
from tieline.errors import InputError
from tieline.network.partition import partition_around, region_around

DERS = {"6", "7", "8", "9", "10", "53", "54", "56", "66"}


@pytest.mark.parametrize("reach_pu", [0.0385, 0.040, 0.0489])
def test_region_of_bus_15(reach_pu: float):
    feeder = load_feeder("ieee69")
    region = region_around(feeder, "15", reach_pu, barriers=("4", "5"))
    assert len(region.buses) == 32
    assert set(region.buses) >= DERS
    assert region.root == "15"


@pytest.mark.parametrize("reach_pu", [0.0375, 0.0495])
def test_beyond_that_range_it_is_another(reach_pu: float):
    region = region_around(load_feeder("ieee69"), "15", reach_pu, barriers=("4", "5"))
    assert len(region.buses) != 32


def test_trunk_comes_in_before_bus_56_where_it_is_not_left_out():
    feeder = load_feeder("ieee69")
    without_56 = region_around(feeder, "15", 0.03845)
    assert {"1", "2", "3", "28", "36", "47"} <= set(without_56.buses)
    assert "56" not in without_56.buses


def test_small_region_by_leaving_out_the_bus_before_it():
    region = region_around(load_feeder("ieee69"), "67", 1.0, barriers=("11",))
    assert set(region.buses) == {"66", "67"}


def test_what_is_left_is_the_part_with_the_source_and_those_behind():
    feeder = load_feeder("ieee69")
    region = region_around(feeder, "15", 0.040, barriers=("4", "5"))
    divided = partition_around(feeder, region)
    assert divided.regions[1] == region
    assert divided.regions[0].buses[0] == feeder.source.bus
    # buses 57 to 65 hang behind the region
    assert set(divided.regions[2].buses) == {str(bus) for bus in range(57, 66)}
    buses = [bus for part in divided.regions for bus in part.buses]
    assert len(buses) == len(set(buses)) == 69


@pytest.mark.parametrize(
    ("root", "reach_pu", "barriers", "message"),
    [
        ("nowhere", 0.04, (), "Unknown bus"),
        ("15", 0.04, ("nowhere",), "Unknown bus"),
        ("15", 0.04, ("15",), "among the barriers"),
        # not buses 1 and 4
        ("15", 0.04, "14", "the text '14'"),
        ("15", 0.0, (), "above 0"),
    ],
)
def test_what_cannot_grow(root, reach_pu, barriers, message):
    with pytest.raises(InputError, match=message):
        region_around(load_feeder("ieee69"), root, reach_pu, barriers)
