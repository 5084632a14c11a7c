"""The OpenDSS reader: small circuits by hand, the engine's own primitive matrices, and the raw published feeders."""

from __future__ import annotations

import csv
import os
from pathlib import Path

import numpy as np
import pytest

from tieline.errors import InputError
from tieline.feeders.elements import CONSTANT_POWER
from tieline.feeders.feeder import Feeder
from tieline.feeders.findings import FeederError
from tieline.feeders.opendss import read_opendss
from tieline.feeders.opendss.circuit import Circuit
from tieline.feeders.opendss.devices import zip_of_exponent
from tieline.feeders.opendss.script import compile_script
from tieline.network import Network
from tieline.network.admittance import Primitive, capacitor_primitive, line_primitive, transformer_primitive
from tieline.powerflow import solve

pytest.importorskip("opendssdirect")

RAW = {
    "ieee13": "ieee13/IEEE13Nodeckt.dss",
    "ieee34mod1": "ieee34/ieee34Mod1.dss",
    "ieee34mod2": "ieee34/ieee34Mod2.dss",
    "ieee37": "ieee37/ieee37.dss",
    "ieee123": "ieee123/IEEE123Master.dss",
    "european_lv": "european_lv/Master.dss",
    "ieee8500": "ieee8500/Master.dss",
    "ieee8500unbal": "ieee8500/Master-unbal.dss",
}

HEAD = """
clear
new circuit.small basekv=12.47 pu=1.01 angle=10 r1=0.1 x1=0.5 r0=0.2 x0=0.9
"""
TAIL = """
set voltagebases=[12.47 0.48]
calcvoltagebases
"""


def read(folder: Path, body: str, tail: str = TAIL) -> Feeder:
    """The feeder of a script with one source of 12.47 kV at bus sourcebus."""
    path = folder / "small.dss"
    path.write_text(HEAD + body + tail)
    return read_opendss(path)


def test_line_impedance_is_that_of_its_length_in_its_units(tmp_path: Path) -> None:
    body = """
    new linecode.c nphases=1 rmatrix=(1.0) xmatrix=(2.0) cmatrix=(5.0) units=mi normamps=230
    new line.l bus1=sourcebus.2 bus2=b.2 phases=1 linecode=c length=1000 units=ft
    """
    (line,) = read(tmp_path, body).lines
    assert line.length_km * line.code.r_ohm_per_km[0][0] == pytest.approx(1000 / 5280)
    assert line.length_km * line.code.c_nf_per_km[0][0] == pytest.approx(5000 / 5280)
    assert (line.from_nodes, line.to_nodes, line.rating_a) == ((2,), (2,), 230.0)


def test_a_rating_the_file_does_not_state_is_unknown(tmp_path: Path) -> None:
    (line,) = read(tmp_path, "new line.l bus1=sourcebus bus2=b r1=1 x1=1 r0=1 x0=1 c1=0 c0=0").lines
    assert line.rating_a is None


def test_loads_keep_nodes_connection_and_model(tmp_path: Path) -> None:
    body = """
    new load.wye bus1=sourcebus kv=12.47 kw=30 kvar=9 model=5
    new load.one bus1=sourcebus.3 phases=1 kv=7.2 kw=5 kvar=1 model=8 zipv=(0.2 0.3 0.5 0.1 0.1 0.8 0)
    new load.delta bus1=sourcebus.1.2 phases=1 conn=delta kv=12.47 kw=7 pf=0.9 vminpu=0.8
    new load.half bus1=sourcebus.1 phases=1 conn=delta kv=12.47 kw=7 kvar=2 model=2
    """
    wye, one, delta, half = read(tmp_path, body).loads
    assert (wye.nodes, wye.kv, wye.zip_p) == ((1, 2, 3, 0), pytest.approx(12.47 / 3**0.5), (0.0, 1.0, 0.0))
    assert (one.nodes, one.zip_p, one.zip_q) == ((3, 0), (0.2, 0.3, 0.5), (0.1, 0.1, 0.8))
    assert (delta.nodes, delta.v_min_pu, delta.q_kvar) == ((1, 2), 0.8, pytest.approx(7 * np.tan(np.arccos(0.9))))
    assert half.nodes == (1, 0)


@pytest.mark.parametrize("exponent", [0.0, 1.0, 2.0, 0.8, 1.4])
def test_zip_of_an_exponent_has_its_value_slope_and_curvature(exponent: float) -> None:
    z, i, p = zip_of_exponent(exponent)
    assert (z + i + p, 2 * z + i, 2 * z) == pytest.approx((1.0, exponent, exponent * (exponent - 1)))


