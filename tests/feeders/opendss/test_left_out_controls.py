"""What is left out is said with what it means; controls with how much hangs on them in the engine, and DERs settled by them."""

from __future__ import annotations

from pathlib import Path

import pytest
from opendss_engine import node_voltages, solved_by_engine, worst_difference_pu

from tieline.feeders import Feeder, load_feeder
from tieline.feeders.opendss.circuit import DssCircuit
from tieline.feeders.opendss.leftovers import CHANGES_PHYSICS, MEANING, READ, RESOLVED
from tieline.feeders.opendss.script import blank_engine
from tieline.network import Network
from tieline.powerflow import solve

HEAD = """clear
new circuit.left bus1=src basekv=12.47 pu=1.02 mvasc3=200 mvasc1=150
new line.one bus1=src bus2=a r1=0.3 x1=0.6 r0=0.8 x0=1.8 length=2 units=km normamps=400
new load.one bus1=a kv=12.47 kw=500 pf=0.9
new capacitor.bank bus1=a kv=12.47 kvar=600
new pvsystem.p bus1=a kv=12.47 kva=3200 pmpp=3000
new xycurve.vv npts=4 xarray=[0.5 0.95 1.05 1.5] yarray=[1 1 -1 -1]
"""
TAIL = "\nset voltagebases=[12.47]\ncalcvoltagebases\n"
CHANGING = """new line.two bus1=a bus2=b r1=0.3 x1=0.6 length=1 units=km
new load.two bus1=b kv=12.47 kw=900
new tcc_curve.fast npts=2 c_array=[1 1000] t_array=[0.1 0.01]
new fuse.k monitoredobj=line.two monitoredterm=1 fusecurve=fast ratedcurrent=1"""
VOLT_VAR = "new invcontrol.i mode=voltvar vvc_curve1=vv derlist=[pvsystem.p]"
OF_DERS = {
    "rate of change": "new invcontrol.i mode=voltvar vvc_curve1=vv derlist=[pvsystem.p] rateofchangemode=risefall "
    "risefalllimit=10",
    "volt-var beside another": "new pvsystem.q bus1=a kv=12.47 kva=500 pmpp=400\n"
    "new invcontrol.j mode=voltvar vvc_curve1=vv derlist=[pvsystem.q]\nnew expcontrol.i derlist=[pvsystem.p]",
    "dispatch of a battery": "new storage.s bus1=a kv=12.47 kva=300 kwrated=300 kwhrated=900\n"
    "new storagecontroller.c element=line.one terminal=1 modedischarge=peakshave kwtarget=-5000 kwtargetlow=-9000",
}


def write(text: str, folder: Path) -> Path:
    path = folder / "master.dss"
    path.write_text(f"{HEAD}{text}{TAIL}")
    return path


def test_what_changes_the_snapshot_is_said_first(tmp_path: Path) -> None:
    line = "new line.bare bus1=a bus2=c r1=0.1 x1=0.1 c1=0 c0=0\n"
    first, *others = load_feeder(
        write(line + OF_DERS["dispatch of a battery"], tmp_path)
    ).notes
    assert first.code == "OPENDSS.DER_CONTROLS_HELD"
    assert others


def message_of(feeder: Feeder, code: str) -> str:
    return next(finding.message for finding in feeder.notes if finding.code == code)


def test_controls_that_change_the_snapshot_are_said_with_the_size(
    tmp_path: Path,
) -> None:
    path = write(CHANGING, tmp_path)
    feeder = load_feeder(path)
    text = message_of(feeder, "OPENDSS.CONTROLS_LEFT_OUT")
    size_pu = float(text.split("up to ")[1].split(" pu")[0])
    solution = solve(Network.from_feeder(feeder), controls="off")
    with_control = node_voltages(solved_by_engine(path, "feeder"))
    assert size_pu == pytest.approx(
        worst_difference_pu(solution, with_control).max(), rel=0.05
    )
    assert size_pu > 1e-3


@pytest.mark.parametrize("text", OF_DERS.values(), ids=OF_DERS)
def test_ders_hold_the_power_at_which_their_controls_settle(
    text: str, tmp_path: Path
) -> None:
    path = write(text, tmp_path)
    feeder = load_feeder(path)
    assert "hold the power" in message_of(feeder, "OPENDSS.DER_CONTROLS_HELD")
    solution = solve(Network.from_feeder(feeder), controls="off", tolerance=1e-11)
    engine = solved_by_engine(path, "feeder")
    # the engine's controls have dead bands
    assert worst_difference_pu(solution, node_voltages(engine)).max() < 1e-4
    source = -complex(*engine.Circuit.TotalPower())
    assert solution.source_kva[0] == pytest.approx(source, rel=1e-2)


def test_controls_that_change_nothing_are_said_to(tmp_path: Path) -> None:
    path = write(
        "new recloser.k monitoredobj=line.one monitoredterm=1 phasetrip=1000 groundtrip=1000",
        tmp_path,
    )
    assert "change no voltage" in message_of(
        load_feeder(path), "OPENDSS.CONTROLS_LEFT_OUT"
    )


def test_nothing_is_said_of_controls_that_the_file_switches_off_or_disables(
    tmp_path: Path,
) -> None:
    for text in ("\nset controlmode=off", "\ndisable invcontrol.i"):
        feeder = load_feeder(write(VOLT_VAR + text, tmp_path))
        assert "OPENDSS.DER_CONTROLS_HELD" not in {
            finding.code for finding in feeder.notes
        }
        assert not feeder.inverter_controls
        assert feeder.pvs[0].q_kvar == 0.0


def test_looking_at_controls_leaves_taps_and_banks_as_the_file_has_them(
    tmp_path: Path,
) -> None:
    feeder = load_feeder(write(CHANGING, tmp_path))
    assert feeder.capacitors[0].steps_on == 1
    assert feeder.pvs[0].p_kw == pytest.approx(3000)


def test_every_class_of_the_engine_is_read_refused_or_explained() -> None:
    classes = set(DssCircuit(blank_engine()).kinds)
    assert classes - READ - RESOLVED - CHANGES_PHYSICS == set(MEANING)
