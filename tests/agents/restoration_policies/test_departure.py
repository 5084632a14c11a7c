"""Numbers of a policy and back, and who takes what they change of the balance."""

from __future__ import annotations

import numpy as np
import pytest

from tieline.agents.restoration_policies.departure import (
    base_of,
    departed,
    n_numbers,
    numbers_of,
    ratings,
)
from tieline.agents.restoration_policies.policies import set_points_of
from tieline.envs.restoration.config import RestorationWorldConfig
from tieline.envs.restoration.plan.figures import IslandFigures
from tieline.envs.restoration.plan.view import view_of
from tieline.envs.restoration.seen import Seen
from tieline.envs.restoration.world import RestorationWorld, make_world
from tieline.feeders.islands import read_island
from tieline.opf.restoration.state import first_state


@pytest.fixture(scope="module")
def world() -> RestorationWorld:
    return make_world(RestorationWorldConfig(), read_island("ieee36"))


@pytest.mark.parametrize("kind", ["plan", "before"])
def test_numbers_of_set_points_lead_back_to_them(
    world: RestorationWorld, kind: str
) -> None:
    figures = IslandFigures.of(world)
    state = first_state(world.plant, 2)
    seen = Seen(0, world.forecast_kw, np.stack([world.forecast_kw[:1]] * 2))
    base = base_of(kind, figures, state, view_of(figures, seen))  # type: ignore[arg-type]
    random = np.random.default_rng(0)
    # downwards, where nothing of the first step is clipped
    numbers = -0.05 * random.random((2, n_numbers(figures)))
    if kind == "before":
        # from an island that is off nothing can go down
        numbers[:, : len(figures.load_kw) + len(figures.turbines.ramp_kw)] *= -1.0
    wish = departed(figures, state, base, numbers)
    np.testing.assert_allclose(
        numbers_of(figures, base, set_points_of(wish)), numbers, atol=1e-12
    )


def test_the_spec_has_43_numbers_for_36_buses(world: RestorationWorld) -> None:
    assert n_numbers(IslandFigures.of(world)) == 43


def test_batteries_take_what_a_load_changes(world: RestorationWorld) -> None:
    figures = IslandFigures.of(world)
    state = first_state(world.plant, 1)
    seen = Seen(0, world.forecast_kw, world.forecast_kw[None, :1])
    base = base_of("plan", figures, state, view_of(figures, seen))
    numbers = np.zeros((1, n_numbers(figures)))
    numbers[0, 3] = -0.1
    wish = departed(figures, state, base, numbers)
    change_kw = (wish.battery_kw - base.battery_kw).sum()
    assert change_kw == pytest.approx(-0.1 * figures.load_kw[3])
    assert ratings(figures)[3] == 1.0