def test_an_exponent_between_whole_numbers_is_noted(tmp_path: Path) -> None:
    feeder = read(tmp_path, "new load.l bus1=sourcebus kv=12.47 kw=30 model=4 cvrwatts=0.8 cvrvars=2")
    assert [note.code for note in feeder.notes] == ["OPENDSS.LOAD_EXPONENT"]
    assert "V^0.8" in feeder.notes[0].message


def test_taps_and_capacitors_are_as_the_file_states_them_though_it_solves(tmp_path: Path) -> None:
    body = """
    new transformer.reg phases=3 windings=2 buses=(sourcebus b) conns=(wye wye) kvs=(12.47 12.47) kvas=(5000 5000) xhl=1
    new regcontrol.creg transformer=reg winding=2 vreg=125 band=2 ptratio=60
    new load.l bus1=b kv=12.47 kw=3000 kvar=900
    """
    feeder = read(tmp_path, body, TAIL + "solve\nsolve mode=snap\n")
    assert feeder.transformers[0].windings[1].tap == 1.0
    assert solve(Network.from_feeder(feeder)).taps[0, 0] > 0


def test_ders_are_read_with_their_signs(tmp_path: Path) -> None:
    body = """
    new pvsystem.roof bus1=sourcebus.1 phases=1 kv=7.2 pmpp=8 kva=10 irradiance=0.5 pf=1
    new storage.bat bus1=sourcebus kv=12.47 kwrated=50 kwhrated=100 %stored=40 state=charging %charge=60
    new generator.gen bus1=sourcebus kv=12.47 kw=20 kvar=-5 kva=30
    """
    feeder = read(tmp_path, body)
    assert (feeder.pvs[0].p_kw, feeder.pvs[0].rated_kw, feeder.pvs[0].inverter_kva) == (4.0, 8.0, 10.0)
    battery = feeder.storages[0]
    assert (battery.p_charge_kw, battery.p_discharge_kw, battery.stored_kwh) == (30.0, 0.0, 40.0)
    assert (feeder.generators[0].p_kw, feeder.generators[0].q_kvar) == (20.0, -5.0)


def test_switches_open_lines_and_reactors(tmp_path: Path) -> None:
    body = """
    new line.sw bus1=sourcebus bus2=b switch=yes
    new line.tie bus1=b bus2=c r1=1 x1=1 r0=1 x0=1
    new reactor.series bus1=sourcebus bus2=c r=0.5 x=2
    new reactor.shunt bus1=b kv=12.47 kvar=300
    open line.tie 2
    """
    feeder = read(tmp_path, body)
    switch, tie, series = feeder.lines
    assert (switch.is_switch, switch.closed, tie.closed) == (True, True, False)
    assert series.code.x_ohm_per_km[0][0] == pytest.approx(2.0)
    assert feeder.shunts[0].q_kvar == pytest.approx(300.0, rel=1e-6)


def test_everything_that_is_left_out_is_noted_once_per_class(tmp_path: Path) -> None:
    body = """
    new loadshape.day npts=2 mult=(1 2)
    new line.l bus1=sourcebus bus2=b r1=1 x1=1 r0=1 x0=1
    new monitor.m1 element=line.l
    new monitor.m2 element=line.l terminal=2
    """
    notes = read(tmp_path, body).notes
    assert [(note.code, note.message.split()[0]) for note in notes] == [
        ("OPENDSS.LOADSHAPE_DROPPED", "1"),
        ("OPENDSS.MONITOR_DROPPED", "2"),
    ]


def test_what_would_change_the_answer_is_refused_all_at_once(tmp_path: Path) -> None:
    body = """
    new isource.i bus1=sourcebus amps=10
    new generator.g bus1=sourcebus kv=12.47 kw=20 model=3
    new capacitor.series bus1=sourcebus bus2=b kvar=100 kv=12.47
    """
    with pytest.raises(FeederError) as error:
        read(tmp_path, body)
    codes = {finding.code for finding in error.value.findings}
    assert codes == {"OPENDSS.ISOURCE", "OPENDSS.GENERATOR_HOLDS_VOLTAGE", "OPENDSS.SERIES_CAPACITOR"}


def test_missing_voltage_bases_are_worked_out_and_noted(tmp_path: Path) -> None:
    body = "new transformer.t phases=3 windings=2 buses=(sourcebus b) conns=(delta wye) kvs=(12.47 0.48) kvas=(500 500) xhl=5"
    feeder = read(tmp_path, body, tail="")
    assert [bus.kv_ll for bus in feeder.buses] == pytest.approx([12.47, 0.48])
    assert [note.code for note in feeder.notes] == ["OPENDSS.VOLTAGE_BASES"]


