"""A feeder written as an OpenDSS script and solved by OpenDSS has our voltages: every bundled feeder, and random ones."""

from __future__ import annotations

import numpy as np
import pytest

from builders import random_feeder
from tieline.feeders import Feeder, library_names, load_feeder
from tieline.feeders.opendss.writer import opendss_script
from tieline.network import Network
from tieline.powerflow import solve

opendssdirect = pytest.importorskip("opendssdirect")


def voltages_by_opendss(feeder: Feeder, controls: str) -> dict[str, complex]:
    """Node voltages [kV] that OpenDSS finds."""
    engine = opendssdirect.dss.NewContext()
    for command in opendss_script(feeder).splitlines():
        engine.Text.Command(command)
    engine.Text.Command(f"set tolerance=1e-10 maxiterations=500 maxcontroliter=100 controlmode={controls}")
    engine.Solution.Solve()
    parts = np.array(engine.Circuit.AllBusVolts()) / 1e3
    return dict(zip(engine.Circuit.AllNodeNames(), parts[0::2] + 1j * parts[1::2], strict=True))


@pytest.mark.parametrize("name", library_names())
def test_bundled_feeders(name: str) -> None:
    compare(load_feeder(name))


@pytest.mark.parametrize("seed", range(4))
def test_random_feeders(seed: int) -> None:
    compare(random_feeder(seed, 25, n_loops=2))


def compare(feeder: Feeder) -> None:
    network = Network.from_feeder(feeder)
    solution = solve(network, controls="off", tolerance=1e-12, max_iterations=500)
    theirs = voltages_by_opendss(feeder, "off")
    ours = {name: v * kv for name, v, kv in zip(network.node_names, solution.v_pu[0], network.node_kv, strict=True)}
    assert set(ours) == set(theirs)
    worst = max(abs(ours[name] - theirs[name]) / kv for name, kv in zip(network.node_names, network.node_kv, strict=True))
    assert worst < 1e-6
