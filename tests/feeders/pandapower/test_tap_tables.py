"""Curves of tap positions count as in the version of pandapower that they are from; files of earlier versions are converted."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

pandapower = pytest.importorskip("pandapower", reason="pandapower is not installed")
from pandapower.control.util.characteristic import Characteristic  # noqa: E402

from pandapower_nets import (  # noqa: E402  it needs pandapower
    assert_same_voltages,
    base_net,
)
from tieline.feeders.pandapower import read_pandapower  # noqa: E402


def with_curve() -> Any:
    """vk from 5 to 7 % over four positions, of which the second is in use."""
    net = base_net()
    Characteristic(net, [-2, 2], [5.0, 7.0])
    net.trafo["tap_pos"] = -1
    net.trafo["tap_dependent_impedance"] = True
    net.trafo["vk_percent_characteristic"] = 0
    return net


def test_a_curve_counts_where_no_table_is_known() -> None:
    net = with_curve()
    net.trafo = net.trafo.drop(columns="tap_dependency_table")
    (unit,) = read_pandapower(net).transformers
    # 5.5 % with 1.425 % of it resistance
    leakage_pct = (unit.x_pct[0] ** 2 + unit.windings[0].r_pct ** 2) ** 0.5
    assert leakage_pct == pytest.approx(5.5, rel=1e-4)
    assert_same_voltages(net)


def test_a_curve_beside_a_table_counts_for_nothing_and_is_told() -> None:
    net = with_curve()
    (note,) = read_pandapower(net).notes
    assert note.code == "PANDAPOWER.TAP_CURVE"
    assert_same_voltages(net)


def test_a_file_of_version_2_has_its_taps(tmp_path: Path) -> None:
    net = base_net()
    net.trafo["tap_pos"] = -2
    net.trafo["tap_phase_shifter"] = False
    net.trafo = net.trafo.drop(columns=["tap_changer_type", "tap_dependency_table"])
    net.version = net.format_version = "2.14.0"
    path = str(tmp_path / "old.json")
    pandapower.to_json(net, path)
    (unit,) = read_pandapower(path).transformers
    assert unit.windings[0].tap == pytest.approx(0.95)
