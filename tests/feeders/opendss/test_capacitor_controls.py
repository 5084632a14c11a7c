"""Capacitor controls of every kind, measuring at lines, transformers and banks, act as the engine's in its static mode."""

from __future__ import annotations

from itertools import cycle
from pathlib import Path

import numpy as np
import pytest
from opendss_engine import assert_same_answer, hunts

from tieline.feeders import FeederError, load_feeder
from tieline.feeders.opendss.writer import opendss_script
from tieline.network import Network
from tieline.powerflow import solve

pytest.importorskip("opendssdirect")

HEAD = """clear
new circuit.banks bus1=src basekv=12.47 pu=1.0 mvasc3=200 mvasc1=150
new line.one bus1=src bus2=a r1=0.6 x1=1.2 r0=1.2 x0=2.8 length=3 units=km normamps=400
new load.one bus1=a kv=12.47 kw={kw} kvar={kvar} vminpu=0.7 vmaxpu=1.3
new load.two bus1=a.2 phases=1 kv=7.2 kw=300 kvar=100 vminpu=0.7 vmaxpu=1.3
new capacitor.k bus1=a kv=12.47 {bank}
makebuslist
new capcontrol.k capacitor=k {control}
"""
TAIL = "set voltagebases=[12.47]\ncalcvoltagebases\n"
LINE = "element=line.one terminal=1"
OF_BANK = "element=capacitor.k"
LEVELS = ((200, 0), (1500, 300), (1500, 1500), (3000, 2500), (-2500, 300))
"""Load [kW, kvar]; the last one feeds back."""

CONTROLS = (
    f"{LINE} type=powerfactor",
    f"{LINE} type=powerfactor onsetting=0.9 offsetting=-0.95",
    f"{LINE} type=powerfactor onsetting=0.9 offsetting=0.98 pctminkvar=10",
    f"{LINE} type=powerfactor onsetting=0.9 offsetting=0.98 voltoverride=yes vmin=115 vmax=119",
    f"{LINE} type=time onsetting=6 offsetting=20",
    f"{LINE} type=time onsetting=20 offsetting=6",
    f"{LINE} type=current ctphase=avg ctratio=1 onsetting=60 offsetting=40",
    f"{LINE} type=current ctphase=max ctratio=1 onsetting=80 offsetting=40",
    f"{LINE} type=current ctphase=min ptphase=max ctratio=1 onsetting=60 offsetting=10 voltoverride=yes vmin=110 vmax=121",
    f"{LINE} type=current ctphase=3 ptphase=2 ctratio=1 onsetting=70 offsetting=20 voltoverride=yes vmin=113 vmax=119",
    "element=line.one terminal=2 type=voltage ptphase=avg onsetting=116 offsetting=119",
    "element=line.one terminal=2 type=voltage ptphase=max onsetting=116 offsetting=119",
    "element=line.one terminal=2 type=voltage ptphase=min onsetting=116 offsetting=119",
    f"{OF_BANK} type=voltage onsetting=116 offsetting=119 ptphase=2",
    f"{OF_BANK} type=voltage onsetting=116 offsetting=119 ptphase=min",
    f"{OF_BANK} type=current onsetting=30 offsetting=20 ctratio=1",
    f"{OF_BANK} type=kvar onsetting=100 offsetting=-590",
    f"{LINE} type=kvar onsetting=900 offsetting=-200 voltoverride=yes vmin=115 vmax=119 vbus=a ptphase=2",
)
BANKS = {
    "one step": "kvar=600",
    "out": "kvar=600 states=[0]",
    "two steps": "numsteps=2 kvar=[300 300] states=[1 0]",
}


def script(control: str, bank: str, kw: float = 1500, kvar: float = 1500) -> str:
    return HEAD.format(control=control, bank=BANKS[bank], kw=kw, kvar=kvar) + TAIL


@pytest.mark.parametrize("control", CONTROLS)
def test_steps_at_every_level(control: str, tmp_path: Path) -> None:
    n_at_rest = 0
    # every level, and every kind of bank at some
    for (kw, kvar), bank in zip(LEVELS, cycle(BANKS)):
        text = script(control, bank, kw, kvar)
        if not hunts(text, tmp_path):
            assert_same_answer(text, tmp_path, "feeder")
            n_at_rest += 1
    assert n_at_rest >= 3


def test_a_bank_comes_in_by_power_factor_and_goes_out_again(tmp_path: Path) -> None:
    steps = []
    for kw, kvar in LEVELS[:3]:
        text = script(CONTROLS[0], "two steps", kw, kvar)
        solution = assert_same_answer(text, tmp_path, "feeder")
        steps.append(solution.capacitor_steps[0, 0])
    assert steps == [0.0, 1.0, 2.0]


def test_settings_before_a_power_factor_are_not_heard(tmp_path: Path) -> None:
    settings = "onsetting=0.7 offsetting=0.8"
    for control, is_noted in (
        (f"{LINE} {settings} type=powerfactor", True),
        (f"{LINE} type=powerfactor {settings}", False),
    ):
        solution = assert_same_answer(script(control, "two steps"), tmp_path, "feeder")
        codes = {note.code for note in solution.network.feeder.notes}
        assert ("OPENDSS.CAPACITOR_POWER_FACTOR" in codes) == is_noted


@pytest.mark.parametrize("control", [CONTROLS[0], CONTROLS[8], CONTROLS[12]])
def test_a_batch_ends_where_its_scenarios_end_alone(
    control: str, tmp_path: Path
) -> None:
    path = tmp_path / "master.dss"
    path.write_text(script(control, "two steps"))
    network = Network.from_feeder(load_feeder(path))
    scale = np.linspace(0.0, 2.0, 19)
    together = solve(network, load_scale=scale[:, None])
    for row, scenario in enumerate(scale):
        alone = solve(network, load_scale=[[scenario]])
        # one row may stand for all scenarios
        steps = np.broadcast_to(together.capacitor_steps, (len(scale), 1))[row]
        assert alone.capacitor_steps[0].tolist() == steps.tolist()


@pytest.mark.parametrize("control", CONTROLS)
def test_controls_are_written_as_they_were_read(control: str, tmp_path: Path) -> None:
    path, copy = tmp_path / "master.dss", tmp_path / "copy.dss"
    path.write_text(script(control, "one step"))
    feeder = load_feeder(path)
    copy.write_text(opendss_script(feeder) + TAIL)
    assert load_feeder(copy).capacitor_controls == feeder.capacitor_controls


def test_a_clock_is_overridden_by_voltage(tmp_path: Path) -> None:
    """Between its hours a bank stays as it stands, unless the voltage is beyond. The engine writes beyond its memory here."""
    control = f"{LINE} type=time onsetting=20 offsetting=6 voltoverride=yes"
    path = tmp_path / "master.dss"
    for band, steps in (("vmin=90 vmax=130", 1), ("vmin=90 vmax=100", 0)):
        path.write_text(script(f"{control} {band}", "one step"))
        solution = solve(Network.from_feeder(load_feeder(path)))
        assert solution.capacitor_steps[0, 0] == steps


def test_the_neutral_end_of_a_bank_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "master.dss"
    path.write_text(script(f"{OF_BANK} terminal=2 type=voltage", "one step"))
    with pytest.raises(FeederError, match="neutral end of a bank"):
        load_feeder(path)
