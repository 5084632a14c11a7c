"""What the configuration makes of a feeder."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from tieline import load_feeder
from tieline.envs.microgrids.config import MicrogridsWorldConfig
from tieline.envs.microgrids.day import problem_of
from tieline.envs.microgrids.days import day_of_shapes
from tieline.envs.microgrids.device_limits import DeviceLimits
from tieline.envs.microgrids.follow import followed
from tieline.envs.microgrids.plan import merit_plan
from tieline.envs.microgrids.plant import make_plant
from tieline.envs.microgrids.set_points import planned
from tieline.envs.microgrids.windows import DayStack


def test_limits_of_the_configuration():
    feeder = load_feeder("ieee33-microgrids")
    config = MicrogridsWorldConfig(transformer_pct=80.0, stored_high_share=1.0)
    plant = make_plant(feeder, config)
    assert [limit.kva for limit in plant.branch_limits] == [0.8 * 315.0] * 5
    assert plant.batteries.stored_max_kwh.tolist() == [400.0] * 5
    unrated = MicrogridsWorldConfig(transformer_pct="off")
    assert make_plant(feeder, unrated).branch_limits == ()


def test_devices_outside_of_microgrids_stand_idle():
    feeder = load_feeder("ieee33-microgrids")
    config = MicrogridsWorldConfig(pccs=("mg1_pcc", "mg3_pcc"))
    plant = make_plant(feeder, config)
    assert plant.generators.p_max_kw.tolist() == [300.0, 0.0, 300.0, 0.0, 0.0]
    assert plant.batteries.charge_max_kw.tolist() == [100.0, 0.0, 100.0, 0.0, 0.0]
    assert len(plant.idle_names) == 6
    assert not any(name.startswith(("mg1", "mg3")) for name in plant.idle_names)


def test_limits_that_the_feeder_states_go_before_ratings():
    """In plans and in what devices follow, as in the boxes of an optimum."""
    feeder = load_feeder("ieee33-microgrids")
    battery = replace(feeder.storages[0], p_low_limit_kw=-40.0, p_high_limit_kw=60.0)
    diesel = replace(feeder.generators[0], p_low_limit_kw=80.0)
    feeder = feeder.replace(
        storages=(battery, *feeder.storages[1:]),
        generators=(diesel, *feeder.generators[1:]),
    )
    config = MicrogridsWorldConfig()
    plant = make_plant(feeder, config)
    day = day_of_shapes(plant, config, np.array([3.0, 19.0]))
    ders = problem_of(plant, day).ders
    stack = DayStack.of([day])
    first = np.zeros(1, dtype=np.int64)
    windows = stack.windows(first, first, 2, stack.start(5))
    plan = merit_plan(plant, windows)
    # cheap at night and dear in the evening
    assert plan.battery_kw[0, :, 0].tolist() == [-40.0, 60.0]
    assert plan.generator_kw[0, 0, :2].tolist() == [80.0, 70.0]
    wish = planned(plant, windows, plan)
    wish.der_kw[:] = -1000.0
    limits = DeviceLimits.of(plant, day.step_h)
    done = followed(limits, wish, windows.start)
    set_ders = [*plant.battery_ders, *plant.generator_ders]
    assert (done.der_kw[0] >= ders.p_min_kw)[:, set_ders].all()
    inside = limits.excess(
        done.der_kw, done.der_kvar, day.stored_kwh[None], day.last_kw[None]
    )
    assert inside[..., set_ders].max() <= 1e-9
