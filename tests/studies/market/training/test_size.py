"""A training that would not end, or not fit, is refused before its first game."""

from __future__ import annotations

from typing import Any

import pytest

from tieline.errors import InputError
from tieline.feeders import load_feeder
from tieline.studies.market.training.config import MarketTrainingConfig
from tieline.studies.market.training.pupils import find_pupils
from tieline.studies.market.training.size import require_size
from tieline.studies.market.world.make import make_stage

REFUSED = {
    # 32 buses of one region beside the source: C(32, 8) sets in 1000 games
    "Power flows of all sets": ({"agents": 8}, "8 DERs in 1,000 unseen .* 1.05e.10"),
    "Power flows of games": (
        {"games": 100_000_000, "trainings": 40},
        "100,000,000 games of 1 region and 40 seeds take at least 1.2e.10",
    ),
}


def require(**values: Any) -> None:
    config = MarketTrainingConfig(feeder="ieee33", microgrids=1, **values)
    stage = make_stage(load_feeder("ieee33"), config)
    require_size(find_pupils(stage, config), config)


@pytest.mark.parametrize("name", REFUSED)
def test_what_would_not_end_is_refused(name: str) -> None:
    values, message = REFUSED[name]
    with pytest.raises(InputError, match=message):
        require(**values)


def test_what_does_not_fit_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """4960 sets in 1000 games are 40 MB."""
    monkeypatch.setattr("tieline.effort.memory_bytes", lambda: 39e6)
    with pytest.raises(InputError, match=r"at least 0\.0397 GB of memory"):
        require()
    monkeypatch.setattr("tieline.effort.memory_bytes", lambda: 41e6)
    require()
