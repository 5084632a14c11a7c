"""What is told of who learned on the window: limits that were not dropped hold."""

from __future__ import annotations

import pytest

from tieline.envs.microgrids.plant import Plant
from tieline.studies.microgrids.cases import make_day
from tieline.studies.microgrids.config import MicrogridsConfig
from tieline.studies.microgrids.ways import lessons


def test_only_generators_without_a_limit_pass_it(
    plant: Plant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Wishes of the others may be a little beyond theirs, and who told these would be better than the optimum."""
    pytest.importorskip("jax")
    monkeypatch.setattr(lessons, "UPDATES", 5)
    config = MicrogridsConfig(case="peak-window")
    day = make_day(plant, config)
    dispatch, curve = lessons.learn("learned-some", plant, day, config)
    is_beyond = dispatch.beyond_p_max_kw > 1e-3
    assert is_beyond[:, :2].all()
    assert not is_beyond[:, 2:].any()
    assert -dispatch.total == pytest.approx(curve["reward"].iloc[-1], abs=1e-3)
