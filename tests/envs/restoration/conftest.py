"""Worlds that several tests share."""

from __future__ import annotations

import pytest
from restoration_cases import small_config

from tieline.envs.restoration.config import RestorationWorldConfig
from tieline.envs.restoration.world import RestorationWorld, make_world
from tieline.feeders.islands import read_island


@pytest.fixture(scope="session")
def world36() -> RestorationWorld:
    """The 36-bus island."""
    return make_world(RestorationWorldConfig(), read_island("ieee36"))


@pytest.fixture(scope="session")
def small_world() -> RestorationWorld:
    """The small island over four steps, its sun at 100, 200, 300 and 400 of 400 kW."""
    island = small_config(available=[0.25, 0.5, 0.75, 1.0])
    return make_world(RestorationWorldConfig(steps=4), island)
