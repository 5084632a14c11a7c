"""Field cases of MATPOWER and pandapower are right or refused.

Each `m*.m` says in its first line what MATPOWER gives ("V2 0.963457, loss 26.932 kW"). Each `c*.py` builds nets of pandapower and
hands them to `show(title, net)`; here a `show` of our own collects them, and `runpp` says what is right. Where pandapower itself
stops, tieline must not answer.
"""

from __future__ import annotations

import logging
import re
import runpy
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from tieline.errors import TielineError
from tieline.feeders import FeederError, load_feeder
from tieline.feeders.pandapower import read_pandapower
from tieline.feeders.problems import require_sound
from tieline.network import Network
from tieline.powerflow import Solution, solve

FOLDER = Path(__file__).parents[3] / "shared" / "field-cases" / "other"
VOLTAGE = re.compile(r"V(\d+) ([\d.]+)")
LOSS = re.compile(r"loss ([\d.]+) kW")
CODE = re.compile(r"\[[A-Z]+\.[A-Z_0-9]+\]")
MATPOWER = [
    path
    for path in sorted(FOLDER.glob("m*.m"))
    if VOLTAGE.search(path.read_text().splitlines()[0])
]
SCRIPTS = [
    "c01_core_loss",
    "c10_user_pf_options",
    "c11_tap_nan",
    "c13_crashes",
    "c17_several_sources",
    "c18_gen",
]
SCRIPTS += ["c20_names_collide", "c21_bad_data_accepted", "c24_other_elements"]
PANDAPOWER = [
    FOLDER / f"{name}.py" for name in SCRIPTS if (FOLDER / f"{name}.py").exists()
]


@pytest.mark.parametrize("path", MATPOWER, ids=lambda path: path.stem)
def test_matpower(path: Path) -> None:
    right = path.read_text().splitlines()[0]
    try:
        solution = _solved(load_feeder(path))
    except TielineError as error:
        if not _has_code(error):
            pytest.fail(f"refused without a code: {error}")
        return
    for bus, v_pu in VOLTAGE.findall(right):
        assert solution.vm_pu[
            0, solution.network.node_index[f"{bus}.1"]
        ] == pytest.approx(float(v_pu), abs=6e-7)
    for loss_kw in LOSS.findall(right):
        assert solution.loss_kw[0] == pytest.approx(float(loss_kw), abs=6e-4)


@pytest.mark.parametrize("path", PANDAPOWER, ids=lambda path: path.stem)
def test_pandapower(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pandapower = pytest.importorskip("pandapower", reason="pandapower is not installed")
    logging.getLogger("pandapower").setLevel(logging.CRITICAL)
    monkeypatch.chdir(tmp_path)  # a script may write its net
    nets = _nets_of(path, monkeypatch)
    assert nets
    wrong = {title: _wrong(pandapower, net) for title, net in nets.items()}
    assert not any(wrong.values()), {
        title: what for title, what in wrong.items() if what
    }


def _nets_of(path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """The nets that a script shows, by title."""
    nets: dict[str, Any] = {}
    base = ModuleType("_base")
    vars(base).update(runpy.run_path(str(FOLDER / "_base.py")))
    vars(base).update(
        show=lambda title, net: nets.setdefault(title, net),
        ours=lambda net: nets.setdefault(str(len(nets)), net),
    )
    monkeypatch.setitem(sys.modules, "_base", base)
    runpy.run_path(str(path))
    return nets


def _wrong(pandapower: Any, net: Any) -> str:
    """What is wrong with the answer to a net; nothing if it is right or refused with a code."""
    try:
        solution = _solved(require_sound(read_pandapower(net)))
    except TielineError as error:
        return "" if _has_code(error) else f"refused without a code: {error}"
    if not _solved_by_pandapower(pandapower, net):
        return "solved, where pandapower stops"
    return _difference(net, solution)


def _solved_by_pandapower(pandapower: Any, net: Any) -> bool:
    if "slack" not in net.gen:
        net.gen["slack"] = False  # as its own reader of old files does
    options = {} if net.get("user_pf_options") else {"calculate_voltage_angles": True}
    try:
        pandapower.runpp(net, tolerance_mva=1e-10, numba=False, **options)
    except Exception:  # noqa: BLE001  it stops on bad data in many ways
        return False
    return True


def _solved(feeder: Any) -> Solution:
    return solve(Network.from_feeder(feeder), tolerance=1e-11, max_iterations=500)


def _has_code(error: TielineError) -> bool:
    return isinstance(error, FeederError) or bool(CODE.search(str(error)))


def _loss_kw(net: Any) -> float:
    """Losses of everything that has two ends; of an extended ward, what its own impedance takes."""
    tables = (net.res_line, net.res_trafo, net.res_trafo3w, net.res_impedance)
    loss_mw = sum(float(table.pl_mw.sum()) for table in tables)
    for k, ward in net.xward.iterrows():
        v_pu = net.res_bus.vm_pu[ward.bus]
        at_terminal_mw = ward.ps_mw + ward.pz_mw * v_pu**2
        loss_mw += net.res_xward.p_mw[k] - at_terminal_mw
    return 1e3 * loss_mw


def _difference(net: Any, solution: Solution) -> str:
    magnitudes = net.res_bus.vm_pu.fillna(0).to_numpy()
    away = float(np.abs(solution.vm_pu[0, : len(magnitudes)] - magnitudes).max())
    loss_kw = _loss_kw(net)
    if away > 1e-6 or not abs(solution.loss_kw[0] - loss_kw) <= 1e-4 * loss_kw + 1e-6:
        return f"{away:.1e} pu away, loss {solution.loss_kw[0]:.4f} kW, pandapower {loss_kw:.4f} kW"
    return ""
