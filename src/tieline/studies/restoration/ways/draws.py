"""The draws of a run: what sun and wind really are in each scenario."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import numpy as np

from tieline.envs.restoration.availability import expected_kw
from tieline.envs.restoration.config import Scenario
from tieline.envs.restoration.world import RestorationWorld
from tieline.errors import InputError
from tieline.feeders.islands import IslandConfig
from tieline.studies.restoration.config import OWN, RestorationConfig
from tieline.typing import FloatArray

FIRST_TESTED = 2**32
"""Draws of a run have seeds from this plus the seed of the run; trainings use smaller ones."""

DRAWN = ("random",)
"""Scenarios with chance in them; all others are one draw."""


def make_draws(
    world: RestorationWorld, island: IslandConfig, config: RestorationConfig
) -> dict[str, FloatArray]:
    """Available power by scenario, (draw, step, renewable) [kW].

    Raises:
        InputError, TableError: if the table of scenario own cannot be used.
    """
    draws = {}
    for name in config.scenarios:
        if name == OWN:
            draws[name] = _own_kw(island, config)[None]
            continue
        count = config.draws if name in DRAWN else 1
        seeds = FIRST_TESTED + config.seed + np.arange(count)
        draws[name] = world.actual_kw(cast(Scenario, name), seeds)
    return draws


def _own_kw(island: IslandConfig, config: RestorationConfig) -> FloatArray:
    """The power of one's own table, (step, renewable): read as a forecast in a table is, and not scaled."""
    if not island.renewable:
        raise InputError(
            "Scenario own: the island has no [[renewable]] that a table could state. Leave own and available_table out."
        )
    assert config.available_table is not None  # of a configuration that asks for own
    # as a path, for a table without a suffix may be called sun
    path = str(Path(config.available_table).absolute())
    changes = {"available": path}
    renewables = [unit.model_copy(update=changes) for unit in island.renewable]
    from_table = island.model_copy(update={"renewable": tuple(renewables)})
    return expected_kw(from_table, config.model_copy(update={"renewable_pct": 100.0}))
