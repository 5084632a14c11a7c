"""One name or path, any format: what comes back is checked, and what cannot be found or used is said in one message."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tieline.errors import InputError
from tieline.feeders import (
    describe_library,
    library_names,
    load_feeder,
    load_tables,
    save_tables,
)
from tieline.feeders.findings import FeederError
from tieline.feeders.library import ALIASES, FOLDER

BUNDLED = (
    "case141",
    "ieee123",
    "ieee13",
    "ieee33",
    "ieee33-microgrids",
    "ieee34",
    "ieee34-mod2",
    "ieee36",
    "ieee37",
    "ieee69",
    "microgrid13",
)


def test_library_holds_the_feeders_of_the_docs():
    assert library_names() == BUNDLED
    assert [entry.name for entry in describe_library()] == list(BUNDLED)


@pytest.mark.parametrize("entry", describe_library(), ids=lambda entry: entry.name)
def test_every_bundled_feeder_has_title_and_origin(entry):
    assert len(entry.title) > 10
    assert len(entry.origin) > 20


@pytest.mark.parametrize(
    ("name", "buses", "kw", "kvar"),
    [
        ("ieee13", 16, 3466.0, 2102.0),
        ("ieee34", 37, 1769.0, 1044.0),
        ("ieee34-mod2", 56, 1769.0, 1044.0),
        ("ieee36", 38, 2457.0, 1201.0),
        ("ieee37", 39, 2457.0, 1201.0),
        ("ieee123", 132, 3490.0, 1920.0),
        ("ieee33", 33, 3715.0, 2300.0),
        ("ieee69", 69, 3802.1, 2694.7),
        ("case141", 141, 11944.625, 7402.614),
    ],
)
def test_bundled_feeder_has_its_published_load(
    name: str, buses: int, kw: float, kvar: float
):
    feeder = load_feeder(name)
    assert len(feeder.buses) == buses
    assert feeder.peak_load_kw == pytest.approx(kw, abs=1e-3)
    assert sum(load.q_kvar for load in feeder.loads) == pytest.approx(kvar, abs=1e-3)


@pytest.mark.parametrize(("alias", "name"), ALIASES.items())
def test_alias_is_the_same_feeder(alias: str, name: str):
    assert load_feeder(alias.upper()) == load_feeder(name)


def test_folder_of_tables(tmp_path: Path):
    save_tables(load_feeder("ieee33"), tmp_path / "mine")
    assert load_feeder(tmp_path / "mine") == load_feeder("ieee33")


def test_matpower_file_gives_the_bundled_figures(shared_dir: Path):
    read = load_feeder(shared_dir / "feeders" / "matpower" / "case33bw.m")
    bundled = load_feeder("ieee33")
    assert (read.lines, read.loads) == (bundled.lines, bundled.loads)
    places = [
        [(bus.name, bus.phases, bus.kv_ll) for bus in feeder.buses]
        for feeder in (read, bundled)
    ]
    assert places[0] == places[1]


def test_opendss_file_gives_the_bundled_figures(shared_dir: Path):
    read, bundled = (
        load_feeder(shared_dir / "feeders" / "ieee13" / "IEEE13Nodeckt.dss"),
        load_feeder("ieee13"),
    )
    assert read.loads == bundled.loads
    assert read.lines == bundled.lines


def test_pandapower_file(tmp_path: Path):
    pandapower = pytest.importorskip("pandapower", reason="pandapower is not installed")
    networks = pytest.importorskip("pandapower.networks")
    pandapower.to_json(
        networks.create_kerber_landnetz_freileitung_1(), str(tmp_path / "kerber.json")
    )
    assert load_feeder(tmp_path / "kerber.json").peak_load_kw == pytest.approx(13 * 8.0)


def test_unknown_name_offers_near_ones_and_the_kinds_of_file():
    with pytest.raises(
        InputError,
        match=r"Unknown feeder 'ieee12'\. Did you mean .*'ieee123'.*\.dss.*\.m.*\.json.*tables",
    ):
        load_feeder("ieee12")


def test_file_of_another_kind(tmp_path: Path):
    (tmp_path / "feeder.xlsx").write_text("")
    with pytest.raises(InputError, match=r"not a kind of feeder file .*\.dss"):
        load_feeder(tmp_path / "feeder.xlsx")


@pytest.mark.parametrize("suffix", [".dss", ".m", ".json"])
def test_missing_file(tmp_path: Path, suffix: str):
    with pytest.raises(InputError, match="does not exist"):
        load_feeder(tmp_path / f"absent{suffix}")


def test_folder_without_tables(tmp_path: Path):
    with pytest.raises(InputError, match=r"no feeder\.toml"):
        load_feeder(tmp_path)


def test_folder_of_an_opendss_feeder_names_the_file_to_give(tmp_path: Path):
    for name in ("Master.dss", "Lines.DSS", "Loads.dss"):
        (tmp_path / name).write_text("")
    with pytest.raises(InputError, match=r"there are Master\.dss\.$"):
        load_feeder(tmp_path)


def test_unsound_feeder_is_refused_and_odd_one_noted(tmp_path: Path):
    shutil.copytree(FOLDER / "ieee33", tmp_path / "bad")
    loads = tmp_path / "bad" / "loads.csv"
    first = loads.read_text().splitlines()[1]
    loads.write_text(
        loads.read_text().replace(first, first.replace(",12.66,", ",7.31,"))
    )
    assert [note.code for note in load_feeder(tmp_path / "bad").notes] == [
        "LOAD.KV_MISMATCH"
    ]
    loads.write_text(loads.read_text().replace(",7.31,", ",0.0,"))
    assert load_tables(tmp_path / "bad").loads[0].kv == 0.0
    with pytest.raises(FeederError, match=r"LOAD\.NOT_POSITIVE"):
        load_feeder(tmp_path / "bad")
