"""What is left out is said with what it means, and controls with how much they would change in the engine."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from opendss_engine import node_voltages, solved_by_engine, worst_difference_pu

from tieline.feeders import Feeder, load_feeder
from tieline.feeders.opendss.circuit import DssCircuit
from tieline.feeders.opendss.leftovers import CHANGES_PHYSICS, MEANING, READ, RESOLVED
from tieline.feeders.opendss.script import blank_engine
from tieline.network import Network
from tieline.powerflow import solve

pytest.importorskip("opendssdirect")

HEAD = """clear
new circuit.left bus1=src basekv=12.47 pu=1.02 mvasc3=200 mvasc1=150
new line.one bus1=src bus2=a r1=0.3 x1=0.6 r0=0.8 x0=1.8 length=2 units=km normamps=400
new load.one bus1=a kv=12.47 kw=500 pf=0.9
new capacitor.bank bus1=a kv=12.47 kvar=600
new pvsystem.p bus1=a kv=12.47 kva=3200 pmpp=3000
new xycurve.vv npts=4 xarray=[0.5 0.95 1.05 1.5] yarray=[1 1 -1 -1]
"""
TAIL = "\nset voltagebases=[12.47]\ncalcvoltagebases\n"
CHANGING = {
    "invcontrol": "new invcontrol.i mode=voltvar vvc_curve1=vv derlist=[pvsystem.p]",
    "capcontrol": "new capcontrol.c element=line.one terminal=1 capacitor=bank type=time onsetting=6 offsetting=20",
}


def write(text: str, folder: Path) -> Path:
    path = folder / "master.dss"
    path.write_text(f"{HEAD}{text}{TAIL}")
    return path


def message_of(feeder: Feeder, code: str) -> str:
    return next(finding.message for finding in feeder.notes if finding.code == code)


@pytest.mark.parametrize("kind", CHANGING)
def test_controls_that_change_the_snapshot_are_said_with_the_size(kind: str, tmp_path: Path) -> None:
    path = write(CHANGING[kind], tmp_path)
    feeder = load_feeder(path)
    text = message_of(feeder, "OPENDSS.CONTROLS_LEFT_OUT")
    size_pu = float(text.split("up to ")[1].split(" pu")[0])
    solution = solve(Network.from_feeder(feeder), controls="off")
    with_control = node_voltages(solved_by_engine(path, "feeder"))
    assert size_pu == pytest.approx(worst_difference_pu(solution, with_control).max(), rel=0.05)
    assert size_pu > 1e-3


def test_controls_that_change_nothing_are_said_to(tmp_path: Path) -> None:
    path = write("new recloser.k monitoredobj=line.one monitoredterm=1 phasetrip=1000 groundtrip=1000", tmp_path)
    assert "change no voltage" in message_of(load_feeder(path), "OPENDSS.CONTROLS_LEFT_OUT")


def test_nothing_is_said_of_controls_that_the_file_switches_off_or_disables(tmp_path: Path) -> None:
    for text in ("\nset controlmode=off", "\ndisable invcontrol.i"):
        codes = {finding.code for finding in load_feeder(write(CHANGING["invcontrol"] + text, tmp_path)).notes}
        assert "OPENDSS.CONTROLS_LEFT_OUT" not in codes


def test_looking_at_controls_leaves_taps_and_banks_as_the_file_has_them(tmp_path: Path) -> None:
    feeder = load_feeder(write("\n".join(CHANGING.values()), tmp_path))
    assert feeder.capacitors[0].steps_on == 1
    assert feeder.pvs[0].p_kw == pytest.approx(3000)
    assert np.isclose(feeder.pvs[0].q_kvar, 0.0)


def test_every_class_of_the_engine_is_read_refused_or_explained() -> None:
    classes = set(DssCircuit(blank_engine()).kinds)
    assert classes - READ - RESOLVED - CHANGES_PHYSICS == set(MEANING)
