"""A source with a voltage for each phase: checked, saved and loaded as tables, written for OpenDSS and read back."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
import opendssdirect
import pytest

from tieline.feeders import Feeder, find_problems, load_feeder, load_tables, save_tables
from tieline.network import Network
from tieline.powerflow import solve

PHASES_PU = (1.04, 0.99, 1.01)
ANGLES_DEG = (2.0, -121.0, 119.0)


def with_phases(**changes: object) -> Feeder:
    feeder = load_feeder("ieee13")
    asked = {"phase_v_pu": PHASES_PU, "phase_angle_deg": ANGLES_DEG, **changes}
    source = dataclasses.replace(feeder.source, **asked)  # type: ignore[arg-type]
    return feeder.replace(sources=(source,))


def test_tables_hold_it(tmp_path: Path) -> None:
    save_tables(with_phases(), tmp_path)
    source = load_tables(tmp_path).source
    assert source.phase_v_pu == PHASES_PU
    assert source.phase_angle_deg == ANGLES_DEG


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"phase_v_pu": (1.0, 1.0)}, "has 2 numbers in phase_v_pu for 3 nodes"),
        ({"phase_angle_deg": (0.0,)}, "has 1 numbers in phase_angle_deg for 3 nodes"),
        ({"phase_v_pu": (1.0, 0.0, 1.0)}, "phase_v_pu 2 0, which must be above 0"),
        (
            {"phase_v_pu": (1.0, 1.0, 102.0)},
            "phase_v_pu 3 102, which must be at most 10",
        ),
    ],
)
def test_what_does_not_fit_is_found(changes: dict[str, object], message: str) -> None:
    texts = [finding.message for finding in find_problems(with_phases(**changes))]
    assert any(message in text for text in texts)


SCRIPT = """clear
new circuit.three bus1=a.1 phases=1 basekv=7.2 pu=1.04 angle=2 z1=(0.1, 0.5) z0=(0.1, 0.5)
new vsource.two bus1=a.2 phases=1 basekv=7.2 pu=0.99 angle=-121 z1=(0.1, 0.5) z0=(0.1, 0.5)
new vsource.three bus1=a.3 phases=1 basekv=7.2 pu=1.01 angle=119 z1=(0.1, 0.5) z0=(0.1, 0.5)
new line.l bus1=a bus2=b length=1 r1=0.3 x1=0.6 r0=0.9 x0=1.8
new load.x bus1=b kv=12.47 kw=900 kvar=300
new load.y bus1=b.2 phases=1 kv=7.2 kw=200 kvar=50
set voltagebases=[12.47]
calcvoltagebases
"""


def test_three_sources_of_one_phase_are_one(tmp_path: Path) -> None:
    path = tmp_path / "three.dss"
    path.write_text(SCRIPT)
    feeder = load_feeder(path)
    source = feeder.source
    assert (source.nodes, source.phase_v_pu, source.phase_angle_deg) == (
        (1, 2, 3),
        PHASES_PU,
        ANGLES_DEG,
    )
    assert_as_the_engine(path)


def test_sources_of_different_impedance_stay_apart(tmp_path: Path) -> None:
    path = tmp_path / "three.dss"
    path.write_text(
        SCRIPT.replace("angle=119 z1=(0.1, 0.5)", "angle=119 z1=(0.2, 0.5)")
    )
    assert len(load_feeder(path).sources) == 3
    assert_as_the_engine(path)


def assert_as_the_engine(path: Path) -> None:
    """Every node has the voltage that OpenDSS gives it."""
    engine: Any = opendssdirect
    network = Network.from_feeder(load_feeder(path))
    solution = solve(network)
    engine.Text.Command(f"redirect {path}")
    engine.Text.Command("solve tolerance=1e-12 maxiterations=1000")
    names = [name.lower() for name in engine.Circuit.AllNodeNames()]
    parts = np.asarray(engine.Circuit.AllBusVolts())
    volts = dict(zip(names, parts[::2] + 1j * parts[1::2], strict=True))
    expected = np.array([volts[name] for name in network.node_names])
    base = network.node_kv * 1e3
    assert solution.v_pu[0] * base == pytest.approx(expected, rel=1e-6)


def test_the_writer_says_it_again(tmp_path: Path) -> None:
    from tieline.feeders.opendss.writer import opendss_script

    first = tmp_path / "first.dss"
    first.write_text(SCRIPT)
    feeder = load_feeder(first)
    again = tmp_path / "again.dss"
    again.write_text(opendss_script(feeder) + "\n")
    reread = load_feeder(again)
    assert reread.source.phase_v_pu == PHASES_PU
    assert reread.source.phase_angle_deg == ANGLES_DEG
