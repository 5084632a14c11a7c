"""Sizes of zero, ratings that nobody knows, and controls that measure at their own bank."""

from __future__ import annotations

from pathlib import Path

import pytest
from opendss_engine import assert_same_answer

from tieline.feeders import FeederError

HEAD = """clear
new circuit.sizes bus1=src basekv=12.47 pu=1.02 mvasc3=200 mvasc1=150
new line.one bus1=src bus2=a r1=0.3 x1=0.6 r0=0.8 x0=1.8 length=2 units=km normamps=400
new load.one bus1=a kv=12.47 kw=900 pf=0.9
"""
TAIL = "\nset voltagebases=[12.47 0.48]\ncalcvoltagebases\n"

PLACEHOLDERS = {
    "capacitor.c bus1=a kv=12.47 kvar=0": "capacitors",
    "pvsystem.p bus1=a kv=12.47 kva=0 pmpp=10": "pvs",
    "generator.g bus1=a kv=12.47 kw=0 kva=0": "generators",
    "storage.s bus1=a kv=12.47 kwrated=0 kwhrated=0": "storages",
}


@pytest.mark.parametrize("text", PLACEHOLDERS)
def test_an_element_of_size_zero_is_left_out_with_a_note(
    text: str, tmp_path: Path
) -> None:
    feeder = assert_same_answer(f"{HEAD}new {text}{TAIL}", tmp_path).network.feeder
    assert getattr(feeder, PLACEHOLDERS[text]) == ()
    assert "OPENDSS.SIZE_ZERO" in {finding.code for finding in feeder.notes}


def test_a_generator_without_rating_keeps_its_power(tmp_path: Path) -> None:
    solution = assert_same_answer(
        f"{HEAD}new generator.g bus1=a kv=12.47 kw=100 kva=0{TAIL}", tmp_path
    )
    assert solution.der_kva[0, 0].real == pytest.approx(100)


LINES = {
    "of zero": "new line.two bus1=a bus2=b r1=0.3 x1=0.6 normamps=0",
    "of a geometry": "new wiredata.w rac=0.3 runits=mi gmrac=0.02 gmrunits=ft diam=0.7 radunits=in\n"
    "new linegeometry.g nconds=3 nphases=3 cond=1 wire=w x=-4 h=28 units=ft cond=2 wire=w x=-1 h=28 cond=3 wire=w x=3 h=28\n"
    "new line.two bus1=a bus2=b geometry=g length=1 units=mi",
    "of a spacing": "new wiredata.w rac=0.3 runits=mi gmrac=0.02 gmrunits=ft diam=0.7 radunits=in\n"
    "new linespacing.s nconds=3 nphases=3 units=ft x=[-4 -1 3] h=[28 28 28]\n"
    "new line.two bus1=a bus2=b spacing=s wires=[w w w] length=1 units=mi",
}


@pytest.mark.parametrize("text", LINES.values(), ids=LINES)
def test_a_rating_of_zero_or_less_is_not_known(text: str, tmp_path: Path) -> None:
    solution = assert_same_answer(
        f"{HEAD}{text}\nnew load.two bus1=b kv=12.47 kw=90{TAIL}", tmp_path
    )
    feeder = solution.network.feeder
    assert [line.rating_a for line in feeder.lines] == [400.0, None]
    assert "OPENDSS.LINE_RATING_MISSING" in {finding.code for finding in feeder.notes}


UNIT = "new transformer.t buses=[a b] conns=[delta wye] kvs=[12.47 0.48] kvas=[500 500] xhl=4 normhkva=0"


def test_a_changer_that_nothing_moves_may_stand_anywhere(tmp_path: Path) -> None:
    script = f"{HEAD}{UNIT} wdg=1 numtaps=0 tap=1.15\nnew load.two bus1=b kv=0.48 kw=90 vminpu=0.7{TAIL}"
    unit = assert_same_answer(script, tmp_path).network.feeder.transformers[0]
    assert unit.windings[0].tap == 1.15
    assert unit.rating_kva is None


