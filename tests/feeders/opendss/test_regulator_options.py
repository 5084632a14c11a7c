"""What few regulators have: the highest or lowest phase, a highest voltage, compensation by magnitudes, another winding that
moves, inverse time; taps and voltages of the engine in static control mode, with power flowing out and back.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from opendss_engine import assert_same_answer, hunts, solved_by_engine

from tieline.feeders import load_feeder
from tieline.feeders.opendss.writer import opendss_script
from tieline.network import Network
from tieline.powerflow import solve

pytest.importorskip("opendssdirect")

FEEDER = """clear
new circuit.options bus1=src basekv=12.47 pu=1.02 mvasc3=200 mvasc1=150
new line.one bus1=src bus2=a r1=0.3 x1=0.6 r0=0.8 x0=1.8 c1=10 c0=5 length=2 units=km normamps=400
new transformer.r phases=3 buses=[a b] conns=[{first} wye] kvs=[12.47 12.47] kvas=[5000 5000] xhl=0.5 %loadloss=0.01
new regcontrol.r transformer=r winding=2 ptratio=60 {control}
new line.two bus1=b bus2=e r1=0.3 x1=0.6 r0=0.8 x0=1.8 length=3 units=km normamps=400
new load.one bus1=e kv=12.47 kw={load_kw} pf=0.9 vminpu=0.7 vmaxpu=1.3
new load.two bus1=e.1 phases=1 kv=7.2 kw={leg_kw} pf=0.9 vminpu=0.7 vmaxpu=1.3
new generator.g bus1=e kv=12.47 kw={pv_kw} pf=1 vminpu=0.7 vmaxpu=1.3
"""
TAIL = "set voltagebases=[12.47]\ncalcvoltagebases\n"

CONTROLS = (
    "vreg=122 band=2 ptphase=max",
    "vreg=122 band=2 ptphase=min",
    "vreg=118 band=2 ptphase=max r=3 x=5 ctprim=200",
    "vreg=122 band=2 ptphase=min reversible=yes revvreg=119 revr=2 revx=2 r=1",
    "vreg=119 band=2 vlimit=121",
    "vreg=120 band=2 vlimit=122 ptphase=max r=4 x=6 ctprim=100",
    "vreg=118 band=2 vlimit=120 reversible=yes revvreg=122",
    "vreg=119 band=2 ldc_z=4 ctprim=100",
    "vreg=119 band=2 ldc_z=4 rev_z=2 ctprim=100 cogen=yes revvreg=121",
    "vreg=121 band=2 tapwinding=1",
    "vreg=121 band=2 tapwinding=1 reversible=yes revvreg=119",
    "vreg=121 band=2 tapwinding=1 cogen=yes revvreg=119",
    "vreg=121 band=2 tapwinding=1 reversible=yes revneutral=yes",
    "vreg=122 band=2 inversetime=yes",
    "vreg=121 band=2 bus=e.2 remoteptratio=62 vlimit=123",
    "vreg=121 band=2 bus=e.2 ptphase=max",
)
LEVELS = ((2500, 1), (1200, 1200), (300, 700), (300, 3500))
"""Load and generation [kW]."""


def script(control: str, load_kw: float, pv_kw: float, first: str = "wye") -> str:
    """The feeder at one level; a tenth of its load more on the first phase."""
    leg_kw = load_kw / 10
    values = {"first": first, "load_kw": load_kw, "leg_kw": leg_kw, "pv_kw": pv_kw}
    return FEEDER.format(control=control, **values) + TAIL


@pytest.mark.parametrize("control", CONTROLS)
def test_taps_at_every_level(control: str, tmp_path: Path) -> None:
    taps = []
    for load_kw, pv_kw in LEVELS:
        text = script(control, load_kw, pv_kw)
        # a limit of the voltage and a set point behind it may pull in two directions
        if hunts(text, tmp_path):
            continue
        solution = assert_same_answer(text, tmp_path, "feeder")
        engine = solved_by_engine(tmp_path / "master.dss", "feeder")
        engine.RegControls.Name("r")
        assert engine.RegControls.TapNumber() == solution.taps[0, 0]
        taps.append(int(solution.taps[0, 0]))
    assert len(set(taps)) > 1


def test_the_winding_behind_a_delta_regulates_the_highest_phase(tmp_path: Path) -> None:
    text = script(CONTROLS[0], 2500, 1, first="delta")
    assert_same_answer(text, tmp_path, "feeder")


@pytest.mark.parametrize("control", [CONTROLS[3], CONTROLS[8], CONTROLS[13]])
def test_a_batch_ends_where_its_scenarios_end_alone(
    control: str, tmp_path: Path
) -> None:
    path = tmp_path / "master.dss"
    path.write_text(script(control, 1000, 100))
    network = Network.from_feeder(load_feeder(path))
    power = np.linspace(0.0, 4000.0, 19)[:, None]
    together = solve(network, der_kw=power, der_kvar=0 * power)
    for row, tap in zip(power, together.taps, strict=True):
        alone = solve(network, der_kw=row[None], der_kvar=[[0.0]])
        assert alone.taps[0].tolist() == tap.tolist()
    assert together.converged.mean() > 0.5


@pytest.mark.parametrize("control", CONTROLS)
def test_options_are_written_as_they_were_read(control: str, tmp_path: Path) -> None:
    path, copy = tmp_path / "master.dss", tmp_path / "copy.dss"
    path.write_text(script(control, 1000, 100))
    feeder = load_feeder(path)
    copy.write_text(opendss_script(feeder) + TAIL)
    assert load_feeder(copy).regulators == feeder.regulators


def test_the_shorter_of_two_inverse_times_acts_first(tmp_path: Path) -> None:
    # two in a row: the second is farther from its set point, moves first, and spares the first a move or not
    second = (
        "new transformer.q phases=3 buses=[e f] conns=[wye wye] kvs=[12.47 12.47] kvas=[5000 5000] xhl=0.5\n"
        "new regcontrol.q transformer=q winding=2 ptratio=60 vreg=124 band=1 inversetime=yes\n"
        "new load.three bus1=f kv=12.47 kw=900 pf=0.9\n"
    )
    text = script("vreg=120.5 band=1 inversetime=yes r=2 x=4 ctprim=100", 1500, 1)
    solution = assert_same_answer(text.replace(TAIL, second + TAIL), tmp_path, "feeder")
    assert (solution.taps[0] != 0).all()
