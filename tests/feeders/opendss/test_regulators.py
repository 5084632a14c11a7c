"""Reversible regulators: taps and voltages of the engine in static control mode, with power flowing out and back."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from opendss_engine import assert_same_answer, solved_by_engine

from tieline.feeders import load_feeder
from tieline.feeders.opendss.writer import opendss_script
from tieline.network import Network
from tieline.powerflow import Solution, solve

FEEDER = """clear
new circuit.reverse bus1=src basekv=12.47 pu={pu} mvasc3=200 mvasc1=150
new line.one bus1=src bus2=a r1=0.3 x1=0.6 r0=0.8 x0=1.8 c1=10 c0=5 length=2 units=km normamps=400
new transformer.r phases=3 buses=[a b] conns=[wye wye] kvs=[12.47 12.47] kvas=[5000 5000] xhl=0.1 %loadloss=0.01
new regcontrol.r transformer=r winding=2 vreg=120 band=2 ptratio=60 {control}
new line.two bus1=b bus2=e r1=0.3 x1=0.6 length=3 units=km normamps=400
new load.one bus1=e kv=12.47 kw=500 pf=0.9
new generator.g bus1=e kv=12.47 kw={kw} pf=1
set voltagebases=[12.47]
calcvoltagebases
"""
CONTROLS = (
    "reversible=yes",
    "reversible=yes revvreg=118",
    "reversible=yes revvreg=122 revband=2 r=2 x=1 revr=1 revx=3",
    "reversible=yes revvreg=122 revband=2 revr=1 revx=3",
    "reversible=yes revneutral=yes",
    "reversible=yes revneutral=yes revdelay=5",
    "reversible=yes revthreshold=2000",
    "cogen=yes revvreg=118",
    "cogen=yes revvreg=124 revneutral=yes",
    "cogen=yes reversible=yes revvreg=117 revband=1.5",
)


@pytest.mark.parametrize("control", CONTROLS)
def test_taps_with_power_out_and_back(control: str, tmp_path: Path) -> None:
    taps = []
    for kw in (1, 450, 700, 3500):
        solution = assert_same_answer(
            FEEDER.format(pu=1.03, control=control, kw=kw), tmp_path, "feeder"
        )
        assert_same_taps(solution, tmp_path)
        taps.append(int(solution.taps[0, 0]))
    assert taps[0] != taps[-1] or "threshold" in control


def assert_same_taps(solution: Solution, folder: Path) -> None:
    engine = solved_by_engine(folder / "master.dss", "feeder")
    for regulator, tap in zip(
        solution.network.feeder.regulators, solution.taps[0], strict=True
    ):
        engine.RegControls.Name(regulator.name)
        assert engine.RegControls.TapNumber() == tap, regulator.name


@pytest.mark.parametrize("seed", range(8))
def test_several_in_a_row_of_every_mode(seed: int, tmp_path: Path) -> None:
    solution = assert_same_answer(random_script(seed), tmp_path, "feeder")
    assert_same_taps(solution, tmp_path)


def random_script(seed: int) -> str:
    """Three single-phase regulators, a three-phase one behind them, loads and generators of chance."""
    random = np.random.default_rng(seed)
    script = FEEDER.split("new transformer.r")[0].format(
        pu=f"{random.uniform(0.97, 1.04):.3f}"
    )
    for phase in (1, 2, 3):
        script += f"new transformer.r{phase} phases=1 buses=[a.{phase} b.{phase}] kvs=[7.2 7.2] kvas=[2000 2000] xhl=0.1\n"
        script += f"new regcontrol.r{phase} transformer=r{phase} winding=2 ptratio=60 {random_control(random)}\n"
    script += "new line.two bus1=b bus2=e r1=0.3 x1=0.6 r0=0.8 x0=1.8 length=3 units=km normamps=400\n"
    script += "new transformer.q phases=3 buses=[e f] conns=[wye wye] kvs=[12.47 12.47] kvas=[5000 5000] xhl=0.5\n"
    script += f"new regcontrol.q transformer=q winding=2 ptratio=60 {random_control(random)}\n"
    script += "new line.three bus1=f bus2=g r1=0.3 x1=0.6 r0=0.8 x0=1.8 length=2 units=km normamps=400\n"
    wide = "vminpu=0.7 vmaxpu=1.4"
    script += f"new load.e bus1=e.1 phases=1 kv=7.2 kw=400 pf=0.9 {wide}\n"
    script += f"new load.g bus1=g conn=delta kv=12.47 kw={random.uniform(100, 1500):.0f} pf=0.9 {wide}\n"
    script += f"new generator.g bus1=g conn=delta kv=12.47 kw={random.uniform(100, 4000):.0f} pf=1 {wide}\n"
    script += f"new generator.e bus1=e.2 phases=1 kv=7.2 kw={random.uniform(100, 1500):.0f} pf=1 {wide}\n"
    return script + "set voltagebases=[12.47]\ncalcvoltagebases\n"


def random_control(random: np.random.Generator) -> str:
    modes = (
        "",
        "reversible=yes",
        "cogen=yes",
        "reversible=yes revneutral=yes",
        "cogen=yes revneutral=yes",
    )
    reverse = f"revvreg={random.uniform(115, 125):.1f} revband={random.uniform(2, 4):.1f} revr={random.uniform(0, 3):.2f}"
    forward = f"vreg={random.uniform(118, 124):.1f} band=2 r={random.choice((0, 1.5))} x={random.choice((0, 2))}"
    waits = f"delay={random.choice((15, 30))} revdelay={random.choice((5, 60))} revthreshold={random.choice((10, 100, 400))}"
    return f"{forward} {random.choice(modes)} {reverse} {waits}"


def test_scenarios_of_a_batch_change_over_on_their_own(tmp_path: Path) -> None:
    path = tmp_path / "master.dss"
    path.write_text(FEEDER.format(pu=1.03, control=CONTROLS[1], kw=700))
    network = Network.from_feeder(load_feeder(path))
    power = np.linspace(0.0, 4000.0, 19)[:, None]
    together = solve(network, der_kw=power, der_kvar=0 * power)
    alone = [
        solve(network, der_kw=row[None], der_kvar=[[0.0]]).taps[0] for row in power
    ]
    assert together.taps.tolist() == np.array(alone).tolist()
    assert len(set(together.taps[:, 0].tolist())) > 1


def test_reverse_settings_are_written_as_they_were_read(tmp_path: Path) -> None:
    path, copy = tmp_path / "master.dss", tmp_path / "copy.dss"
    for control in CONTROLS:
        path.write_text(FEEDER.format(pu=1.03, control=control, kw=700))
        feeder = load_feeder(path)
        copy.write_text(
            opendss_script(feeder) + "set voltagebases=[12.47]\ncalcvoltagebases\n"
        )
        assert load_feeder(copy).regulators == feeder.regulators


@pytest.mark.parametrize(
    "changer",
    [
        "numtaps=16 maxtap=1.1 mintap=0.95",
        "numtaps=8 maxtap=1.1 mintap=0.85",
        "tap=1.003",
    ],
)
@pytest.mark.parametrize("pu", [0.97, 1.03])
def test_a_tap_between_two_steps_moves_by_whole_steps_from_there(
    changer: str, pu: float, tmp_path: Path
) -> None:
    script = FEEDER.format(pu=pu, control="", kw=1).replace(
        "new regcontrol", f"~ wdg=2 {changer}\nnew regcontrol"
    )
    solution = assert_same_answer(script, tmp_path, "feeder")
    assert "OPENDSS.TAP_BETWEEN_STEPS" in {
        finding.code for finding in solution.network.feeder.notes
    }


@pytest.mark.parametrize("nodes", ["1", "1.2", "3.1"])
@pytest.mark.parametrize("pu", [0.97, 1.03])
def test_a_winding_in_delta_regulates_between_the_two_nodes_of_a_remote_bus(
    nodes: str, pu: float, tmp_path: Path
) -> None:
    ratio = 60 if nodes == "1" else 104
    script = FEEDER.format(pu=pu, control=f"bus=e.{nodes}", kw=1)
    script = script.replace("conns=[wye wye]", "conns=[delta delta]").replace(
        "ptratio=60", f"ptratio={ratio}"
    )
    script = script.replace(
        "new load.one bus1=e",
        "new reactor.earth bus1=b kv=12.47 kvar=50\nnew load.one bus1=e conn=delta",
    )
    solution = assert_same_answer(
        script.replace("new generator.g bus1=e", "new generator.g bus1=e conn=delta"),
        tmp_path,
        "feeder",
    )
    assert_same_taps(solution, tmp_path)
    copy = tmp_path / "copy.dss"
    feeder = solution.network.feeder
    copy.write_text(
        opendss_script(feeder) + "set voltagebases=[12.47]\ncalcvoltagebases\n"
    )
    assert load_feeder(copy).regulators == feeder.regulators
