"""Load and sun of each deployment: snapshot, drawn profiles, the user's tables."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tieline.errors import InputError
from tieline.feeders import load_feeder
from tieline.studies.hosting_capacity.config import HostingCapacityConfig
from tieline.studies.hosting_capacity.world.timeline import make_timeline

FEEDER = load_feeder("ieee13")


def hourly(path: Path, values: list[float], columns: str = "sun") -> str:
    """A table that begins at midnight of 21 June 2025 in Edmonton; returns its path."""
    rows = [
        f"2025-06-21T{hour:02d}:00-06:00,{value}" for hour, value in enumerate(values)
    ]
    path.write_text("\n".join([f"time,{columns}", *rows]) + "\n")
    return str(path)


def test_a_snapshot_is_light_load_and_full_sun() -> None:
    timeline = make_timeline(
        FEEDER, HostingCapacityConfig(light_load_pct=40.0, light_load_kvar_pct=10.0)
    )
    kw, kvar, sun = timeline.draw(range(3))
    assert kw.shape == (3, 1, len(FEEDER.loads))
    assert kw[1, 0] == pytest.approx([0.4 * load.p_kw for load in FEEDER.loads])
    assert kvar[2, 0] == pytest.approx([0.1 * load.q_kvar for load in FEEDER.loads])
    assert sun.tolist() == [[1.0]] * 3
    assert timeline.label(0) == ""


def test_a_deployment_has_its_own_day_whatever_is_drawn_with_it() -> None:
    timeline = make_timeline(
        FEEDER, HostingCapacityConfig(time="profiles", step_minutes=60, seed=4)
    )
    together, alone = timeline.draw(range(3)), timeline.draw(range(2, 3))
    for many, one in zip(together, alone, strict=True):
        assert np.array_equal(many[2], one[0])
    assert not np.array_equal(together[2][0], together[2][1])
    assert timeline.n_steps == 24


def test_tables_take_the_place_of_drawn_series(tmp_path: Path) -> None:
    sun = hourly(tmp_path / "sun.csv", [hour / 23 for hour in range(24)])
    load = hourly(tmp_path / "load.csv", [0.25] * 24, "load")
    config = HostingCapacityConfig(
        time="profiles",
        step_minutes=60,
        sun_table=sun,
        load_table=load,
        placement="uniform",
    )
    kw, kvar, of_sun = make_timeline(FEEDER, config).draw(range(2))
    assert of_sun[1] == pytest.approx(np.arange(24) / 23)
    assert kw[0, 7] == pytest.approx([0.25 * load.p_kw for load in FEEDER.loads])
    assert kvar[0, 7] == pytest.approx([0.25 * load.q_kvar for load in FEEDER.loads])
    assert config.is_certain
    assert config.n_deployments == 1


def test_a_table_shorter_than_asked_is_named(tmp_path: Path) -> None:
    sun = hourly(tmp_path / "sun.csv", [0.5] * 20)
    with pytest.raises(
        InputError,
        match="Give a longer table, or ask for days that it covers: its first has the start 20",
    ):
        make_timeline(
            FEEDER,
            HostingCapacityConfig(time="profiles", step_minutes=60, sun_table=sun),
        )


def test_a_sun_table_has_one_column(tmp_path: Path) -> None:
    (tmp_path / "sun.csv").write_text(
        "time,a,b\n2025-06-21T00:00Z,0.1,0.2\n2025-06-21T01:00Z,0.1,0.2\n"
    )
    with pytest.raises(InputError, match="has 2 columns"):
        make_timeline(
            FEEDER,
            HostingCapacityConfig(time="profiles", sun_table=str(tmp_path / "sun.csv")),
        )
