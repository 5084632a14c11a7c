"""The problem of a day: what may be decided, what is held."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from tieline import load_feeder
from tieline.envs.microgrids.config import MicrogridsWorldConfig
from tieline.envs.microgrids.day import held_positions, problem_of, require_steps
from tieline.envs.microgrids.days import day_of_shapes
from tieline.envs.microgrids.plant import Plant, make_plant
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


def test_without_controls_nothing_is_held(plant: Plant) -> None:
    assert held_positions(plant, day_of_shapes(plant, CONFIG, HOURS)) == {}


def test_a_window_beyond_the_data_is_refused(plant: Plant) -> None:
    day = day_of_shapes(plant, CONFIG, HOURS)
    require_steps(day, 2)
    with pytest.raises(InputError, match=r"3 steps looks beyond the data: .* has 2"):
        require_steps(day, 3)
