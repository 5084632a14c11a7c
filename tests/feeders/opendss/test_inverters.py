"""`InvControl` of OpenDSS: the same answer as the engine, whose tolerances are tightened; what is not read says why."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from opendss_engine import node_voltages, solved_by_engine, worst_difference_pu

from tieline import Feeder, load_feeder, solve
from tieline.feeders.opendss.writer import opendss_script

HEAD = """clear
set defaultbasefrequency=60
new circuit.c bus1=src basekv=12.47 pu=1.03 mvasc3=200 mvasc1=150
new line.l1 bus1=src bus2=a r1=0.3 x1=0.6 r0=0.8 x0=1.8 length=2 units=km
new line.l2 bus1=a bus2=b r1=0.3 x1=0.6 r0=0.8 x0=1.8 length=1.5 units=km
new load.one bus1=a kv=12.47 kw=500 pf=0.9
new load.two bus1=b.2 phases=1 kv=7.2 kw=200 pf=0.95 model=2
new xycurve.vv npts=4 xarray=[0.92 0.98 1.02 1.08] yarray=[0.6 0 0 -0.6]
new xycurve.steep npts=4 xarray=[0.9 1.03 1.04 1.2] yarray=[1 1 -1 -1]
new xycurve.vw npts=4 xarray=[0.5 1.03 1.05 1.5] yarray=[1 1 0.2 0.2]
new xycurve.cw npts=4 xarray=[0.5 1.0 1.02 1.5] yarray=[0 0 1 1]
new xycurve.pf npts=3 xarray=[0 0.5 1] yarray=[1 1 -0.9]
new xycurve.wv npts=3 xarray=[0 0.5 1] yarray=[0 0 -0.4]
"""
TAIL = "\nset voltagebases=[12.47]\ncalcvoltagebases\n"
EXACT = (
    "voltagechangetolerance=1e-8 varchangetolerance=1e-6 activepchangetolerance=1e-6"
)
PV = "new pvsystem.p bus1=b kv=12.47 kva=2200 pmpp=2000 irradiance=0.9 %cutin=0 %cutout=0"
ONE_PHASE = (
    "new pvsystem.p bus1=b.1 phases=1 kv=7.2 kva=700 pmpp=600 %cutin=0 %cutout=0"
)
CASES = {
    "three phases": f"{PV}\nnew invcontrol.i mode=voltvar vvc_curve1=vv",
    "delta": f"{PV} conn=delta\nnew invcontrol.i mode=voltvar vvc_curve1=vv",
    "one phase": f"{ONE_PHASE}\nnew invcontrol.i mode=voltvar vvc_curve1=vv",
    "steep curve": f"{PV}\nnew invcontrol.i mode=voltvar vvc_curve1=steep refreactivepower=varmax",
    "saturated by kva, watts first": f"{PV} wattpriority=yes\n"
    "new invcontrol.i mode=voltvar vvc_curve1=steep refreactivepower=varmax",
    "saturated by kva, vars first": f"{PV} kvarmax=1500 kvarmaxabs=1500\n"
    "new invcontrol.i mode=voltvar vvc_curve1=steep refreactivepower=varmax",
    "little sun, little q": f"{PV} irradiance=0.2 %pminnovars=5 %pminkvarmax=60\n"
    "new invcontrol.i mode=voltvar vvc_curve1=vv refreactivepower=varmax",
    "volt-watt at a power factor": f"{PV} pf=0.95\nnew invcontrol.i mode=voltwatt voltwatt_curve=vw",
    "volt-watt of what is available": f"{PV}\nnew invcontrol.i mode=voltwatt voltwatt_curve=vw voltwattyaxis=pavailablepu",
    "both": f"{PV}\nnew invcontrol.i combimode=vv_vw vvc_curve1=vv voltwatt_curve=vw",
    "watt-pf": f"{PV}\nnew invcontrol.i mode=wattpf wattpf_curve=pf",
    "watt-var": f"{PV}\nnew invcontrol.i mode=wattvar wattvar_curve=wv",
    "highest phase": f"{PV}\nnew invcontrol.i mode=voltvar vvc_curve1=vv monvoltagecalc=max",
    "second phase": f"{PV}\nnew invcontrol.i mode=voltvar vvc_curve1=vv monvoltagecalc=2",
    "another bus": f"{PV}\nnew invcontrol.i mode=voltvar vvc_curve1=vv monbus=[a.1 a.2 a.3] monbusesvbase=[7199.6 7199.6 7199.6]",
    "charging storage": "new storage.s bus1=b kv=12.47 kva=1500 kwrated=1400 kwhrated=5000 %stored=50 state=charging "
    "kvarmax=900 kvarmaxabs=900\n"
    "new invcontrol.i combimode=vv_vw vvc_curve1=vv voltwatt_curve=vw voltwattch_curve=cw",
    "several": f"{PV}\n{ONE_PHASE.replace('.p ', '.q ')}\nnew pvsystem.r bus1=a kv=12.47 conn=delta kva=900 pmpp=800\n"
    "new invcontrol.i mode=voltvar vvc_curve1=vv",
}


def write(text: str, folder: Path, *, is_exact: bool = True) -> Path:
    path = folder / "master.dss"
    tail = TAIL
    if is_exact:
        tail = f" {EXACT}{TAIL}"
    path.write_text(f"{HEAD}{text}{tail}")
    return path


def worst_pu(feeder: Feeder, path: Path) -> float:
    """Largest difference of a node's voltage to the engine's [pu]."""
    engine = solved_by_engine(path, "feeder")
    solution = solve(feeder, tolerance=1e-10)
    return float(worst_difference_pu(solution, node_voltages(engine)).max())


@pytest.mark.parametrize("text", CASES.values(), ids=CASES)
def test_the_answer_is_that_of_the_engine(text: str, tmp_path: Path) -> None:
    path = write(text, tmp_path)
    feeder = load_feeder(path)
    assert feeder.inverter_controls
    assert worst_pu(feeder, path) < 1e-6
    written = tmp_path / "written.dss"
    text = opendss_script(feeder).replace(
        "new invcontrol.", f"{EXACT}\nnew invcontrol."
    )
    lines = [line for line in text.splitlines() if line != EXACT]
    exact = [f"{one} {EXACT}" if "new invcontrol" in one else one for one in lines]
    written.write_text("\n".join(exact))
    assert worst_pu(feeder, written) < 1e-6


def test_with_the_tolerances_of_the_file_it_is_within_them(tmp_path: Path) -> None:
    path = write(CASES["several"], tmp_path, is_exact=False)
    assert worst_pu(load_feeder(path), path) < 1e-4
    # of P the engine leaves 1 % of the rating where it is, 20 kW here
    path = write(CASES["both"], tmp_path, is_exact=False)
    assert 1e-4 < worst_pu(load_feeder(path), path) < 1e-3


def test_the_inverter_follows_load_and_sun(tmp_path: Path) -> None:
    path = write(CASES["both"], tmp_path)
    feeder = load_feeder(path)
    dark = path.read_text().replace("irradiance=0.9", "irradiance=0.3")
    path.write_text(dark.replace("kw=500", "kw=1500"))
    engine = solved_by_engine(path, "feeder")
    solution = solve(
        feeder,
        der_kw={"p": 600.0},
        load_kw={"one": 1500.0},
        load_kvar={"one": 1500.0 * np.tan(np.arccos(0.9))},
        tolerance=1e-10,
    )
    assert worst_difference_pu(solution, node_voltages(engine)).max() < 1e-6


def codes(text: str, folder: Path) -> set[str]:
    return {note.code for note in load_feeder(write(text, folder)).notes}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("mode=dynamicreaccurr", "dynamicreaccurr"),
        ("mode=avr", "avr"),
        ("mode=voltvar vvc_curve1=vv rateofchangemode=lpf", "rate of change"),
        (
            "mode=voltvar vvc_curve1=vv monbus=[a.1 b.1] monbusesvbase=[7199 7199]",
            "several buses",
        ),
    ],
)
def test_what_is_not_read_says_why_and_holds_its_ders(
    text: str, words: str, tmp_path: Path
) -> None:
    feeder = load_feeder(write(f"{PV}\nnew invcontrol.i {text}", tmp_path))
    assert not feeder.inverter_controls
    (note,) = [n for n in feeder.notes if n.code == "OPENDSS.INVERTER_CONTROL_HELD"]
    assert words in note.message


def test_surprises_are_said(tmp_path: Path) -> None:
    across = "new pvsystem.p bus1=b.1.2 phases=1 kv=12.47 kva=700 pmpp=600"
    control = "new invcontrol.i mode=voltvar vvc_curve1=vv"
    assert "OPENDSS.INVERTER_CONTROL_SEES" in codes(f"{across}\n{control}", tmp_path)
    average = f"{PV}\n{control} voltage_curvex_ref=avg"
    assert "OPENDSS.INVERTER_CONTROL_AVERAGE" in codes(average, tmp_path)
    hysteresis = f"{PV}\n{control} hysteresis_offset=-0.01"
    assert "OPENDSS.INVERTER_CONTROL_HYSTERESIS" in codes(hysteresis, tmp_path)