def test_errors_name_file_and_line(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"small\.dss', line 4: .*nonsense"):
        read(tmp_path, "new nonsense.x bus1=a")
    with pytest.raises(InputError, match=r"line 4: redirects to 'gone\.dss', which does not exist"):
        read(tmp_path, "redirect gone.dss")
    with pytest.raises(InputError, match="does not exist"):
        read_opendss(tmp_path / "absent.dss")
    (tmp_path / "empty.dss").write_text("! nothing\n")
    with pytest.raises(InputError, match="defines no circuit"):
        read_opendss(tmp_path / "empty.dss")


def test_a_file_that_redirects_to_itself_is_refused(tmp_path: Path) -> None:
    (tmp_path / "loop.dss").write_text("redirect loop.dss\n")
    with pytest.raises(InputError, match="redirects to itself"):
        read_opendss(tmp_path / "loop.dss")


def test_the_callers_folder_and_circuit_are_left_alone(tmp_path: Path) -> None:
    import opendssdirect as dss

    dss.Text.Command("clear")
    dss.Text.Command("new circuit.mine basekv=4.16")
    folder = os.getcwd()
    read(tmp_path, "new load.l bus1=sourcebus kv=12.47 kw=30")
    assert (dss.Circuit.Name(), os.getcwd()) == ("mine", folder)


@pytest.mark.parametrize("name", RAW)
def test_primitive_matrices_are_those_of_the_engine(shared_dir: Path, name: str) -> None:
    path = shared_dir / "feeders" / RAW[name]
    feeder, circuit = read_opendss(path), Circuit(compile_script(path))
    own: list[tuple[str, str, Primitive]] = [
        ("Line", line.name, line_primitive(line, feeder.frequency_hz, 0)) for line in feeder.lines if not line.name.startswith("reactor_")
    ]
    own += [("Transformer", transformer.name, transformer_primitive(transformer, 0)) for transformer in feeder.transformers]
    own += [("Capacitor", capacitor.name, capacitor_primitive(capacitor, 0)) for capacitor in feeder.capacitors]
    ones = [1.0] * 8
    for kind, element, primitive in own:
        nodes = circuit.terminal_nodes(kind, element)
        theirs = {(terminal + 1, node): k for k, (terminal, node) in enumerate((t, n) for t, ns in enumerate(nodes) for n in ns)}
        live = [k for k, conductor in enumerate(primitive.conductors) if conductor.node != 0]
        rows = [theirs[primitive.conductors[k].terminal, primitive.conductors[k].node] for k in live]
        expected = circuit.primitive_s(kind, element)[np.ix_(rows, rows)]
        state = [1.0, *ones] if kind != "Transformer" else ones
        difference = primitive.matrix_s(state)[np.ix_(live, live)] - expected
        assert np.abs(difference).max() < 1e-10 * np.abs(expected).max(), f"{kind} {element}"


@pytest.mark.parametrize("name", RAW)
def test_voltages_of_the_raw_feeders(shared_dir: Path, name: str) -> None:
    network = Network.from_feeder(read_opendss(shared_dir / "feeders" / RAW[name]))
    controlled = solve(network, load_model="opendss-band")
    expected_taps = _reference_taps(shared_dir, name)
    assert dict(zip((r.name for r in network.feeder.regulators), controlled.taps[0].tolist(), strict=True)) == expected_taps
    held = solve(network, taps=controlled.taps[0], controls="off", load_model="opendss-band", tolerance=1e-11, max_iterations=300)
    with (shared_dir / "reference" / f"{name}-opendss.csv").open() as file:
        for row in csv.DictReader(file):
            expected = float(row["v_magnitude_pu"]) * np.exp(1j * np.radians(float(row["v_angle_deg"])))
            assert abs(held.v_pu[0, network.node_index[row["node"]]] - expected) < 1e-6, row["node"]


def _reference_taps(shared_dir: Path, name: str) -> dict[str, int]:
    path = shared_dir / "reference" / f"{name}-controls.csv"
    if not path.exists():
        return {}
    with path.open() as file:
        return {row["control_or_name"]: int(row["tap_number_or_state"]) for row in csv.DictReader(file) if row["kind"] == "regulator"}


def test_default_model_is_constant_power(tmp_path: Path) -> None:
    (load,) = read(tmp_path, "new load.l bus1=sourcebus kv=12.47 kw=30").loads
    assert (load.zip_p, load.zip_q, load.power_outside) == (CONSTANT_POWER, CONSTANT_POWER, False)
