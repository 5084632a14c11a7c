"""Exponential loads, P ~ u^n and Q ~ u^m: the law itself, OpenDSS' model 4, derivatives, the optimum, and files."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from builders import two_bus
from tieline.bench.feeders.trial import try_file
from tieline.feeders import Feeder, FeederError, load_feeder
from tieline.feeders.elements import CONSTANT_IMPEDANCE
from tieline.feeders.save import save_feeder
from tieline.network import Network
from tieline.network.devices import tangent_shares
from tieline.powerflow import solve
from tieline.powerflow.derivatives.gradients import tangent

STUDIED = (0.8, 3.0)
"""Exponents of P and Q that EPRI's test circuits give their loads."""


def exponential(feeder: Feeder, exponents: tuple[float, float] = STUDIED) -> Feeder:
    """Every other load of a feeder follows the voltage by exponents."""
    loads = list(feeder.loads)
    loads[::2] = [replace(load, exponents=exponents) for load in loads[::2]]
    return feeder.replace(loads=tuple(loads))


@pytest.mark.parametrize("exponents", [STUDIED, (-0.5, 0.3), (1.7, 4.2)])
def test_the_law(exponents: tuple[float, float]) -> None:
    solution = solve(Network.from_feeder(two_bus(exponents=exponents)), tolerance=1e-12)
    u = solution.vm_pu[0, 1]
    assert u < 0.997
    power = solution.load_kva[0, 0]
    assert power.real == pytest.approx(1000 * u ** exponents[0], rel=1e-9)
    assert power.imag == pytest.approx(500 * u ** exponents[1], rel=1e-9)
    # what flows over the line at that voltage, by hand: v0 - v1 = z i
    drop = (0.5 + 0.3j) * np.conj(power / 1e3 / (solution.v_pu[0, 1] * 12.66))
    assert 12.66 - solution.v_pu[0, 1] * 12.66 == pytest.approx(drop, abs=1e-9)


def test_exponents_of_two_are_an_impedance() -> None:
    by_exponents = Network.from_feeder(two_bus(exponents=(2.0, 2.0)))
    by_shares = Network.from_feeder(
        two_bus(zip_p=CONSTANT_IMPEDANCE, zip_q=CONSTANT_IMPEDANCE)
    )
    difference = solve(by_exponents).v_pu - solve(by_shares).v_pu
    assert np.abs(difference).max() < 1e-9
    assert tangent_shares(2.0) == CONSTANT_IMPEDANCE


def test_a_dead_load_takes_nothing() -> None:
    """Also one whose admittance would be infinite at a voltage of zero."""
    for exponents in (STUDIED, (4.0, 5.0)):
        feeder = two_bus(exponents=exponents)
        line = replace(feeder.lines[0], closed=False)
        solution = solve(Network.from_feeder(feeder.replace(lines=(line,))))
        assert solution.load_kva[0, 0] == 0.0
        assert solution.converged[0]


HEAD = """clear
new circuit.cvr bus1=src basekv=12.47 pu=1.03 mvasc3=100 mvasc1=80
new line.one bus1=src bus2=a r1=0.6 x1=1.2 r0=1.5 x0=3 length=3 units=km normamps=400
new load.mix bus1=a.1 phases=1 kv=7.2 kw=400 pf=0.9 vminpu=0.8
"""
TAIL = "\nset voltagebases=[12.47]\ncalcvoltagebases\n"
LOADS = {
    "wye": "phases=3 bus1=a kv=12.47 kw=1500 pf=0.9 cvrwatts=0.8 cvrvars=3",
    "delta": "phases=3 bus1=a conn=delta kv=12.47 kw=1500 pf=0.9 cvrwatts=1.3 cvrvars=2",
    "one phase": "phases=1 bus1=a.2 kv=7.2 kw=700 pf=0.95 cvrwatts=0.4 cvrvars=4.5",
    "between phases": "phases=1 bus1=a.2.3 conn=delta kv=12.47 kw=700 pf=0.9 cvrwatts=0.7",
    "below its band": "phases=3 bus1=a kv=12.47 kw=1500 pf=0.9 cvrwatts=0.8 vminpu=1.0",
    "above its band": "phases=3 bus1=a kv=12.47 kw=150 pf=0.9 cvrwatts=0.8 vmaxpu=0.9",
}


@pytest.mark.parametrize("load", LOADS.values(), ids=list(LOADS))
def test_as_in_opendss(tmp_path: Path, load: str) -> None:
    file = tmp_path / "cvr.dss"
    file.write_text(f"{HEAD}new load.x {load} model=4{TAIL}")
    trial = try_file(str(file))
    assert trial.end == "solved", trial.reason
    assert trial.held_pu is not None
    assert trial.held_pu < 1e-8


def test_tangent_against_differences() -> None:
    network = Network.from_feeder(exponential(load_feeder("ieee13")))
    held: dict[str, Any] = {
        "controls": "off",
        "tolerance": 1e-13,
        "max_iterations": 200,
    }
    n_loads = network.devices.n_loads
    kw = network.devices.p_kw[:n_loads]
    held["load_kvar"] = network.devices.q_kvar[:n_loads]
    direction = np.linspace(0.2, 1.0, len(kw))
    rows = [kw - direction, kw, kw + direction]
    solution = solve(network, load_kw=rows, **held)
    before, _, after = solution.v_pu
    here = solve(network, load_kw=[kw], **held)
    exact = tangent(here, load_kw=direction[None, :])[0]
    difference = (after - before) / 2
    assert np.abs(exact - difference).max() < 1e-6 * np.abs(difference).max()


def test_the_optimum_is_what_the_power_flow_replays() -> None:
    pytest.importorskip("casadi")
    from tieline.opf import make_problem, replay, solve_nlp

    feeder = exponential(load_feeder("ieee33")).with_pv("18", kw=800)
    problem = make_problem(
        Network.from_feeder(feeder), price=0.1, cost=0.01, v_min_pu=0.9
    )
    best = solve_nlp(problem)
    run = replay(problem, best.der_kw, best.der_kvar)
    assert np.abs(run.vm_pu - best.vm_pu).max() < 1e-7


@pytest.mark.parametrize("name", ["tables", "script.dss"])
def test_round_trip(tmp_path: Path, name: str) -> None:
    feeder = exponential(load_feeder("ieee13"))
    save_feeder(feeder, tmp_path / name)
    again = load_feeder(tmp_path / name)
    assert [load.exponents for load in again.loads] == [
        load.exponents for load in feeder.loads
    ]


def test_a_format_without_exponents_refuses_them(tmp_path: Path) -> None:
    with pytest.raises(FeederError, match="exponents"):
        save_feeder(exponential(load_feeder("ieee33")), tmp_path / "no.json")
