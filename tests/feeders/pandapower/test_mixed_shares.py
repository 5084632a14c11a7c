"""Where loads of different shares meet: ours are their own, runpp's a mean, and a note says so."""

from __future__ import annotations

from typing import Any

import pytest

pandapower = pytest.importorskip("pandapower", reason="pandapower is not installed")

from tieline.feeders.pandapower import read_pandapower  # noqa: E402
from tieline.network import Network  # noqa: E402
from tieline.powerflow import solve  # noqa: E402


def _net(other_share_pct: float) -> Any:
    net = pandapower.create_empty_network()
    buses = [pandapower.create_bus(net, 20.0) for _ in range(2)]
    pandapower.create_ext_grid(net, buses[0])
    pandapower.create_line_from_parameters(net, *buses, 10.0, 0.3, 0.35, 10.0, 0.3)
    shares = dict.fromkeys(("const_z_p_percent", "const_z_q_percent"), 60.0)
    pandapower.create_load(net, buses[1], 2.0, 1.0, **shares)
    shares = dict.fromkeys(shares, other_share_pct)
    pandapower.create_load(net, buses[1], 1.0, 0.2, **shares)
    return net


@pytest.mark.parametrize("other_share_pct", [60.0, 10.0])
def test_a_note_where_runpp_takes_a_mean(other_share_pct: float) -> None:
    net = _net(other_share_pct)
    feeder = read_pandapower(net)
    pandapower.runpp(net, tolerance_mva=1e-9)
    v_pu = abs(solve(Network.from_feeder(feeder), tolerance=1e-11).v_pu[0, 1])
    difference_pu = abs(v_pu - net.res_bus.vm_pu[1])
    codes = {note.code for note in feeder.notes}
    assert (difference_pu > 1e-6) == ("PANDAPOWER.MIXED_SHARES" in codes)
    assert (difference_pu > 1e-6) == (other_share_pct != 60.0)
