"""Current sources: OpenDSS has the same voltages, of every sequence, at any bus, and back from our own script."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from opendss_engine import (
    assert_same_answer,
    node_voltages,
    solved_by_engine,
    worst_difference_pu,
)

from tieline.feeders import Feeder, load_feeder
from tieline.feeders.equivalent import equivalent
from tieline.feeders.findings import FeederError
from tieline.feeders.opendss.writer import opendss_script

pytest.importorskip("opendssdirect")

HEAD = """clear
set defaultbasefrequency=60
new circuit.c bus1=src basekv=12.47 pu=1.02 angle=7 mvasc3=200 mvasc1=150
new line.one bus1=src bus2=a r1=0.3 x1=0.6 r0=0.8 x0=1.8 c1=9 c0=5 length=2 units=km normamps=400
new line.two bus1=a.1.2 bus2=b.1.2 phases=2 r1=0.3 x1=0.6 r0=0.8 x0=1.8 c1=0 c0=0 length=1 units=km normamps=400
new load.a bus1=a kv=12.47 kw=900 pf=0.9
new load.b bus1=b.1 phases=1 kv=7.2 kw=90 pf=0.9 model=2
"""
TAIL = "\nset voltagebases=[12.47 4.16 0.48]\ncalcvoltagebases\n"
SERVICE = "new transformer.t windings=2 conns=[delta wye] buses=[a n] kvs=[12.47 0.48] kvas=[500 500] xhl=4\n"
REGULATED = (
    "new transformer.r windings=2 buses=[a n] kvs=[12.47 4.16] kvas=[2000 2000] xhl=4\n"
    "new load.n bus1=n kv=4.16 kw=1500 pf=0.9\n"
    "new regcontrol.r transformer=r winding=2 vreg=122 band=2 ptratio=20\n"
)
ALONE = (
    "new reactor.earth bus1=m phases=3 r=2 x=1\n"
    "new line.far bus1=m bus2=k r1=.1 x1=.2 r0=.3 x0=.4 c1=10 c0=4 length=1 units=km normamps=400\n"
    "new load.k bus1=k kv=0.48 kw=3 kvar=1 model=2 vminpu=0.01\n"
)

CIRCUITS = {
    "three phases": "new isource.k bus1=a amps=20 angle=30",
    "negative sequence": "new isource.k bus1=a amps=20 angle=30 sequence=neg",
    "zero sequence": "new isource.k bus1=a amps=20 angle=30 sequence=zero scantype=pos",
    "two phases": "new isource.k phases=2 bus1=b.1.2 amps=20 angle=30",
    "one phase": "new isource.k phases=1 bus1=a.2 amps=20 angle=-70",
    "phases in another order": "new isource.k bus1=a.3.1.2 amps=20 angle=-70",
    "between two phases": "new isource.k phases=1 bus1=a.2 bus2=a.3 amps=20",
    "between two buses": "new isource.k bus1=a bus2=src amps=20 angle=45",
    "both ends of a phase at one node": "new isource.k phases=2 bus1=a.1.1 bus2=a.2.0 amps=20",
    "below zero": "new isource.k bus1=a amps=-20 angle=45",
    "at the source": "new isource.k bus1=src amps=20 angle=45",
    "behind a transformer": f"{SERVICE}new isource.k bus1=n amps=300 angle=45",
    "a part of its own": f"{ALONE}new isource.k bus1=k amps=30 angle=45\nnew isource.l phases=1 bus1=m.2 amps=9",
    "two at a bus": "new isource.k bus1=a amps=20\nnew isource.k_return phases=1 bus1=a.1 bus2=a.2 amps=20 angle=50",
    "whatever the loads do": "new isource.k bus1=a amps=20\nset loadmult=0.5",
    "another frequency": "new isource.k bus1=a amps=20 frequency=180",
    "open": "new isource.k bus1=a amps=20 angle=30\nopen isource.k 1 2",
    "of no size": "new isource.k bus1=a amps=0",
    "with a shape": "new loadshape.s npts=2 interval=12 mult=(0.5 1)\nnew isource.k bus1=a amps=20 daily=s",
}
VOLTAGE_PU = 1e-8


def script_of(circuit: str) -> str:
    return f"{HEAD}{circuit}{TAIL}"


def read(circuit: str, folder: Path) -> Feeder:
    path = folder / "read.dss"
    path.write_text(script_of(circuit))
    return load_feeder(path)


@pytest.mark.parametrize("circuit", CIRCUITS.values(), ids=CIRCUITS)
def test_the_engine_agrees(circuit: str, tmp_path: Path) -> None:
    solution = assert_same_answer(script_of(circuit), tmp_path)
    engine = solved_by_engine(tmp_path / "master.dss")
    assert worst_difference_pu(solution, node_voltages(engine)).max() < VOLTAGE_PU


@pytest.mark.parametrize("circuit", CIRCUITS.values(), ids=CIRCUITS)
def test_back_from_our_own_script(circuit: str, tmp_path: Path) -> None:
    feeder = read(circuit, tmp_path)
    path = tmp_path / "written.dss"
    path.write_text(opendss_script(feeder) + TAIL)
    solution = feeder.solve(controls="off", tolerance=1e-11)
    expected = node_voltages(solved_by_engine(path))
    assert worst_difference_pu(solution, expected).max() < 1e-7
    # the shunt that earths the part is written as a load, which earths nothing when it is read
    if circuit != CIRCUITS["a part of its own"]:
        again = load_feeder(path)
        assert [one.nodes for one in again.current_sources] == [
            one.nodes for one in feeder.current_sources
        ]


def test_regulators_act_on_its_voltage(tmp_path: Path) -> None:
    taps = []
    for amps in (0.1, 120.0):
        circuit = f"{REGULATED}new isource.k bus1=n amps={amps} angle=-60"
        solution = assert_same_answer(script_of(circuit), tmp_path, "feeder")
        taps.append(int(solution.taps[0, 0]))
    assert taps[0] != taps[1]


def test_a_base_frequency_that_comes_late_is_a_slip(tmp_path: Path) -> None:
    """OpenDSS then finds no current at all, and no voltage either."""
    late = HEAD.replace("set defaultbasefrequency=60\n", "")
    path = tmp_path / "late.dss"
    circuit = "new isource.k bus1=a amps=20\nset frequency=50"
    path.write_text(f"{late}{circuit}{TAIL}")
    feeder = load_feeder(path)
    (source,) = feeder.current_sources
    assert source.current_a == 20.0
    assert "OPENDSS.SOURCE_FREQUENCY" in {note.code for note in feeder.notes}


NOTED = {
    "another frequency": "OPENDSS.CURRENT_SOURCE_FREQUENCY",
    "open": "OPENDSS.CURRENT_SOURCE_OPEN",
    "with a shape": "OPENDSS.CURRENT_SOURCE_SHAPE",
    "of no size": "OPENDSS.SIZE_ZERO",
}


@pytest.mark.parametrize("circuit", NOTED)
def test_what_is_left_out_is_noted(circuit: str, tmp_path: Path) -> None:
    feeder = read(CIRCUITS[circuit], tmp_path)
    assert NOTED[circuit] in {note.code for note in feeder.notes}


NEGATIVE = "new isource.k bus1=a amps=20 angle=30 sequence=neg"
BETWEEN = "new isource.k phases=1 bus1=a.2 bus2=a.3 amps=20"


def test_what_it_becomes(tmp_path: Path) -> None:
    (source,) = read(NEGATIVE, tmp_path).current_sources
    assert (source.nodes, source.angles_deg) == ((1, 2, 3), (30.0, 150.0, 270.0))
    there, back = read(BETWEEN, tmp_path).current_sources
    assert (there.name, there.nodes, there.angle_deg) == ("k", (2,), 0.0)
    assert (back.name, back.nodes, back.angle_deg) == ("k_return", (3,), 180.0)


REFUSED: dict[str, Callable[[str], str]] = {
    "CURRENT_SOURCE.UNSETTLED": lambda head: (
        f"{head}new line.far bus1=m bus2=k c1=9 c0=4\nnew isource.k bus1=m amps=2"
    ),
    "BUS.NEUTRAL_FLOATS": lambda head: f"{head}new isource.k phases=1 bus1=a.4 amps=2",
}


@pytest.mark.parametrize("code", REFUSED)
def test_nothing_settles_a_voltage(code: str, tmp_path: Path) -> None:
    path = tmp_path / "read.dss"
    path.write_text(REFUSED[code](HEAD) + TAIL)
    with pytest.raises(FeederError) as error:
        load_feeder(path).network  # noqa: B018
    codes = {one.code for one in error.value.findings if one.severity == "error"}
    assert code in codes


def test_an_equivalent_says_its_current_in_one_phase(tmp_path: Path) -> None:
    """A circuit of one phase carries the power of three at their line-to-line voltage."""
    circuit = "new isource.k bus1=a amps=50 angle=-20\nedit line.two enabled=no\nedit load.b enabled=no"
    balanced = equivalent(read(circuit, tmp_path))
    written = assert_same_answer(opendss_script(balanced), tmp_path)
    v_kv = written.vm_pu * written.network.node_kv
    ours = balanced.solve(controls="off")
    assert v_kv == pytest.approx(ours.vm_pu * ours.network.node_kv, rel=1e-6)
    assert np.abs(ours.current_source_kva).sum() > 900