def test_a_regulated_tap_out_of_range_is_an_error(tmp_path: Path) -> None:
    control = "new regcontrol.r transformer=t winding=2 vreg=120 ptratio=2.3"
    with pytest.raises(FeederError, match="TAP_RANGE"):
        assert_same_answer(
            f"{HEAD}{UNIT} wdg=2 tap=1.15\n{control}\nnew load.two bus1=b kv=0.48 kw=90{TAIL}",
            tmp_path,
        )


@pytest.mark.parametrize(("on", "off"), [(115, 121), (110, 130), (122, 140)])
@pytest.mark.parametrize("bank", ["bus1=a", "bus1=a.3.1 phases=2"])
def test_a_control_that_measures_the_voltage_of_its_bank(
    bank: str, on: float, off: float, tmp_path: Path
) -> None:
    control = f"type=voltage ptratio=60 onsetting={on} offsetting={off} ptphase=2"
    script = f"{HEAD}new capacitor.k {bank} kv=12.47 kvar=600\nnew capcontrol.k element=capacitor.k capacitor=k {control}{TAIL}"
    solution = assert_same_answer(script, tmp_path, "feeder")
    assert solution.capacitor_steps[0, 0] == (0.0 if off == 121 else 1.0)


@pytest.mark.parametrize("stands", [0, 1])
@pytest.mark.parametrize("hours", [(6, 20), (0, 20), (20, 6), (6, 0), (0, 0), (22, 23)])
def test_a_bank_with_a_clock_stands_where_that_has_it_at_midnight(
    hours: tuple[int, int], stands: int, tmp_path: Path
) -> None:
    bank = f"new capacitor.k bus1=a kv=12.47 kvar=600 states={stands}"
    clock = f"new capcontrol.k element=line.one capacitor=k type=time onsetting={hours[0]} offsetting={hours[1]}"
    feeder = assert_same_answer(
        f"{HEAD}{bank}\n{clock}{TAIL}", tmp_path, "feeder"
    ).network.feeder
    assert "OPENDSS.CAPACITOR_CLOCK" in {finding.code for finding in feeder.notes}


STEPS = {  # kvar that OpenDSS counts: each step as large as the first, and in a delta the k-th step k times
    "phases=3 numsteps=3 kvar=[100 100 100] states=[1 1 0]": 200,
    "phases=3 numsteps=3 kvar=100": 300,
    "phases=3 numsteps=3 kvar=[100 200 300] states=[1 1 0]": 200,
    "phases=3 numsteps=2 kvar=[200 100]": 400,
    "phases=3 conn=delta numsteps=3 kvar=[100 100 100]": 600,
    "phases=3 conn=delta numsteps=3 kvar=[100 100 100] states=[1 1 0]": 300,
    "phases=3 conn=delta numsteps=3 kvar=[100 200 300] states=[1 0 0]": 100,
    "phases=3 conn=delta numsteps=2 kvar=[100 100] states=[0 0]": 0,
}
AS_STATED = (
    "phases=3 numsteps=3 kvar=[100 100 100] states=[1 1 0]",
    "phases=3 conn=delta numsteps=3 kvar=[100 200 300] states=[1 0 0]",
)


@pytest.mark.parametrize("bank", STEPS)
def test_steps_count_as_in_the_engine(bank: str, tmp_path: Path) -> None:
    feeder = assert_same_answer(
        f"{HEAD}new capacitor.k bus1=a {bank} kv=12.47{TAIL}", tmp_path
    ).network.feeder
    (capacitor,) = feeder.capacitors
    assert capacitor.kvar * capacitor.steps_on / capacitor.steps == pytest.approx(
        STEPS[bank]
    )
    is_noted = "OPENDSS.CAPACITOR_STEPS" in {finding.code for finding in feeder.notes}
    assert is_noted == (STEPS[bank] > 0 and bank not in AS_STATED)


def test_a_delta_of_several_steps_with_a_control_is_refused(tmp_path: Path) -> None:
    bank = (
        "new capacitor.k bus1=a phases=3 conn=delta kv=12.47 numsteps=2 kvar=[100 100]"
    )
    control = "new capcontrol.k element=line.one capacitor=k type=voltage ptratio=60 onsetting=118 offsetting=124"
    with pytest.raises(FeederError, match="more than once"):
        assert_same_answer(f"{HEAD}{bank}\n{control}{TAIL}", tmp_path)


