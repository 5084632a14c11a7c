"""Random growth paths: they meet their level exactly, only grow, stay under caps, and depend on the seed alone."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from builders import cut_off, random_feeder
from tieline.errors import InputError
from tieline.feeders import load_feeder
from tieline.network.attach import site_loads
from tieline.network.topology import electrical_distance_pu
from tieline.studies.hosting_capacity.config import CustomerClass, HostingCapacityConfig
from tieline.studies.hosting_capacity.world.deployments import (
    deployment_kw,
    find_sites,
)

FEEDER = random_feeder(4, 20)


def levels(count: int = 8, **values: Any) -> list[np.ndarray]:
    """PV of the first deployments, level by level, (deployment, site) [kW]."""
    config = HostingCapacityConfig(**values)
    sites = find_sites(FEEDER, config)
    return list(
        np.stack(
            [
                deployment_kw(sites, config, number, config.levels_pct)
                for number in range(count)
            ],
            axis=1,
        )
    )


def test_every_level_is_met_exactly() -> None:
    for level_pct, pv_kw in zip(
        HostingCapacityConfig().levels_pct, levels(), strict=True
    ):
        assert pv_kw.shape == (8, len(site_loads(FEEDER)))
        assert pv_kw.sum(axis=1) == pytest.approx(FEEDER.peak_load_kw * level_pct / 100)


def test_a_deployment_only_grows() -> None:
    for before, after in zip(levels()[:-1], levels()[1:], strict=True):
        assert (after >= before).all()


def test_the_seed_decides() -> None:
    assert np.array_equal(levels(seed=3)[5], levels(seed=3)[5])
    assert not np.array_equal(levels(seed=3)[5], levels(seed=4)[5])


def test_more_deployments_keep_the_first_ones() -> None:
    few, many = (levels(count)[4] for count in (3, 6))
    assert np.array_equal(few, many[:3])


def test_systems_have_the_size_of_their_class() -> None:
    classes = (CustomerClass(name="all", smallest_pv_kw=4.0, largest_pv_kw=6.0),)
    pv_kw = levels(customer_classes=classes)[1]
    used = pv_kw[pv_kw > 0]
    assert (used < 4.0).sum() <= 8  # at most the last system of each deployment is cut
    assert used.max() > 4.0


def test_uniform_placement_gives_every_load_its_share() -> None:
    (pv_kw,) = (kw for k, kw in enumerate(levels(placement="uniform")) if k == 9)
    assert pv_kw[0] == pytest.approx([0.9 * load.p_kw for load in site_loads(FEEDER)])


def test_no_bus_goes_beyond_its_cap() -> None:
    buses = np.array([load.bus for load in site_loads(FEEDER)])
    cap_kw = 1.2 * FEEDER.peak_load_kw / len(set(buses))
    for pv_kw in levels(bus_cap_kw=cap_kw):
        for bus in set(buses):
            assert pv_kw[:, buses == bus].sum(axis=1).max() <= cap_kw + 1e-9


def test_a_cap_with_exactly_enough_room_fills_every_bus() -> None:
    buses = {load.bus for load in site_loads(FEEDER)}
    cap_kw = FEEDER.peak_load_kw / len(buses)
    assert levels(count=1, bus_cap_kw=cap_kw)[-1].sum() == pytest.approx(
        FEEDER.peak_load_kw
    )


def test_close_and_far_lean_towards_their_end() -> None:
    distance = electrical_distance_pu(FEEDER)
    of_site = np.array([distance[load.bus] for load in site_loads(FEEDER)])
    mean = {
        name: float(np.sum(levels(60, placement=name)[5], axis=0) @ of_site)
        for name in ("close", "random", "far")
    }
    assert mean["close"] < 0.9 * mean["random"]
    assert mean["far"] > 1.1 * mean["random"]


def test_far_draws_in_proportion_to_the_rank() -> None:
    sites = find_sites(FEEDER, HostingCapacityConfig(placement="far"))
    weight = np.diff(sites.chance, prepend=0.0)
    count = len(weight)
    assert weight.sum() == pytest.approx(count * (count + 1) / 2)
    distance = electrical_distance_pu(FEEDER)
    farthest = np.argmax([distance[load.bus] for load in site_loads(FEEDER)])
    assert weight[farthest] == weight.max()


def test_a_cap_without_room_is_refused() -> None:
    with pytest.raises(InputError, match="Raise the cap or lower max_pct"):
        levels(bus_cap_kw=1.0)


def test_a_load_without_voltage_is_no_peak_load() -> None:
    """90 of 3715 kW stand at the bus that is cut off."""
    feeder = cut_off(load_feeder("ieee33"), "18")
    assert find_sites(feeder, HostingCapacityConfig()).peak_kw == pytest.approx(
        3715 - 90
    )


def test_any_level_is_on_the_same_path() -> None:
    config = HostingCapacityConfig()
    sites = find_sites(FEEDER, config)
    whole = deployment_kw(sites, config, 3, config.levels_pct)
    between = deployment_kw(sites, config, 3, [0.0, 40.0, 45.0])
    assert np.array_equal(between[1], whole[4])
    assert (whole[4] <= between[2]).all()
    assert (between[2] <= whole[5]).all()
