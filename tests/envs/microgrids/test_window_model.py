"""Returns of windows: the bill of the study, and derivatives by finite differences."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

import numpy as np
import pytest
from villages import villages_on_ieee123

from tieline.envs.microgrids.config import MicrogridsWorldConfig
from tieline.envs.microgrids.day import problem_of
from tieline.envs.microgrids.days import drawn_day
from tieline.envs.microgrids.plan import merit_plan
from tieline.envs.microgrids.plant import Plant, make_plant
from tieline.envs.microgrids.pool import Pool
from tieline.envs.microgrids.set_points import (
    SetPoints,
    by_action,
    controls_of,
    departed,
    planned,
)
from tieline.envs.microgrids.window_model import WindowModel, WindowOutcome
from tieline.envs.microgrids.windows import DayStack, Windows
from tieline.opf import replay
from tieline.typing import FloatArray

CONFIG = MicrogridsWorldConfig()
FIRST = np.array([4, 30, 52, 78])


def batch(plant: Plant) -> tuple[WindowModel, Windows, SetPoints]:
    """Four windows over the day, from the merit plan."""
    days = [drawn_day(plant, CONFIG, seed) for seed in range(4)]
    stack = DayStack.of(days)
    start = stack.start(len(plant.microgrids))
    windows = stack.windows(np.arange(4), FIRST, 4, start)
    base = planned(plant, windows, merit_plan(plant, windows))
    return WindowModel(plant, problem_of(plant, days[0])), windows, base


def at_actions(
    plant: Plant, scale: float, random: np.random.Generator
) -> list[FloatArray]:
    """Random actions of each agent."""
    return [
        scale * random.standard_normal((4, 4 * control.n_numbers))
        for control in controls_of(plant)
    ]


def test_slopes_by_finite_differences(plant: Plant) -> None:
    model, windows, base = batch(plant)
    controls = controls_of(plant)
    random = np.random.default_rng(1)
    # large enough to be away from where a battery turns
    actions = at_actions(plant, 0.1, random)
    along = at_actions(plant, 1.0, random)
    step = 1e-4

    def outcome(part: float) -> WindowOutcome:
        pairs = zip(actions, along, strict=True)
        moved = [action + part * direction for action, direction in pairs]
        return model.outcome(windows, departed(base, controls, moved))

    middle = outcome(0.0)
    ahead = outcome(step)
    behind = outcome(-step)
    gain_change = (ahead.gain - behind.gain).sum(axis=1) / (2 * step)
    excess_change = (ahead.excess - behind.excess) / (2 * step)
    gain = middle.gain_slopes()
    n_constraints = middle.excess.shape[-1]
    scenario = np.repeat(np.arange(16), n_constraints)
    excess = middle.excess_slopes(scenario, np.tile(np.arange(n_constraints), 16))
    total = np.zeros(4)
    for control, direction in zip(controls, along, strict=True):
        slopes = by_action(control, gain.by_kw, gain.by_kvar)
        total += np.sum(slopes * direction, axis=1)
    assert total == pytest.approx(gain_change, rel=1e-4)
    change = departed(base, controls, along)
    kw = (change.der_kw - base.der_kw).reshape(16, -1)[scenario]
    kvar = change.der_kvar.reshape(16, -1)[scenario]
    by_slopes = np.sum(excess.by_kw * kw + excess.by_kvar * kvar, axis=1)
    np.testing.assert_allclose(by_slopes, excess_change.ravel(), rtol=1e-4, atol=1e-6)


def test_gain_is_what_is_not_paid_and_what_is_stored(plant: Plant) -> None:
    model, windows, base = batch(plant)

    outcome = model.outcome(windows, base)

    # off-peak 100 kW of each battery for an hour: 95 kWh more, at 0.10 a kWh
    night = 0
    stored_kwh = outcome.stored_kwh[night, -1] - windows.start.stored_kwh[night]
    assert stored_kwh == pytest.approx([95.0] * 5)
    paid = outcome.cost[night].sum(axis=0)
    assert outcome.gain[night] == pytest.approx(9.5 - paid)


@pytest.mark.parametrize("controls", ["hold", "off"])
def test_windows_are_judged_where_regulators_of_their_day_stand(
    controls: Literal["hold", "off"],
) -> None:
    """As a run judges the same steps, be the day the first of the stack or not."""
    config = MicrogridsWorldConfig(controls=controls)
    plant = make_plant(villages_on_ieee123(), config)
    days = [drawn_day(plant, config, seed) for seed in (0, 1)]
    # half the load: regulators rest elsewhere
    days[1] = replace(days[1], load_kw=days[1].load_kw / 2)
    pool = Pool.of(plant, days)
    numbers = np.arange(2)
    noon = np.full(2, 48)
    start = pool.days.start(len(plant.microgrids))
    windows = pool.days.windows(numbers, noon, 4, start)
    wish = planned(plant, windows, merit_plan(plant, windows))
    outcome = WindowModel(plant, pool.problem).outcome(windows, wish)
    taps = outcome.solution.taps
    assert np.array_equal(taps[0], taps[4]) == (controls == "off")
    for number, day in enumerate(days):
        question = problem_of(plant, day).window(48, 52)
        judged = replay(question, wish.der_kw[number], wish.der_kvar[number])
        steps = slice(4 * number, 4 * number + 4)
        v_pu = outcome.solution.v_pu[steps]
        np.testing.assert_allclose(v_pu, judged.solution.v_pu, atol=1e-7)
