"""Islands that are like another one: what the file says goes before, unit by unit."""

from __future__ import annotations

from pathlib import Path

import pytest

from tieline.errors import InputError
from tieline.feeders.islands import read_island
from tieline.feeders.islands.like import laid_over


def test_units_of_a_name_are_changed_and_others_stay() -> None:
    base = {
        "feeder": "ieee33",
        "battery": [{"name": "a", "energy_kwh": 1.0}, {"name": "b", "energy_kwh": 2.0}],
        "load_weight": [{"weight": 5.0}],
    }
    changes = {
        "battery": [{"name": "b", "energy_kwh": 3.0}, {"name": "c", "energy_kwh": 4.0}],
        "load_weight": [{"weight": 2.0}],
    }
    values = laid_over(base, changes)
    assert values["feeder"] == "ieee33"
    energy_kwh = {unit["name"]: unit["energy_kwh"] for unit in values["battery"]}
    assert energy_kwh == {"a": 1.0, "b": 3.0, "c": 4.0}
    # tables without a name stand in place of the others
    assert values["load_weight"] == [{"weight": 2.0}]


def test_ample_fuel_is_all_that_differs() -> None:
    plain = read_island("ieee36")
    ample = read_island("ieee36-ample")
    assert ample.name == "ieee36-ample"
    assert [unit.fuel_kwh for unit in ample.units[:2]] == [3350.0, 2150.0]
    assert ample.droop_unit[0].p_set_kw == plain.droop_unit[0].p_set_kw
    assert ample.battery == plain.battery
    assert ample.renewable == plain.renewable


def test_an_island_beside_the_file_and_its_paths(tmp_path: Path) -> None:
    """A table that the other file names is found from that file's folder."""
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "base.toml").write_text(
        'like = "ieee36"\n[[renewable]]\nname = "renewable_712"\navailable = "wind.csv"\n'
    )
    changed = tmp_path / "mine.toml"
    changed.write_text('like = "deep/base.toml"\nimpedance_factor = 2.0\n')
    config = read_island(changed)
    assert config.name == "mine"
    assert config.impedance_factor == 2.0
    assert config.renewable[0].available == str(tmp_path / "deep" / "wind.csv")


def test_an_island_like_itself_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text('like = "mine.toml"\n')
    with pytest.raises(InputError, match="is like itself"):
        read_island(path)
