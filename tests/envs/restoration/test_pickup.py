"""Actions of the task as set-points by hand, and back."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from restoration_cases import small_plant

from tieline.envs.restoration.pickup import Pickup
from tieline.envs.restoration.safety.layout import SetPointLayout
from tieline.opf.restoration.state import first_state


def test_there_and_back() -> None:
    """Of loads at 52 % half of what is off, and of the 2 % that may fall, is picked up: 50 + 25 %."""
    plant = small_plant()
    pickup = Pickup(SetPointLayout(plant), 0.02)
    state = first_state(plant, 1)
    state = replace(state, served=np.full_like(state.served, 0.52))
    actions = np.full((1, pickup.box.size), 0.5)
    shares = pickup.shares(state, actions)
    np.testing.assert_allclose(shares[:, pickup.loads], 0.75)
    others = np.setdiff1d(np.arange(pickup.box.size), pickup.loads)
    np.testing.assert_allclose(shares[:, others], 0.5)
    np.testing.assert_allclose(pickup.actions(state, shares), actions)
    assert pickup.scale(state)[0, pickup.loads[0]] == pytest.approx(0.5)


def test_without_a_free_share_full_load_is_no_longer_decided() -> None:
    plant = small_plant()
    pickup = Pickup(SetPointLayout(plant), 0.0)
    state = first_state(plant, 1)
    state = replace(state, served=np.ones_like(state.served))
    shares = pickup.shares(state, np.zeros((1, pickup.box.size)))
    np.testing.assert_allclose(shares[:, pickup.loads], 1.0)
    assert (pickup.actions(state, shares)[:, pickup.loads] == 0.0).all()
