"""Days from tables: what a table gives is taken, the rest is that of the shapes, and what does not fit is refused."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from tieline import run_study
from tieline.envs.microgrids.days import day_of_shapes
from tieline.envs.microgrids.plant import Plant
from tieline.errors import InputError
from tieline.feeders.elements import Shape
from tieline.network import Network
from tieline.studies.config import make_config
from tieline.studies.microgrids.config import MicrogridsConfig
from tieline.studies.microgrids.own_days import own_days


def table(path: Path, column: str, values: list[float]) -> str:
    """A file with one value an hour from midnight on, in Alberta's summer."""
    rows = [
        f"2025-06-21T{hour:02d}:00-06:00,{value}" for hour, value in enumerate(values)
    ]
    path.write_text("\n".join([f"time,{column}", *rows]), encoding="utf-8")
    return str(path)


def test_a_table_is_taken_and_the_rest_is_of_the_shapes(
    plant: Plant, tmp_path: Path
) -> None:
    prices = table(tmp_path / "price.csv", "price", [50.0] * 12 + [-20.0] * 12)
    loads = table(tmp_path / "load.csv", "all", [0.5] * 24)
    config = MicrogridsConfig(
        case="own",
        days=1,
        step_minutes=60,
        price_table=prices,
        load_table=loads,
    )
    ((day_number, day),) = own_days(plant, config).items()
    assert day_number == 20250621
    np.testing.assert_allclose(day.price, [0.05] * 12 + [-0.02] * 12)
    nominal_kw = plant.network.devices.p_kw[: len(plant.network.feeder.loads)]
    np.testing.assert_allclose(day.load_kw, np.tile(nominal_kw / 2, (24, 1)))
    np.testing.assert_allclose(day.sun, day_of_shapes(plant, config).sun)


def test_a_day_on_which_clocks_change_has_another_length(
    plant: Plant, tmp_path: Path
) -> None:
    rows = ["time,sun"]
    rows += [f"2025-03-09T{hour:02d}:00-07:00,0.1" for hour in range(24)]
    (tmp_path / "sun.csv").write_text("\n".join(rows), encoding="utf-8")
    config = MicrogridsConfig(
        case="own",
        days=1,
        start=date(2025, 3, 9),
        sun_table=str(tmp_path / "sun.csv"),
    )
    (day,) = own_days(plant, config).values()
    assert len(day.hour) == 4 * 23
    # two o'clock does not come
    assert 2.0 not in set(day.hour)


def test_days_beyond_the_table_are_refused(plant: Plant, tmp_path: Path) -> None:
    sun = table(tmp_path / "sun.csv", "sun", [0.0] * 24)
    with pytest.raises(InputError, match="The table covers 2025-06-21"):
        own_days(plant, MicrogridsConfig(case="own", days=2, sun_table=sun))


def test_tables_belong_to_the_case() -> None:
    with pytest.raises(InputError, match="case own needs a table"):
        make_config(MicrogridsConfig, {"case": "own"})
    with pytest.raises(InputError, match="only case own reads tables"):
        make_config(MicrogridsConfig, {"load_table": "mine.csv"})


def test_a_run_of_ones_own_day(tmp_path: Path) -> None:
    sun = table(tmp_path / "sun.csv", "sun", [0.0] * 24)
    result = run_study(
        "microgrids", case="own", days=1, sun_table=sun, deciders=("rule",)
    )
    assert not result.tables["microgrids"].pv_kw.any()
    assert "inputs" not in result.tables
    assert set(result.inputs) == {"sun_table.csv"}


def test_loads_without_a_table_follow_the_shapes_of_the_feeder(
    plant: Plant, tmp_path: Path
) -> None:
    feeder = plant.network.feeder
    hours = Shape("hours", tuple(0.5 + hour / 48 for hour in range(24)))
    loads = [replace(load, daily_shape="hours") for load in feeder.loads]
    network = Network.from_feeder(feeder.replace(loads=tuple(loads), shapes=(hours,)))
    shaped = replace(plant, network=network)
    sun = table(tmp_path / "sun.csv", "sun", [0.1] * 24)
    config = MicrogridsConfig(case="own", days=1, step_minutes=60, sun_table=sun)
    (day,) = own_days(shaped, config).values()
    nominal_kw = np.array([load.p_kw for load in feeder.loads])
    np.testing.assert_allclose(day.load_kw, np.outer(hours.p, nominal_kw))