def control_codes(script: str, folder: Path) -> set[str]:
    """Codes of the notes about a capacitor control, once both programs agree."""
    feeder = assert_same_answer(script, folder, "feeder").network.feeder
    return {
        note.code.removeprefix("OPENDSS.")
        for note in feeder.notes
        if note.component == "capcontrol k"
    }


def test_low_voltage_does_not_force_in_a_bank_that_starts_without_a_step(
    tmp_path: Path,
) -> None:
    bank = "new capacitor.k bus1=a kv=12.47 kvar=600 states={}"
    control = "type=kvar onsetting=9999 offsetting=-9999 voltoverride=yes vmin=125 vmax=130 ptratio=60"
    script = f"{HEAD}{bank}\nnew capcontrol.k element=line.one terminal=2 capacitor=k {control}{TAIL}"
    assert control_codes(script.format("[0]"), tmp_path) == {"CAPACITOR_LOW_VOLTAGE"}
    assert control_codes(script.format("[1]"), tmp_path) == set()


@pytest.mark.parametrize("phase", [1, 2, 3])
@pytest.mark.parametrize("on", [112, 122])
def test_a_control_of_a_delta_bank_measures_between_phases(
    phase: int, on: float, tmp_path: Path
) -> None:
    bank = "new capacitor.k bus1=a conn=delta kv=12.47 kvar=600 states=[0]\nnew load.two bus1=a.2 phases=1 kv=7.2 kw=500"
    control = f"type=voltage ptratio=104 onsetting={on} offsetting=130 ptphase={phase}"
    script = f"{HEAD}{bank}\nnew capcontrol.k element=line.one terminal=2 capacitor=k {control}{TAIL}"
    assert control_codes(script, tmp_path) == set()


NOTED = {
    "CAPACITOR_CURRENT_TERMINAL": (
        "bus1=a",
        "type=current terminal=2 onsetting=999 offsetting=0 ctratio=1",
    ),
    "CAPACITOR_STEP_GAPS": (
        "bus1=a numsteps=2 kvar=[50 50] states=[0 1]",
        "type=kvar onsetting=999 offsetting=-999",
    ),
    "CAPACITOR_PT_PHASE": (
        "bus1=a.1.2 phases=1 conn=delta",
        "type=voltage onsetting=0 offsetting=140 ptratio=104",
    ),
}


@pytest.mark.parametrize("code", NOTED)
def test_where_opendss_measures_otherwise_than_its_file_says_is_noted(
    code: str, tmp_path: Path
) -> None:
    bank, control = NOTED[code]
    script = f"{HEAD}new capacitor.k kv=12.47 kvar=300 {bank}\nnew capcontrol.k element=line.one capacitor=k {control}{TAIL}"
    assert control_codes(script, tmp_path) == {code}


def test_a_control_that_makes_nodes_without_elements_is_named(tmp_path: Path) -> None:
    line = "new line.two phases=1 bus1=a.2 bus2=b.2 r1=0.3 x1=0.6\nnew load.two bus1=b.2 phases=1 kv=7.2 kw=90"
    control = "type=kvar element=line.two terminal=2 onsetting=50 offsetting=-500"
    script = f"{HEAD}{line}\nnew capacitor.k bus1=a kv=12.47 kvar=300\nnew capcontrol.k capacitor=k {control}{TAIL}"
    with pytest.raises(
        FeederError, match=r"CONTROL_NODE\] capcontrol k: It makes OpenDSS add b\.3"
    ):
        assert_same_answer(script, tmp_path)


def test_a_control_at_a_transformer_that_shares_its_name_with_a_line(
    tmp_path: Path,
) -> None:
    unit = "new transformer.one buses=[a b] kvs=[12.47 0.48] kvas=[500 500]\nnew load.two bus1=b kv=0.48 kw=90 pf=0.6"
    control = "type=kvar element=transformer.one onsetting=50 offsetting=-500"
    script = f"{HEAD}{unit}\nnew capacitor.k bus1=a kv=12.47 kvar=300 states=[0]\nnew capcontrol.k capacitor=k {control}{TAIL}"
    solution = assert_same_answer(script, tmp_path, "feeder")
    assert solution.capacitor_steps[0, 0] == 1.0
