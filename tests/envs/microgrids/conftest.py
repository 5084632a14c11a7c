"""The plant of the published cases, made once."""

from __future__ import annotations

import pytest

from tieline import load_feeder
from tieline.envs.microgrids.config import MicrogridsWorldConfig
from tieline.envs.microgrids.plant import Plant, make_plant


@pytest.fixture(scope="session")
def plant() -> Plant:
    """The 33-bus feeder with five microgrids."""
    return make_plant(load_feeder("ieee33-microgrids"), MicrogridsWorldConfig())
