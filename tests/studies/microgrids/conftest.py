"""The plant of the published cases and a run of each window, made once."""

from __future__ import annotations

from typing import Any

import pytest

from tieline import Result, load_feeder, run_study
from tieline.envs.microgrids.plant import Plant, make_plant
from tieline.studies.microgrids.config import MicrogridsConfig


@pytest.fixture(scope="session")
def plant() -> Plant:
    """The 33-bus feeder with five microgrids."""
    return make_plant(load_feeder("ieee33-microgrids"), MicrogridsConfig())


@pytest.fixture(scope="session")
def paper_hour() -> Result:
    """The published hour, decided by three."""
    pytest.importorskip("casadi")
    deciders = ("central", "merit", "merit-safe")
    return run_study("microgrids", case="paper-window", deciders=deciders)


@pytest.fixture(scope="session")
def peak_hour() -> Result:
    """The evening peak with limits and without."""
    pytest.importorskip("casadi")
    deciders = (
        "central",
        "unconstrained-some",
        "unconstrained-generators",
        "unconstrained",
    )
    return run_study("microgrids", case="peak-window", deciders=deciders)


@pytest.fixture(scope="session")
def peak_agreement(plant: Plant, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """An `UpdateAgreement` of policies that follow the plan, over the complete graph."""
    pytest.importorskip("jax")
    from agreed_update import agreed

    return agreed(plant, tmp_path_factory.mktemp("policies"), graph="complete")
