"""Loads at named buses: their size, that names and not places give them their chance, and files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tieline.errors import InputError, ShapeError
from tieline.profiles import BusSeries, ProfileConfig, draw_at_buses, read_at_buses
from tieline.profiles.clock import steps

CONFIG = ProfileConfig(customers="residential", step_minutes=1)
TIMES = steps(CONFIG)


def test_another_bus_leaves_the_others_as_they_were():
    both = draw_at_buses({"8": 150.0, "22": 10.0}, CONFIG, TIMES, seed=3)
    alone = draw_at_buses({"22": 10.0}, CONFIG, TIMES, seed=3)
    np.testing.assert_array_equal(both.p_kw[:, 1], alone.p_kw[:, 0])
    assert (
        both.p_kw[:, 0] != draw_at_buses({"8": 150.0}, CONFIG, TIMES, seed=4).p_kw[:, 0]
    ).any()


def test_a_file_gives_kw_by_bus(tmp_path: Path):
    path = tmp_path / "extra.csv"
    rows = "\n".join(f"2025-06-{day}T00:00,{day},7" for day in range(21, 24))
    path.write_text(f"time,B1,b2\n{rows}\n")
    series = read_at_buses(str(path), CONFIG.time_zone, TIMES, buses=["B1", "b2"])
    assert series.buses == ("b1", "b2")
    np.testing.assert_allclose(series.p_kw[[0, -1]], [[21, 7], [21, 7]])
    with pytest.raises(InputError, match="no bus: b2"):
        read_at_buses(str(path), CONFIG.time_zone, TIMES, buses=["b1"])


def test_sizes_and_shapes_are_checked():
    with pytest.raises(InputError, match=r"Loads at 22.*not above 0"):
        draw_at_buses({"8": 1.0, "22": 0.0}, CONFIG, TIMES, seed=0)
    with pytest.raises(ShapeError, match="2 buses"):
        BusSeries(("a", "b"), np.zeros((5, 3)))
