"""Feeders of other packages are known by name; one that is not there is told with what is."""

from __future__ import annotations

import pytest

pandapower = pytest.importorskip("pandapower", reason="pandapower is not installed")
from simbench_stand_in import CODE, use_stand_in  # noqa: E402  it needs pandapower
from tieline.errors import InputError, MissingExtraError  # noqa: E402
from tieline.feeders import load_feeder  # noqa: E402
from tieline.feeders.load import require_place  # noqa: E402
from tieline.feeders.shipped import is_shipped, matching_names  # noqa: E402


def test_a_network_of_pandapower_by_name() -> None:
    feeder = load_feeder("pandapower:simple_four_bus_system")
    assert feeder.name == "simple_four_bus_system"
    assert feeder.origin == "read from pandapower:simple_four_bus_system"
    assert len(feeder.buses) == 4


def test_an_unknown_network_names_the_nearest() -> None:
    with pytest.raises(InputError, match="mv_oberrhein"):
        require_place("pandapower:mv_oberhein")


def test_patterns_and_letter_case() -> None:
    assert matching_names("pandapower:CASE3*") == [
        "pandapower:case30",
        "pandapower:case300",
        "pandapower:case3120sp",
        "pandapower:case33bw",
        "pandapower:case39",
    ]
    assert matching_names("pandapower:Case33BW") == ["pandapower:case33bw"]


def test_what_needs_arguments_is_no_name() -> None:
    names = matching_names("pandapower:*")
    assert "pandapower:create_cigre_network_mv" in names
    assert not any("from_json" in name for name in names)


def test_paths_are_no_names() -> None:
    assert not is_shipped("C:\\nets\\mine.json")
    assert not is_shipped("pandapower")
    assert not is_shipped("nets/simbench.json")


def test_a_grid_of_simbench_by_code(monkeypatch: pytest.MonkeyPatch) -> None:
    use_stand_in(monkeypatch)
    feeder = load_feeder(f"simbench:{CODE.lower()}")
    assert feeder.name == CODE.lower()
    assert [load.name for load in feeder.loads] == ["load", "shop_1"]


def test_simbench_that_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "simbench", None)
    with pytest.raises(MissingExtraError, match="simbench"):
        load_feeder(f"simbench:{CODE}")
