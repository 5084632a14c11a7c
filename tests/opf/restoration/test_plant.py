"""The plant of an island: which DERs are which units, and what stands at the start."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from restoration_cases import small_config, small_plant

from tieline.errors import InputError
from tieline.feeders.islands import island_feeder, read_island
from tieline.opf.restoration.plant import make_island_plant
from tieline.opf.restoration.state import first_state


def test_units_and_the_feeders_ders() -> None:
    plant = small_plant()
    names = np.array([der.name for der in plant.feeder.ders])
    assert names[plant.generator_ders].tolist() == ["turbine"]
    assert names[plant.battery_ders].tolist() == ["battery"]
    assert names[plant.renewable_ders].tolist() == ["sun"]
    assert plant.q_max_kvar[plant.generator_ders].tolist() == [200.0]
    weights = dict(
        zip([load.bus for load in plant.feeder.loads], plant.load_weight, strict=True)
    )
    assert weights["31"] == 5.0
    assert weights["30"] == 1.0


def test_36_bus_island_has_the_figures_of_its_file() -> None:
    plant = make_island_plant(read_island("ieee36"))
    state = first_state(plant, 2)
    assert state.fuel_kwh.tolist() == [[1800.0] * 3] * 2
    assert state.unit_fuel_kwh.tolist() == [[2800.0]] * 2
    assert state.stored_kwh.tolist() == [[400.0] * 3] * 2
    # 59.8 to 60.2 Hz hold the unit between 100 and 500 kW, where no ramp binds
    low, high = plant.units.power_limits_kw(np.array([[300.0]]), 1.0)
    np.testing.assert_allclose([low[0, 0], high[0, 0]], [100.0, 500.0])
    assert plant.generators.ramp_kw_per_h.tolist() == [400.0] * 3
    assert plant.batteries.stored_min_kwh.tolist() == [80.0] * 3
    assert plant.batteries.stored_max_kwh.tolist() == [720.0] * 3


def test_an_island_held_by_fewer_units_is_remembered() -> None:
    plant = make_island_plant(read_island("case141"))
    only_second = np.array([False, True])
    island = plant.held_by(only_second)
    assert island.units.names == ("droop_91",)
    assert plant.held_by(only_second) is island
    assert plant.held_by(np.array([True, True])) is plant.island


def test_another_feeder_than_the_islands_is_refused() -> None:
    config = small_config()
    feeder = island_feeder(config).replace(name="other", storages=())
    with pytest.raises(InputError, match=r"is not the island 'small': it has no batt"):
        make_island_plant(config, feeder)


def test_loads_that_deliver_are_refused_by_name() -> None:
    config = small_config()
    feeder = island_feeder(config)
    first, second, *others = feeder.loads
    loads = (first, replace(second, p_kw=-30.0), *others)
    with pytest.raises(InputError, match=f"Loads {second.name} of island 'small'"):
        make_island_plant(config, feeder.replace(loads=loads))
