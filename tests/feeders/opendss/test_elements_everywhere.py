"""Elements that are read as others: writer, gradients, linear model, tables and OPF know them as what they are read."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from opendss_engine import assert_same_answer

from tieline.feeders import load_feeder, save_tables
from tieline.feeders.opendss.writer import opendss_script
from tieline.linear import tangent_model
from tieline.network import Network
from tieline.opf import make_problem, replay, solve_lp
from tieline.powerflow import Solution, solve
from tieline.powerflow.derivatives.gradients import tangent

pytest.importorskip("opendssdirect")

SCRIPT = """clear
set defaultbasefrequency=60
new circuit.c bus1=src basekv=12.47 pu=1.02 mvasc3=200 mvasc1=150
edit vsource.source z1=(0.1 0.7) z2=(0.25 1.2) z0=(0.3 0.9)
new vsource.second bus1=src basekv=12.47 pu=1.01 angle=1 mvasc3=90 mvasc1=70
new line.one bus1=src bus2=a r1=0.3 x1=0.6 r0=0.8 x0=1.8 c1=9 c0=5 length=2 units=km normamps=400 basefreq=50
new capacitor.series bus1=a bus2=b kvar=30000 kv=12.47
new autotrans.t phases=3 windings=2 buses=[b d] kvs=[12.47 4.16] kvas=[1000 1000] xhx=3 taps=[1.02 1]
new transformer.u phases=2 windings=2 conns=[delta wye] buses=[b.1.2.3 e.1.2.0] kvs=[12.47 0.48] kvas=[100 100] xhl=4
new fault.ground phases=2 bus1=b.1.2 gmatrix=[0.0002|-0.0001 0.0003]
new reactor.coupled bus1=d rmatrix=[9|1 8|1 1 9] xmatrix=[90|30 80|30 30 90]
new capacitor.filter bus1=d kv=4.16 kvar=100 r=1 xl=8
new capacitor.tuned bus1=b kv=12.47 cuf=2 xl=20 r=0
new load.open phases=2 conn=delta bus1=d.1.2.3 kv=4.16 kw=90 pf=0.9
new load.d bus1=d kv=4.16 kw=300 pf=0.95
new load.e bus1=e.1 phases=1 kv=0.277 kw=10
new pvsystem.p phases=2 conn=delta bus1=d.1.2.3 kv=4.16 kva=100 pmpp=90
set voltagebases=[12.47 4.16 0.48]
calcvoltagebases
"""


@pytest.fixture(scope="module")
def solution(tmp_path_factory: pytest.TempPathFactory) -> Solution:
    return assert_same_answer(SCRIPT, tmp_path_factory.mktemp("all"))


def test_the_writer(solution: Solution, tmp_path: Path) -> None:
    text = opendss_script(solution.network.feeder)
    bases = "\nset voltagebases=[12.47 4.16 0.48]\ncalcvoltagebases\n"
    again = assert_same_answer(text + bases, tmp_path)
    first = dict(zip(solution.network.node_names, solution.v_pu[0], strict=True))
    second = dict(zip(again.network.node_names, again.v_pu[0], strict=True))
    assert second == pytest.approx(first, abs=1e-6)


def test_tables(solution: Solution, tmp_path: Path) -> None:
    save_tables(solution.network.feeder, tmp_path / "tables")
    again = load_feeder(tmp_path / "tables")
    v_pu = solve(Network.from_feeder(again), controls="off", tolerance=1e-11).v_pu
    assert v_pu == pytest.approx(solution.v_pu, abs=1e-9)


def powers(network: Network) -> tuple[np.ndarray, np.ndarray]:
    """Consumption of the loads in the snapshot, (1, load) [kW, kvar]."""
    devices = network.devices
    n = devices.n_loads
    return devices.p_kw[None, :n], devices.q_kvar[None, :n]


def test_gradients(solution: Solution) -> None:
    network = solution.network
    load_kw, load_kvar = powers(network)
    direction = np.array([[1.0, -0.5, 0.3]])

    def solved(step: float) -> Solution:
        return solve(
            network,
            load_kw=load_kw + step * direction,
            load_kvar=load_kvar,
            controls="off",
            tolerance=1e-13,
        )

    difference = (solved(1.0).v_pu - solved(-1.0).v_pu) / 2
    exact = tangent(solved(0.0), load_kw=direction)
    assert np.abs(exact - difference).max() < 1e-5 * np.abs(difference).max()


def test_the_linear_model(solution: Solution) -> None:
    model = tangent_model(solution)
    network = solution.network
    load_kw, load_kvar = powers(network)
    changed = {"load_kw": load_kw * 1.1, "load_kvar": load_kvar}
    truth = solve(network, controls="off", **changed)
    expected = model.points.magnitude_pu(truth.v_pu)
    assert model.evaluate(**changed).vm_pu == pytest.approx(expected, abs=1e-4)


def test_an_optimal_power_flow(solution: Solution) -> None:
    answer = solve_lp(make_problem(solution.network, price=[0.1]))
    replayed = replay(answer.problem, answer.der_kw, answer.der_kvar)
    assert replayed.solution.converged.all()
    # energy costs money, so the panels give all that they have
    assert answer.der_kw[0, 0] == pytest.approx(90.0, abs=1e-3)
