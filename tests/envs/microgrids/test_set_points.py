"""From actions to set-points and back."""

from __future__ import annotations

import numpy as np
import pytest

from tieline.envs.microgrids.plant import Plant
from tieline.envs.microgrids.set_points import (
    SetPoints,
    by_action,
    controls_of,
    departed,
)


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
