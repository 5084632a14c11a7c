"""An island file: units at their buses, bundled islands, and what is wrong with a file, all at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from tieline import load_feeder, save_tables
from tieline.errors import InputError
from tieline.feeders.islands import island_feeder, island_names, read_island

NORTH = """
feeder = "ieee123"
open = ["sw4"]

[[droop_unit]]
name = "main"
buses = [67]
p_max_kw = 800
q_max_kvar = 500
ramp_kw_per_h = 600
fuel_kwh = 2800
v_droop_pu_per_mvar = 0.05
f_droop_hz_per_mw = 1.0

[[renewable]]
name = "sun"
buses = ["97", "112"]
p_max_kw = 90
q_max_kvar = 30

[[load_weight]]
weight = 5
buses = ["76"]
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "north.toml"
    path.write_text(text)
    return path


def test_units_stand_at_their_buses_on_all_their_phases(tmp_path: Path) -> None:
    config = read_island(written(tmp_path, NORTH))
    feeder = island_feeder(config)
    assert feeder.name == "north"
    assert config.root == "67"
    assert [(pv.name, pv.bus, pv.nodes) for pv in feeder.pvs] == [
        ("sun_97", "97", (1, 2, 3, 0)),
        ("sun_112", "112", (1, 0)),
    ]
    assert feeder.pvs[0].kv == pytest.approx(4.16 / 3**0.5)
    # 980 kW beyond the reach of 800 + 180
    (note,) = [note for note in feeder.notes if note.code == "ISLAND.DEMAND"]
    assert "980 kW" in note.message


@pytest.mark.parametrize(
    ("name", "sizes"),
    [("ieee36", (36, 25, 3, 3, 3, 2457.0)), ("case141", (141, 84, 3, 6, 7, 11944.6))],
)
def test_bundled_islands(name: str, sizes: tuple[float, ...]) -> None:
    assert name in island_names()
    feeder = island_feeder(read_island(name))
    kinds = (
        feeder.buses,
        feeder.loads,
        feeder.pvs,
        feeder.storages,
        feeder.generators,
    )
    assert tuple(map(len, kinds)) == sizes[:-1]
    assert feeder.peak_load_kw == pytest.approx(sizes[-1], abs=0.1)
    assert feeder.single_phase_equivalent


def test_ratings_and_impedance_of_lines(tmp_path: Path) -> None:
    """Ratings of the 36-bus island are those of its cables; a factor of five makes every impedance five times as large."""
    feeder = island_feeder(read_island("ieee36"))
    assert {line.current_rating_a for line in feeder.lines} == {698, 483, 230, 156}
    config = read_island("ieee36").model_copy(update={"impedance_factor": 5.0})
    for line, weak in zip(feeder.lines, island_feeder(config).lines, strict=True):
        r_ohm = line.code.r_ohm_per_km[0][0]
        assert weak.code.r_ohm_per_km[0][0] == pytest.approx(5 * r_ohm)
        assert weak.code.c_nf_per_km == line.code.c_nf_per_km
    text = "code_rating_a = { 1 = 100, 99 = 50 }\n" + NORTH
    with pytest.raises(InputError, match="Unknown line code '99' of the island"):
        island_feeder(read_island(written(tmp_path, text)))


def test_a_feeder_beside_the_file(tmp_path: Path) -> None:
    save_tables(load_feeder("ieee123"), tmp_path / "town")
    text = NORTH.replace("ieee123", "town").replace('open = ["sw4"]', "")
    feeder = island_feeder(read_island(written(tmp_path, text)))
    assert any(note.code == "ISLAND.GRID_LOST" for note in feeder.notes)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("[[droop_unit]]", "[[microturbine]]", "no droop unit"),
        ("fuel_kwh = 2800", "fuel_kwh = 0", "fuel_kwh"),
        ("fuel_kwh = 2800", "fuel_kwh = 0", "Island file '.*north.toml' is not valid"),
        ("ramp_kw_per_h = 600", "ramp_kw_per_h = -600", "ramp_kw_per_h"),
        ("fuel_kwh = 2800", "fuel_kwh = 2800\np_start_kw = 900", "above p_max_kw 800"),
        ('buses = ["76"]', 'buses = ["76", 76]', "load_weight names 76 several times"),
        ("hz_per_mw = 1.0", "hz_per_mw = -1.0", "f_droop_hz_per_mw"),
        (
            'name = "sun"\nbuses = ["97", "112"]',
            'name = "main"\nbuses = ["97"]',
            "main",
        ),
    ],
)
def test_what_no_island_can_be(
    tmp_path: Path, old: str, new: str, message: str
) -> None:
    text = NORTH.replace(old, new)
    if new == "[[microturbine]]":
        text = text.replace("v_droop_pu_per_mvar = 0.05\nf_droop_hz_per_mw = 1.0", "")
    with pytest.raises(InputError, match=message):
        read_island(written(tmp_path, text))


def test_buses_beyond_the_island_are_told_together(tmp_path: Path) -> None:
    text = NORTH.replace('["97", "112"]', '["97", "60"]').replace('["76"]', '["67"]')
    with pytest.raises(InputError) as error:
        island_feeder(read_island(written(tmp_path, text)))
    assert "sun: Unknown bus '60' of the island" in str(error.value)
    assert "load_weight 5: Unknown bus with load '67'" in str(error.value)


def test_no_such_island() -> None:
    with pytest.raises(InputError, match="'ieee36'"):
        read_island("ieee63")
    # longer than a file system takes
    with pytest.raises(InputError, match="Or give the path of an island file"):
        read_island(300 * "x")
