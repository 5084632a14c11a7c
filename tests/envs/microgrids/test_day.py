"""The problem of a day: what may be decided, what is held."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from tieline import load_feeder
from tieline.envs.microgrids.config import MicrogridsWorldConfig
from tieline.envs.microgrids.day import held_positions, problem_of, require_steps
from tieline.envs.microgrids.days import day_of_shapes
from tieline.envs.microgrids.device_limits import DeviceLimits
from tieline.envs.microgrids.follow import followed
from tieline.envs.microgrids.plan import merit_plan
from tieline.envs.microgrids.plant import Plant, make_plant
from tieline.envs.microgrids.set_points import planned
from tieline.envs.microgrids.windows import DayStack
from tieline.errors import InputError
from tieline.network.attach import with_generators_at

CONFIG = MicrogridsWorldConfig()
HOURS = np.array([3.0, 12.0])


def test_who_may_decide_what() -> None:
    """A generator of the feeder itself stands idle, one that may not be controlled holds, the others have their ratings."""
    feeder = load_feeder("ieee33-microgrids")
    first, *others = feeder.generators
    fixed = dataclasses.replace(first, p_kw=50.0, q_kvar=10.0, controllable=False)
    feeder = feeder.replace(generators=(fixed, *others))
    plant = make_plant(with_generators_at(feeder, ["5"], [100.0], "spare"), CONFIG)
    ders = problem_of(plant, day_of_shapes(plant, CONFIG, HOURS)).ders
    low, high = ders.p_min_kw[0], ders.p_max_kw[0]
    sets = plant.generator_ders
    assert low[sets].tolist() == [50.0, 0.0, 0.0, 0.0, 0.0, 0.0]
    assert high[sets].tolist() == [50.0, 300.0, 300.0, 300.0, 300.0, 0.0]
    assert ders.q_max_kvar[0, sets].tolist() == [10.0, 200.0, 200.0, 200.0, 200.0, 0.0]
    assert (ders.p_min_kw[:, plant.pv_ders] == ders.p_max_kw[:, plant.pv_ders]).all()
    assert ders.p_max_kw[1, plant.pv_ders] == pytest.approx([188.4] * 5, abs=0.1)


def test_outside_of_microgrids_what_is_not_controllable_goes_on_as_stated() -> None:
    """A biogas plant gives its 80 kW and 20 kvar, in a problem and in a window; a battery rests, as nobody minds its energy."""
    feeder = load_feeder("ieee33-microgrids")
    last = feeder.generators[-1]
    biogas = dataclasses.replace(
        last, rated_kva=100.0, p_kw=80.0, q_kvar=20.0, controllable=False
    )
    store = dataclasses.replace(
        feeder.storages[-1], p_discharge_kw=10.0, controllable=False
    )
    feeder = feeder.replace(
        generators=(*feeder.generators[:-1], biogas),
        storages=(*feeder.storages[:-1], store),
    )
    config = MicrogridsWorldConfig(pccs=("mg1_pcc", "mg2_pcc", "mg3_pcc", "mg4_pcc"))
    plant = make_plant(feeder, config)
    assert plant.idle_names == (store.name,)
    day = day_of_shapes(plant, config, HOURS)
    ders = problem_of(plant, day).ders
    plant_der = plant.generator_ders[-1]
    for low, high, stated in (
        (ders.p_min_kw, ders.p_max_kw, 80.0),
        (ders.q_min_kvar, ders.q_max_kvar, 20.0),
    ):
        assert low[:, plant_der].tolist() == high[:, plant_der].tolist() == [stated] * 2
    stack = DayStack.of([day])
    first = np.zeros(1, dtype=np.int64)
    windows = stack.windows(first, first, 2, stack.start(4))
    wish = planned(plant, windows, merit_plan(plant, windows))
    done = followed(DeviceLimits.of(plant, day.step_h), wish, windows.start)
    assert done.der_kw[0, :, plant_der].tolist() == [80.0, 80.0]
    assert done.der_kvar[0, :, plant_der].tolist() == [20.0, 20.0]
    assert not done.der_kw[0, :, plant.battery_ders[-1]].any()


def test_without_controls_nothing_is_held(plant: Plant) -> None:
    assert held_positions(plant, day_of_shapes(plant, CONFIG, HOURS)) == {}


def test_a_window_beyond_the_data_is_refused(plant: Plant) -> None:
    day = day_of_shapes(plant, CONFIG, HOURS)
    require_steps(day, 2)
    with pytest.raises(InputError, match=r"3 steps looks beyond the data: .* has 2"):
        require_steps(day, 3)
