"""From actions to set-points and back."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tieline.envs.microgrids.config import MicrogridsWorldConfig
from tieline.envs.microgrids.days import day_of_shapes
from tieline.envs.microgrids.device_limits import DeviceLimits
from tieline.envs.microgrids.follow import followed
from tieline.envs.microgrids.plan import merit_plan
from tieline.envs.microgrids.plant import Plant, make_plant
from tieline.envs.microgrids.set_points import (
    SetPoints,
    by_action,
    controls_of,
    departed,
    planned,
)
from tieline.envs.microgrids.windows import DayStack


def test_derivatives_go_back_the_way_that_actions_came(plant: Plant) -> None:
    # <s, change of set-points> = <s by action, action>, for any s
    random = np.random.default_rng(0)
    shape = (3, 4, 15)
    base = SetPoints(random.normal(size=shape), random.normal(size=shape))
    by_kw = random.normal(size=shape)
    by_kvar = random.normal(size=shape)
    controls = controls_of(plant)
    actions = [random.normal(size=(3, 4 * one.n_numbers)) for one in controls]

    points = departed(base, controls, actions)

    change = np.sum(by_kw * (points.der_kw - base.der_kw))
    change += np.sum(by_kvar * (points.der_kvar - base.der_kvar))
    pulled = 0.0
    for control, action in zip(controls, actions, strict=True):
        pulled += np.sum(by_action(control, by_kw, by_kvar) * action)
    assert pulled == pytest.approx(change)


def test_a_microgrid_sets_p_of_battery_and_generator_and_q_of_all(plant: Plant) -> None:
    first = controls_of(plant)[0]
    assert [plant.network.feeder.ders[k].name for k in first.p_ders] == [
        "mg1_battery",
        "mg1_generator",
    ]
    assert first.n_numbers == 5
    # ratings of P, then apparent powers
    assert first.unit == pytest.approx([100, 300, 220, 141.421, 360.555], abs=1e-3)


def test_what_is_not_controllable_stays_as_the_feeder_states_it(plant: Plant) -> None:
    feeder = plant.network.feeder
    first, *others = feeder.generators
    held = replace(first, controllable=False, p_kw=120.0, q_kvar=30.0)
    changed = replace(feeder, generators=(held, *others))
    held_plant = make_plant(changed, MicrogridsWorldConfig())
    day = day_of_shapes(held_plant, MicrogridsWorldConfig())
    stack = DayStack.of([day])
    at_start = np.zeros(1, dtype=np.int64)
    windows = stack.windows(at_start, at_start, 4, stack.start(5))

    base = planned(held_plant, windows, merit_plan(held_plant, windows))
    controls = controls_of(held_plant)
    actions = [np.ones((1, 4 * one.n_numbers)) for one in controls]
    points = departed(base, controls, actions)
    done = followed(DeviceLimits.of(held_plant, 0.25), points, windows.start)

    der = held_plant.generator_ders[0]
    # the stated 220 kW before the day bind no ramp of it
    assert done.der_kw[0, :, der].tolist() == [120.0] * 4
    assert done.der_kvar[0, :, der].tolist() == [30.0] * 4
    assert controls[0].n_numbers == 3
    assert controls[1].n_numbers == 5
