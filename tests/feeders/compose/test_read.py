"""A composition's file: the bundled one by hand, a user's own, and what is wrong with one."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from villages import village

from tieline import load_feeder
from tieline.errors import InputError
from tieline.feeders import save_tables
from tieline.feeders.compose import Composition, compose
from tieline.feeders.library import composition_file

MINE = """
host = "ieee123"
[transformer]
kva = 250
[[part]]
name = "North"
feeder = "village"
host_bus = "47"
"""


def test_microgrids_on_the_33_bus_feeder():
    feeder = load_feeder("ieee33-microgrids")
    assert len(feeder.buses) == 33 + 5 * 13
    assert feeder.source.v_pu == 1.03
    units = {one.name: one for one in feeder.transformers}
    hosts = [units[f"mg{n}_pcc"].windings[0].bus for n in range(1, 6)]
    assert hosts == ["12", "18", "22", "25", "33"]
    assert [unit.windings[1].kv for unit in units.values()] == [0.48] * 5
    load_kw = [
        sum(load.p_kw for load in feeder.loads if load.name.startswith(f"mg{n}_"))
        for n in range(1, 6)
    ]
    assert load_kw == pytest.approx([330.0, 350.0, 300.0, 400.0, 320.0])


@pytest.mark.parametrize(
    ("line", "feet", "r_ohm_per_mile", "x_ohm_per_mile"),
    [
        # code 601: mean of the self less mean of the mutual impedances, Kersting's table of ohm per mile
        ("650-632", 2000, 0.34180 - 0.15583, 1.03350 - 0.43673),
        # code 602, in place of the transformer 633-634 too
        ("633-634", 500, 0.74820 - 0.15617, 1.19697 - 0.43673),
        # code 603 of two phases: one mutual impedance
        ("645-646", 300, 1.32660 - 0.20660, 1.35195 - 0.45910),
        # code 607 of one phase: its self impedance
        ("684-652", 800, 1.34250, 0.51240),
    ],
)
def test_lengths_and_impedances_of_a_microgrid(
    line: str, feet: float, r_ohm_per_mile: float, x_ohm_per_mile: float
):
    lines = {one.name: one for one in load_feeder("microgrid13").lines}
    asked = lines[line]
    miles = feet / 5280 / 10
    r_ohm = asked.code.r_ohm_per_km[0][0] * asked.impedance_factor
    x_ohm = asked.code.x_ohm_per_km[0][0] * asked.impedance_factor
    assert r_ohm == pytest.approx(r_ohm_per_mile * miles, rel=2e-4)
    assert x_ohm == pytest.approx(x_ohm_per_mile * miles, rel=2e-4)


def test_load_of_a_microgrid_is_shared_as_the_spot_loads():
    loads = {load.bus: load for load in load_feeder("microgrid13").loads}
    # 1155 kW of the delta load at 671, and 200 kW spread between 632 and 671
    assert loads["671"].p_kw / loads["634"].p_kw == pytest.approx(1355 / 400, rel=1e-6)
    total_kw = sum(load.p_kw for load in loads.values())
    total_kvar = sum(load.q_kvar for load in loads.values())
    assert total_kw / abs(total_kw + 1j * total_kvar) == pytest.approx(0.95, rel=1e-6)


def test_file_of_ones_own(tmp_path: Path):
    save_tables(village(), tmp_path / "village")
    file = tmp_path / "mine.toml"
    file.write_text(MINE)
    feeder = load_feeder(file)
    assert feeder.name == "mine"
    assert feeder.bus("north_end").kv_ll == 0.4
    assert feeder == compose(file)
    # the same from a configuration, wherever Python runs
    part = {"name": "north", "feeder": "village", "host_bus": "47"}
    asked = Composition(
        name="mine",
        host="ieee123",
        transformer={"kva": 250.0},  # type: ignore[arg-type]
        part=(part,),  # type: ignore[arg-type]
    )
    assert compose(asked, tmp_path) == feeder


def test_bundled_file_serves_anywhere(tmp_path: Path):
    template = composition_file("ieee33-microgrids")
    assert template is not None
    shutil.copy(template, tmp_path / "mine.toml")
    assert load_feeder(tmp_path / "mine.toml") == load_feeder("ieee33-microgrids")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("ieee123", "ieee132", "feeder = 'ieee132': Unknown .*or 'ieee123'"),
        ('"village"', '"mine.toml"', "a part of a composition is a feeder and no comp"),
        ("kva = 250", "kva = -1", "kva"),
        ("host_bus", "hostbus", "hostbus"),
        ("[[part]]", "[part]", "part"),
    ],
)
def test_what_is_wrong_with_a_file(tmp_path: Path, old: str, new: str, message: str):
    save_tables(village(), tmp_path / "village")
    file = tmp_path / "mine.toml"
    file.write_text(MINE.replace(old, new))
    with pytest.raises(InputError, match=message):
        load_feeder(file)


def test_missing_file(tmp_path: Path):
    with pytest.raises(InputError, match=r"absent\.toml' does not exist"):
        load_feeder(tmp_path / "absent.toml")
