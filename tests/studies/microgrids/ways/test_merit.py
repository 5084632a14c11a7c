"""Merit order and the rule: by hand, and never below the optimum."""

from __future__ import annotations

import numpy as np
import pytest

from tieline.envs.microgrids.plant import Plant
from tieline.studies.microgrids.cases import make_day
from tieline.studies.microgrids.config import MicrogridsConfig
from tieline.studies.microgrids.ways.central import central_at_once
from tieline.studies.microgrids.ways.closed_loop import play
from tieline.studies.microgrids.ways.merit import merit_wish, time_of_use_wish

pytest.importorskip("casadi")


def test_merit_order_by_hand(plant: Plant):
    day = make_day(plant, MicrogridsConfig())
    dispatch = play(plant, day, merit_wish(plant, day)).applied
    generator_kw = dispatch.der_kw[:, plant.generator_ders[0]]
    # at 0.10: (0.10 / 0.40 - 0.1709) / (2 x 0.0001773)
    assert generator_kw[48] == pytest.approx(223.07, abs=0.01)
    assert generator_kw[70] == 300.0
    # the fuel alone costs more than 0.06: down by 150 kW a step before the night
    assert generator_kw[8] == 0.0
    assert np.abs(np.diff(generator_kw)).max() <= 150.0 + 1e-9
    battery_kw = dispatch.der_kw[:, plant.battery_ders[0]]
    # 160 kWh to 90 % at 95 %: one full step is 23.75 kWh
    assert battery_kw[0] == -100.0
    assert battery_kw[7] == pytest.approx(0.0, abs=1e-9)
    assert battery_kw[64] == 100.0


def test_merit_order_is_cheap_and_breaks_limits_most_of_the_day(plant: Plant):
    day = make_day(plant, MicrogridsConfig())
    dispatch = play(plant, day, merit_wish(plant, day)).applied
    assert dispatch.total == pytest.approx(2055.0, rel=2e-3)
    violations = dispatch.replay.violations
    out_of_band = {one.step for one in violations if one.what.startswith("voltage")}
    over = {one.step for one in violations if one.what.startswith("flow")}
    assert len(out_of_band) == pytest.approx(82, abs=2)
    assert len(over) == 35
    assert dispatch.replay.vm_pu.min() < 0.86


def test_the_rule_never_beats_the_optimum_of_the_day(plant: Plant):
    """A rule whose generators stop for nothing does: 235 $ of no-load fuel in the eight hours of the lowest price."""
    config = MicrogridsConfig(step_minutes=60)
    day = make_day(plant, config)
    optimum = central_at_once(plant, day, stores_back=True)
    for way in (time_of_use_wish, merit_wish):
        dispatch = play(plant, day, way(plant, day)).applied
        # what it took from the batteries is paid back
        assert dispatch.total - dispatch.stored_gain > optimum.total
    rule = play(plant, day, time_of_use_wish(plant, day)).applied
    off_peak = day.price == day.price.min()
    saved = off_peak.sum() * day.step_h * plant.generators.no_load_cost_per_h.sum()
    assert saved == pytest.approx(234.7, abs=0.1)
    assert rule.total - rule.stored_gain - saved < optimum.total
