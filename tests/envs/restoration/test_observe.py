"""What a decider of the task sees, by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tieline.envs.restoration.observe import RestorationObserver
from tieline.envs.restoration.world import RestorationWorld
from tieline.opf.restoration.state import first_state


def test_entries_by_hand(small_world: RestorationWorld) -> None:
    """The second step of an episode whose sun was 80 and 160 kW of 100 and 200 forecast, beside one at its end."""
    observer = RestorationObserver(small_world, 3)
    state = first_state(small_world.plant, 2)
    state = replace(
        state,
        fuel_kwh=np.full((2, 1), 125.0),
        frequency_hz=np.array([50.1, 49.8]),
    )
    actual_kw = np.tile([80.0, 160.0, 0.0, 0.0], (2, 1))[..., None]
    seen = observer.observe(state, np.array([1, 4]), actual_kw)
    first = dict(zip(observer.box.names, seen[0], strict=True))
    assert first["fuel_share of turbine"] == 0.25
    assert first["fuel_share of droop"] == 1.0
    assert first["last_share of droop"] == pytest.approx(200 / 600)
    assert first["stored_share of battery"] == 0.5
    assert first["time_share"] == 0.25
    assert first["available_share of sun"] == pytest.approx(0.4)
    ahead = [first[f"forecast_share of sun in step {k}"] for k in (1, 2, 3)]
    assert ahead == [0.5, 0.75, 1.0]
    assert first["measured_ratio of sun"] == pytest.approx(0.8)
    assert first["frequency_deviation"] == pytest.approx(0.1)
    last = dict(zip(observer.box.names, seen[1], strict=True))
    assert last["time_share"] == 1.0
    # nothing is forecast beyond the horizon
    assert last["forecast_share of sun in step 2"] == 0.0
