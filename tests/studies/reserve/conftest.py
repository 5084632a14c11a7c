"""The published feeder and DERs, once."""

from __future__ import annotations

import pytest

from tieline.envs.reserve.config import ReserveEnvConfig
from tieline.envs.reserve.task import ReserveTask


@pytest.fixture(scope="session")
def task() -> ReserveTask:
    """The reserve task with its default configuration."""
    return ReserveTask(ReserveEnvConfig())
