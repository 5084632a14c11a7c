"""Random growth paths: they meet their level exactly, only grow, stay under caps, and depend on the seed alone."""

from __future__ import annotations

import numpy as np
import pytest

from builders import random_feeder, two_bus
from tieline.errors import InputError
from tieline.studies.hosting_capacity.config import CustomerClass, HostingCapacityConfig
from tieline.studies.hosting_capacity.deployments import deployments_kw, site_loads, with_pv_sites

FEEDER = random_feeder(4, 20)


def levels(**values: object) -> list[np.ndarray]:
    return list(deployments_kw(FEEDER, HostingCapacityConfig(deployments=8, **values)))  # type: ignore[arg-type]


def test_every_level_is_met_exactly() -> None:
    for level_pct, pv_kw in zip(HostingCapacityConfig().levels_pct, levels(), strict=True):
        assert pv_kw.shape == (8, len(site_loads(FEEDER)))
        assert pv_kw.sum(axis=1) == pytest.approx(FEEDER.peak_load_kw * level_pct / 100)


def test_a_deployment_only_grows() -> None:
    for before, after in zip(levels()[:-1], levels()[1:], strict=True):
        assert (after >= before).all()


def test_the_seed_decides() -> None:
    assert np.array_equal(levels(seed=3)[5], levels(seed=3)[5])
    assert not np.array_equal(levels(seed=3)[5], levels(seed=4)[5])


def test_more_deployments_keep_the_first_ones() -> None:
    few, many = (list(deployments_kw(FEEDER, HostingCapacityConfig(deployments=n)))[4] for n in (3, 6))
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


def test_a_cap_without_room_is_refused() -> None:
    with pytest.raises(InputError, match="Raise the cap or lower max_pct"):
        levels(bus_cap_kw=1.0)


def test_a_feeder_without_load_is_refused() -> None:
    with pytest.raises(InputError, match="no load that takes power"):
        with_pv_sites(two_bus().replace(loads=()))
