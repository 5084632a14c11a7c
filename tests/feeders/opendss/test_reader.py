"""The OpenDSS reader: every number against the engine itself, small circuits by hand, and what it refuses."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import opendssdirect
import pytest
from opendss_engine import assert_admittances_agree, by_node, engine_by_node

from tieline.errors import InputError
from tieline.feeders.elements import Storage
from tieline.feeders.feeder import Feeder
from tieline.feeders.findings import FeederError
from tieline.feeders.opendss import engine_yprim, read_opendss
from tieline.feeders.opendss.buses import settle_bases
from tieline.feeders.opendss.circuit import NOT_A_NUMBER, DssCircuit, Report
from tieline.feeders.opendss.script import compiled
from tieline.network.admittance import shunt_primitive, transformer_primitive
from tieline.units import SQRT3

HEAD = """clear
new circuit.small basekv=12.47 phases=3 bus1=s
new line.trunk bus1=s bus2=b r1=0.5 x1=1 r0=0.5 x0=1 c1=0 c0=0 normamps=100
"""
TAIL = "\nset voltagebases=[12.47 0.48 0.208]\ncalcvoltagebases\n"

MASTERS = {  # master: buses, nodes, load kW and kvar, all from reference/README.md
    "ieee13/IEEE13Nodeckt.dss": (16, 41, 3466.0, 2102.0),
    "ieee34/ieee34Mod1.dss": (37, 95, 1769.0, 1044.0),
    "ieee34/ieee34Mod2.dss": (56, 138, 1769.0, 1044.0),
    "ieee37/ieee37.dss": (39, 117, 2457.0, 1201.0),
    "ieee123/IEEE123Master.dss": (132, 278, 3490.0, 1920.0),
    "european_lv/Master.dss": (907, 2721, 55.0, 18.08),
    "ieee8500/Master-unbal.dss": (4876, 8531, 10773.17, 2700.01),
}

Read = Callable[[str], Feeder]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """Reads a small circuit: a source, a trunk line from bus s to bus b, and the lines given."""

    def _read(text: str) -> Feeder:
        master = tmp_path / "master.dss"
        master.write_text(HEAD + text + TAIL)
        return read_opendss(master)

    return _read


def error_codes(read: Read, text: str) -> set[str]:
    with pytest.raises(FeederError) as caught:
        read(text)
    return {finding.code for finding in caught.value.findings}


def note_codes(feeder: Feeder) -> set[str]:
    return {finding.code for finding in feeder.notes}


@pytest.mark.parametrize("master", MASTERS)
def test_counts_and_totals_of_the_reference(shared_dir: Path, master: str):
    feeder = read_opendss(shared_dir / "feeders" / master)
    buses, nodes, p_kw, q_kvar = MASTERS[master]
    assert (len(feeder.buses), sum(len(bus.phases) for bus in feeder.buses)) == (
        buses,
        nodes,
    )
    assert feeder.peak_load_kw == pytest.approx(p_kw, abs=0.01)
    assert sum(load.q_kvar for load in feeder.loads) == pytest.approx(q_kvar, abs=0.01)
    assert all(
        winding.tap == 1.0 for unit in feeder.transformers for winding in unit.windings
    )


@pytest.mark.parametrize("master", MASTERS)
def test_every_admittance_is_the_engines(shared_dir: Path, master: str):
    path = shared_dir / "feeders" / master
    feeder = read_opendss(path)
    assert_admittances_agree(feeder, path)


def test_admittances_of_unusual_elements_are_the_engines(tmp_path: Path):
    path = tmp_path / "master.dss"
    path.write_text(HEAD + UNUSUAL + TAIL)
    assert_admittances_agree(read_opendss(path), path)


UNUSUAL = """
new linecode.mile nphases=3 units=mi r1=0.3 x1=0.6 r0=0.5 x0=1.2 c1=10 c0=5
new line.mixed bus1=b bus2=c linecode=mile length=1000 units=ft
new line.unitless bus1=b bus2=d linecode=mile length=2
new line.metre bus1=b.2 bus2=e.2 phases=1 r1=1 x1=2 c1=300 length=100 units=m
new transformer.lead phases=3 buses=(b t1) conns=(delta wye) kvs=(12.47 0.48) kvas=(100 50) xhl=5 %rs=(1 2)
~ leadlag=lead taps=(1.05 0.95)
new transformer.up phases=3 buses=(t1 t2) conns=(delta wye) kvs=(0.48 12.47) kvas=(100 100) xhl=5 %noloadloss=1 %imag=2
new transformer.dd phases=3 buses=(b t3) conns=(delta delta) kvs=(12.47 0.48) kvas=(100 100) xhl=5 ppm=1000
new transformer.three phases=3 windings=3 buses=(b t4 t5) conns=(wye delta wye) kvs=(12.47 4.16 0.48)
~ kvas=(100 60 40) xhl=5 xht=7 xlt=3
new transformer.centre phases=1 windings=3 buses=(b.1.0 t6.1.0 t6.0.2) kvs=(7.2 0.12 0.12)
~ kvas=(25 25 25) xhl=2 xht=2 xlt=1.4 %rs=(.6 1.2 1.2)
new transformer.floating phases=3 buses=(b t7.1.2.3.4) conns=(wye wye) kvs=(12.47 0.48) kvas=(100 100) xhl=5 ppm=1000
new transformer.open1 phases=1 buses=(b.1.2 t8.1.2) conns=(delta delta) kvs=(12.47 12.47) kvas=(100 100) xhl=5 ppm=1000
new capacitor.wye bus1=b kv=12.47 kvar=100
new capacitor.delta bus1=b kv=12.47 kvar=100 conn=delta
new capacitor.across bus1=b.1 bus2=b.2 phases=1 kv=12.47 kvar=100
new capacitor.starpoint bus1=b.1.2.3 bus2=b.4.4.4 kv=12.47 kvar=100
new reactor.wye bus1=b kv=12.47 kvar=100
new reactor.delta bus1=b kv=12.47 kvar=100 conn=delta
new reactor.neutral bus1=b.4 phases=1 r=5 x=1
new reactor.series bus1=b bus2=r r=1 x=2
new load.hold bus1=t7.4 phases=1 kv=0.277 kw=0
"""


def test_mixed_units_by_hand(read: Read):
    code = "new linecode.k nphases=1 units=mi r1=0.3 x1=0.6 c1=10\n"
    feeder = read(
        code + "new line.k bus1=b.1 bus2=c.1 phases=1 linecode=k length=1000 units=ft"
    )
    line = feeder.lines[1]
    assert line.length_km == pytest.approx(0.3048)
    assert line.code.r_ohm_per_km[0][0] == pytest.approx(0.3 / 1.609344)


def test_equal_matrices_share_a_code(read: Read):
    text = "new linecode.k nphases=3 units=km r1=1 x1=2\nnew line.k1 bus1=b bus2=c linecode=k length=1 units=km"
    feeder = read(text + "\nnew line.k2 bus1=b bus2=d linecode=k length=2 units=km")
    assert feeder.lines[1].code is feeder.lines[2].code
    assert feeder.lines[1].code.name == "k"


def test_rating_is_what_the_file_states(read: Read):
    text = "new linecode.bare nphases=3 r1=1 x1=1\nnew linecode.rated nphases=3 r1=1 x1=1 normamps=250\n"
    text += "".join(
        f"new line.{name} bus1=b bus2={name} linecode={name}\n"
        for name in ("bare", "rated")
    )
    feeder = read(text + "new line.own bus1=b bus2=own linecode=bare normamps=90")
    assert [line.rating_a for line in feeder.lines] == [100.0, None, 250.0, 90.0]
    assert "OPENDSS.LINE_RATING_MISSING" in note_codes(feeder)


def test_open_and_switch_states(read: Read):
    text = "new line.sw bus1=b bus2=c switch=y\nopen line.sw 1\nnew line.k bus1=b bus2=d r1=1 x1=1\n"
    feeder = read(
        text
        + "new swtcontrol.s switchedobj=line.k switchedterm=1 state=open normal=open"
    )
    assert [(line.name, line.is_switch, line.closed) for line in feeder.lines[1:]] == [
        ("sw", True, False),
        ("k", True, False),
    ]
    assert feeder.bus("c").kv_ll == pytest.approx(12.47)


@pytest.mark.parametrize(("ratio", "kv_ll"), [("0.48", 0.48), ("12.47", 12.47)])
def test_bus_behind_an_open_line_takes_the_base_along_the_line(
    read: Read, ratio: str, kv_ll: float
):
    text = f"new transformer.t buses=(b d) kvs=(12.47 {ratio}) kvas=(100 100) xhl=5\n"
    assert read(text + "new line.k bus1=d bus2=e r1=1 x1=1\nopen line.k 1").bus(
        "e"
    ).kv_ll == pytest.approx(kv_ll)


def test_missing_bases_come_from_ratings(tmp_path: Path):
    master = tmp_path / "master.dss"
    master.write_text(
        HEAD
        + "new transformer.t phases=1 buses=(b.1 d.1) kvs=(7.2 0.12) kvas=(25 25) xhl=2\n"
    )
    feeder = read_opendss(master)
    assert note_codes(feeder) >= {"OPENDSS.NO_VOLTAGE_BASES"}
    assert [feeder.bus(name).kv_ll for name in "sbd"] == pytest.approx(
        [12.47, 12.47, 0.12 * SQRT3]
    )


def test_taps_are_those_of_the_file_although_it_solves(read: Read):
    text = "new transformer.t buses=(b d) kvs=(12.47 12.47) kvas=(1000 1000) xhl=5 taps=(1 1.0125)\n"
    feeder = read(
        text
        + "new regcontrol.r transformer=t winding=2 vreg=125 band=2 ptratio=60\nsolve\nSolve mode=snap"
    )
    assert [winding.tap for winding in feeder.transformers[0].windings] == [1.0, 1.0125]
    assert feeder.regulators[0].v_set_v == 125.0


def test_neutral_impedance_becomes_a_shunt(read: Read):
    feeder = read(
        "new transformer.t buses=(b d.1.2.3.4) conns=(delta wye) kvs=(12.47 0.48) kvas=(100 100) xhl=5 wdg=2 rneut=2"
    )
    (shunt,) = feeder.shunts
    assert (shunt.bus, shunt.nodes, shunt.is_loss) == ("d", (4, 0), True)
    assert shunt.kv**2 * 1e3 / shunt.p_kw == pytest.approx(2.0)


@pytest.mark.parametrize("impedance", ["rneut=2", "rneut=0.5 xneut=0.2", "rneut=-1"])
@pytest.mark.parametrize(
    "unit",
    [
        "phases=3 buses=(b d.1.2.3.4) kvs=(12.47 0.48)",
        "phases=1 buses=(b.1 d.1.4) kvs=(7.2 0.277)",
    ],
)
def test_a_neutral_has_the_antifloat_admittance_of_the_engine(
    unit: str, impedance: str, tmp_path: Path
):
    """OpenDSS leaves a part of it out where the neutral has an impedance."""
    master = tmp_path / "master.dss"
    earth = "new reactor.earth phases=1 bus1=d.4 r=7"
    told = f"new transformer.t {unit} conns=(wye wye) kvas=(100 100) xhl=5 ppm=1000 wdg=2 {impedance}\n{earth}"
    master.write_text(HEAD + told + TAIL)
    feeder = read_opendss(master)
    with compiled(master) as engine:
        settle_bases(DssCircuit(engine), Report())
        expected = engine_by_node(
            engine_yprim(engine, ["transformer.t"])["transformer.t"]
        )[("d", 4), ("d", 4)]
    (transformer,) = feeder.transformers
    at_neutral = by_node(transformer_primitive(transformer, 1), [1.0, 1.0, 1.0])[
        ("d", 4), ("d", 4)
    ]
    for shunt in feeder.shunts:
        if shunt.is_loss:
            at_neutral += by_node(shunt_primitive(shunt), [1.0])[("d", 4), ("d", 4)]
    assert at_neutral == pytest.approx(expected, rel=1e-9)


def test_a_dead_bus_behind_a_transformer_takes_the_base_of_its_winding(read: Read):
    switch = "new line.k bus1=b bus2=c r1=1 x1=1\nopen line.k 1\n"
    unit = "new transformer.t buses=(c d) kvs=(12.47 0.48) kvas=(100 100) xhl=5\n"
    service = "new transformer.u phases=1 windings=3 buses=(c.1 e.1.0 e.0.2) kvs=(7.2 0.12 0.12) kvas=(50 50 50)\n"
    feeder = read(
        f"{switch}{unit}{service}new line.m bus1=d bus2=f r1=1 x1=1\nnew load.l bus1=f kv=0.48 kw=1"
    )
    bases = {name: feeder.bus(name).kv_ll for name in "cdef"}
    assert bases == pytest.approx({"c": 12.47, "d": 0.48, "e": 0.208, "f": 0.48})
    assert not {"OPENDSS.BASE_OF_DEAD_BUS", "LOAD.KV_MISMATCH"} & note_codes(feeder)


def test_the_second_circuit_of_a_double_line_is_fed(read: Read):
    trunk = "new line.k phases=6 bus1=b.1.2.3.1.2.3 bus2=c.1.2.3.4.5.6 r1=1 x1=1 r0=1 x0=1 c1=0 c0=0 normamps=1\n"
    feeder = read(
        f"{trunk}new line.m bus1=c.4.5.6 bus2=d.1.2.3 r1=1 x1=1 normamps=1\nnew load.l bus1=d kv=12.47 kw=1"
    )
    assert note_codes(feeder) == set()


MODELS = {
    "model=1": ((0, 0, 1), (0, 0, 1)),
    "model=2": ((1, 0, 0), (1, 0, 0)),
    "model=3": ((0, 0, 1), (1, 0, 0)),
    "model=4 cvrwatts=1 cvrvars=2": ((0, 1, 0), (1, 0, 0)),
    "model=4 cvrwatts=0.8 cvrvars=3": ((0, 0, 1), (0, 0, 1)),
    "model=5": ((0, 1, 0), (0, 1, 0)),
    "model=8 zipv=(0.2 0.3 0.5 0.1 0.2 0.7 0)": ((0.2, 0.3, 0.5), (0.1, 0.2, 0.7)),
}


@pytest.mark.parametrize("model", MODELS)
def test_voltage_dependence(read: Read, model: str):
    (load,) = read(f"new load.k bus1=b kv=12.47 kw=100 kvar=50 {model}").loads
    assert load.zip_p == pytest.approx(MODELS[model][0])
    assert load.zip_q == pytest.approx(MODELS[model][1])
    assert load.power_outside == model.startswith(("model=3", "model=4"))
    assert load.exponents == ((0.8, 3) if "0.8" in model else None)


def test_zip_shares_that_do_not_sum_to_one_scale_the_power(read: Read):
    (load,) = read(
        "new load.k bus1=b kv=12.47 kw=100 kvar=50 model=8 zipv=(.5 .5 .5 1 0 0 0)"
    ).loads
    assert load.p_kw == pytest.approx(150)
    assert load.zip_p == pytest.approx((1 / 3, 1 / 3, 1 / 3))


def test_load_multiplier_spares_fixed_and_exempt_loads(read: Read):
    text = "".join(
        f"new load.{status} bus1=b kv=12.47 kw=100 status={status}\n"
        for status in ("variable", "fixed", "exempt")
    )
    assert [load.p_kw for load in read(text + "set loadmult=0.5").loads] == [
        50.0,
        100.0,
        100.0,
    ]


CONNECTIONS = {
    "phases=3 bus1=b kv=12.47": ("wye", (1, 2, 3, 0), 12.47 / SQRT3),
    "phases=2 bus1=b.1.3 kv=12.47": ("wye", (1, 3, 0), 12.47 / SQRT3),
    "phases=1 bus1=b.2 kv=7.2": ("wye", (2, 0), 7.2),
    "phases=3 bus1=b kv=12.47 conn=delta": ("delta", (1, 2, 3), 12.47),
    "phases=1 bus1=b.2.3 kv=12.47 conn=delta": ("delta", (2, 3), 12.47),
    "phases=1 bus1=b.3 kv=7.2 conn=delta": (
        "wye",
        (3, 0),
        7.2,
    ),  # the engine ties the missing node to ground
}


@pytest.mark.parametrize("text", CONNECTIONS)
def test_connection_and_voltage_across_a_phase(read: Read, text: str):
    (load,) = read(f"new load.k {text} kw=10").loads
    connection, nodes, kv = CONNECTIONS[text]
    assert (load.connection, load.nodes) == (connection, nodes)
    assert load.kv == pytest.approx(kv)


DERS = {
    "pvsystem.k bus1=b kv=12.47 pmpp=100 irradiance=.8 kva=70 pf=0.9",
    "pvsystem.k bus1=b kv=12.47 pmpp=100 irradiance=.05 kva=120",
    "pvsystem.k bus1=b kv=12.47 pmpp=100 irradiance=1 kva=120 kvar=-30",
    "storage.k bus1=b kv=12.47 kwrated=50 kwhrated=100 kwhstored=60 state=discharging kvar=20 kva=60",
    "storage.k bus1=b kv=12.47 kwrated=50 kwhrated=100 kwhstored=60 state=charging %charge=40",
    "generator.k bus1=b kv=12.47 kw=50 kvar=5\nset genmult=0.5",
}


@pytest.mark.parametrize("text", sorted(DERS))
def test_der_injects_what_the_engine_says(tmp_path: Path, text: str):
    master = tmp_path / "master.dss"
    master.write_text(HEAD + f"new {text}" + TAIL)
    (der,) = read_opendss(master).ders
    p_kw = (
        der.p_discharge_kw - der.p_charge_kw if isinstance(der, Storage) else der.p_kw
    )
    with compiled(master) as engine:
        engine.Solution.SolveNoControl()
        engine.Circuit.SetActiveElement(text.split()[0])
        powers = np.array(engine.CktElement.Powers()).reshape(-1, 2).sum(axis=0)
    assert (p_kw, der.q_kvar) == pytest.approx(tuple(-powers), abs=1e-3)


def test_capacitor_state_and_steps(read: Read):
    text = "new capacitor.out bus1=b kv=12.47 kvar=100\nopen capacitor.out 1\n"
    feeder = read(
        text + "new capacitor.some bus1=b kv=12.47 kvar=400 numsteps=4 states=(1 0 1 0)"
    )
    assert [(bank.kvar, bank.steps, bank.steps_on) for bank in feeder.capacitors] == [
        (100.0, 1, 0),
        (400.0, 4, 2),
    ]


def test_capacitor_control_measures_where_the_file_says(read: Read):
    control = "new capcontrol.q capacitor=k element=line.trunk type=voltage ptphase=2 onsetting=119 offsetting=122 ptratio=60"
    (read_control,) = read(
        f"new capacitor.k bus1=b kv=12.47 kvar=100\n{control}"
    ).capacitor_controls
    assert (read_control.kind, read_control.phase, read_control.element) == (
        "voltage",
        2,
        "trunk",
    )


REFUSED = {
    "edit vsource.source bus2=b": "OPENDSS.SOURCE",
    "new indmach012.k bus1=b kv=12.47 kw=1": "OPENDSS.UNSUPPORTED_ELEMENT",
    "new vsconverter.k bus1=b": "OPENDSS.UNSUPPORTED_ELEMENT",
    "new load.k bus1=b kv=12.47 kw=1 model=8": "OPENDSS.LOAD_ZIPV",
    "new load.k bus1=b kv=12.47 kw=1 model=8 zipv=(1 -1 0 1 0 0 0)": "OPENDSS.LOAD_ZIPV",
    "new line.k bus1=b bus2=c r1=1 x1=1\nopen line.k 1 2": "OPENDSS.PARTLY_OPEN",
    "new line.k bus1=b bus2=c r1=1 x1=1 basefreq=50\nopen line.k 1": "OPENDSS.BASE_FREQUENCY",
    "new reactor.k bus1=b r=0 x=0": "OPENDSS.SHUNT_ELEMENT",
    "new capacitor.k phases=4 bus1=b.1.2.3.4 kv=12.47 kvar=100": "OPENDSS.CAPACITOR",
}


@pytest.mark.parametrize("text", REFUSED)
def test_what_would_change_the_physics_is_refused(read: Read, text: str):
    # the engine may also lose voltage bases over what it cannot solve
    assert REFUSED[text] in error_codes(read, text)


def test_all_errors_come_together(read: Read):
    assert error_codes(
        read, "new vsconverter.k bus1=b\nnew load.k bus1=b kv=12.47 kw=1 model=8"
    ) == {
        "OPENDSS.UNSUPPORTED_ELEMENT",
        "OPENDSS.LOAD_ZIPV",
    }


NOTED = {
    "new loadshape.k npts=2 interval=1 mult=(1 2)": "OPENDSS.LOADSHAPE_DROPPED",
    "new monitor.k element=line.trunk": "OPENDSS.MONITOR_DROPPED",
    "new load.k bus1=b kv=12.47 kw=1\nopen load.k 1": "OPENDSS.OPEN_ELEMENT_DROPPED",
    "new load.k bus1=b kv=12.47 kw=1 model=4 cvrwatts=0.8": "OPENDSS.LOAD_STEPS_AT_VMIN",
    "new storage.k bus1=b kv=12.47 kwrated=5 kwhrated=9": "OPENDSS.IDLING_LOSS",
    "set controlmode=off": "OPENDSS.CONTROL_MODE_OFF",
    "new load.k bus1=b kv=12.47 kw=1 model=6\nset loadmult=0.5": "OPENDSS.LOAD_BELOW_VLOW",
    "new load.k bus1=b kv=12.47 kw=1 model=8 zipv=(1 1 1 1 0 0 0)": "OPENDSS.LOAD_BELOW_VLOW",
    "new load.k bus1=b.1.2.3.4 kv=12.47 kw=1 rneut=5\nnew reactor.e phases=1 bus1=b.4 r=1": "OPENDSS.LOAD_NEUTRAL_DROPPED",
}


@pytest.mark.parametrize("text", NOTED)
def test_what_is_left_out_is_noted(read: Read, text: str):
    assert note_codes(read(text)) == {NOTED[text]}


def test_a_plain_circuit_has_no_notes_and_disabled_elements_leave_no_trace(read: Read):
    disabled = "new load.off bus1=b kv=12.47 kw=1 enabled=no\nnew isource.off bus1=b enabled=no"
    feeder = read(f"new load.k bus1=b kv=12.47 kw=1\n{disabled}")
    assert feeder.notes == ()
    assert [load.name for load in feeder.loads] == ["k"]


BAD = {
    "new line.k foo=3": r"line 4: .*foo",
    "new load.k bus1=b kw=abc": r"line 4: .*abc",
    "redirect nowhere.dss": r"line 4: redirects to 'nowhere.dss'",
    "redirect master.dss": r"redirects to itself",
}


@pytest.mark.parametrize("text", BAD)
def test_bad_line_is_named(read: Read, text: str):
    with pytest.raises(InputError, match=BAD[text]) as caught:
        read(text)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("word", ["Nan", "-Inf", "+Inf", "Inf"])
def test_unset_matrices_of_the_engine_do_not_break_its_json(word: str):
    cleaned = NOT_A_NUMBER.sub(
        r"\1null", f'[{{"Name":"inf,nan1","CMatrix":[[{word}, 1.0],[2.0,{word}]]}}]'
    )
    assert json.loads(cleaned) == [
        {"Name": "inf,nan1", "CMatrix": [[None, 1.0], [2.0, None]]}
    ]


def test_missing_file(tmp_path: Path):
    with pytest.raises(InputError, match="does not exist"):
        read_opendss(tmp_path / "nothing.dss")


def test_file_without_a_circuit(tmp_path: Path):
    (tmp_path / "codes.dss").write_text("clear\n")
    with pytest.raises(InputError, match="defines no circuit"):
        read_opendss(tmp_path / "codes.dss")


def test_redirect_with_blanks_and_other_case(tmp_path: Path, read: Read):
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "My Loads.dss").write_text("new load.k bus1=b kv=12.47 kw=5\n")
    assert read('redirect "sub\\my loads.dss"').loads[0].p_kw == 5.0


def test_caller_keeps_directory_and_circuit(read: Read):
    dss = opendssdirect
    dss.Text.Command("clear")
    dss.Text.Command("new circuit.mine")
    before = os.getcwd(), dss.Basic.AllowChangeDir(), dss.Basic.AllowForms()
    read("")
    assert (os.getcwd(), dss.Basic.AllowChangeDir(), dss.Basic.AllowForms()) == before
    assert dss.Circuit.Name() == "mine"


def test_a_length_without_a_unit_is_no_number_of_kilometres(read: Read):
    """0.5 of something: the impedance is that of the whole line."""
    (line,) = (
        line
        for line in read(
            "new line.u bus1=b bus2=c r1=0.2 x1=0.4 r0=0.2 x0=0.4 length=0.5"
        ).lines
        if line.name == "u"
    )
    assert line.length_km is None
    assert line.code.r_ohm_per_km[0][0] == pytest.approx(0.1)
    assert line.code.name == "u"
