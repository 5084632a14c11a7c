"""OpenDSS as the judge of what the reader made of a file: the same script, solved by both."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tieline.feeders import load_feeder
from tieline.network import Network
from tieline.powerflow import Solution, solve
from tieline.typing import FloatArray

TIGHT = "set tolerance=1e-11 maxiterations=3000 maxcontroliter=200"


def solved_by_engine(path: Path, controls: str = "off") -> Any:
    """An engine context with the snapshot of a script solved."""
    dss = pytest.importorskip("opendssdirect").dss
    folder = os.getcwd()
    engine = dss.NewContext()
    try:
        engine.Text.Command(f'compile "{path}"')
        engine.Text.Command("set mode=snapshot")
        engine.Text.Command(f"{TIGHT} controlmode={'off' if controls == 'off' else 'static'}")
        engine.Solution.Solve()
    finally:
        os.chdir(folder)
    return engine


def node_voltages(engine: Any) -> dict[str, complex]:
    """Voltage of every node [V]."""
    parts = np.array(engine.Circuit.AllBusVolts())
    return dict(zip(map(str.lower, engine.Circuit.AllNodeNames()), parts[0::2] + 1j * parts[1::2], strict=True))


def assert_same_answer(script: str, folder: Path, controls: str = "off") -> Solution:
    """Our solution of a script; the engine has the same voltages (1e-6 pu) and source power (1e-4 of its size).

    Args:
        script: OpenDSS commands.
        folder: where the script may be written.
        controls: "off" or "feeder", as in `solve`.
    """
    path = folder / "master.dss"
    path.write_text(script)
    network = Network.from_feeder(load_feeder(path))
    solution = solve(network, controls="off" if controls == "off" else "feeder", tolerance=1e-11, max_iterations=500)
    engine = solved_by_engine(path, controls)
    assert worst_difference_pu(solution, node_voltages(engine)).max() < 1e-6
    source = -complex(*engine.Circuit.TotalPower())
    assert solution.source_kva[0] == pytest.approx(source, rel=1e-4, abs=1e-3)
    return solution


def worst_difference_pu(solution: Solution, expected_v: dict[str, complex]) -> FloatArray:
    """Difference of every node's voltage to the expected one [pu]."""
    network = solution.network
    base_v = network.node_kv * 1e3
    expected = np.array([expected_v[name] for name in network.node_names])
    return np.abs(solution.v_pu[0] * base_v - expected) / base_v
