"""Edits of a feeder by name: what the new element is, and what is said of one that cannot be."""

from __future__ import annotations

from math import acos, sqrt, tan
from typing import Any

import numpy as np
import pytest

from builders import cut_off
from tieline.errors import InputError
from tieline.feeders import load_feeder
from tieline.network import Network
from tieline.powerflow import solve
from tieline.units import SQRT3

IEEE123 = load_feeder("ieee123")
IEEE13 = load_feeder("ieee13")


def problem_of(edit: str, /, *names: Any, **asked: Any) -> str:
    with pytest.raises(InputError) as caught:
        getattr(IEEE123, edit)(*names, **asked)
    return str(caught.value)


def test_pv_takes_voltage_and_connection_from_its_bus() -> None:
    (pv,) = IEEE123.with_pv("83", kw=500).pvs
    assert (pv.name, pv.bus, pv.nodes, pv.connection) == (
        "pv_83",
        "83",
        (1, 2, 3, 0),
        "wye",
    )
    assert pv.kv == pytest.approx(4.16 / SQRT3)
    assert (pv.rated_kw, pv.inverter_kva, pv.p_kw, pv.q_kvar) == (500, 500, 500, 0)
    # ieee37 has no ground: a device stands between the phases
    (pv,) = load_feeder("ieee37").with_pv("725", kw=10, phases=(1, 2)).pvs
    assert (pv.nodes, pv.connection, pv.kv) == ((1, 2), "delta", 4.8)
    (pv,) = load_feeder("ieee33").with_pv("18", kw=10).pvs
    assert (pv.nodes, pv.kv) == ((1, 0), 12.66)


def test_power_factor_is_signed_as_in_opendss() -> None:
    q_kvar = 500 * tan(acos(0.95))
    pv = IEEE123.with_pv("83", kw=500, pf=-0.95).pvs[-1]
    assert pv.q_kvar == pytest.approx(-q_kvar)
    assert pv.inverter_kva == pytest.approx(500 / 0.95)
    load = IEEE123.with_load("83", kw=500, pf=0.95).loads[-1]
    assert load.q_kvar == pytest.approx(q_kvar)


def test_small_inverter_cuts_power_at_the_same_power_factor() -> None:
    pv = IEEE123.with_pv("83", kw=500, pf=0.8, kva=400).pvs[-1]
    assert pv.rated_kw == 500
    assert (pv.p_kw, pv.q_kvar) == pytest.approx((320, 240))
    message = problem_of("with_pv", "83", kw=300, kvar=400, kva=499)
    assert "300 kW and 400 kvar are 500 kVA, more than kva=499" in message


def test_devices_of_the_other_kinds() -> None:
    feeder = (
        IEEE123.with_load("83", 10, phases=2, kvar=-3)
        .with_battery("83.1.3", 100, 400, stored_kwh=100, efficiency_charge=0.95)
        .with_generator("83", 30, kvar=40, held_v_pu=1.0)
    )
    load = feeder.loads[-1]
    assert (load.name, load.nodes, load.p_kw, load.q_kvar) == (
        "load_83",
        (2, 0),
        10,
        -3,
    )
    (battery,) = feeder.storages
    assert (battery.nodes, battery.energy_kwh, battery.stored_kwh) == (
        (1, 3, 0),
        400,
        100,
    )
    assert (battery.inverter_kva, battery.efficiency_charge) == (100, 0.95)
    (generator,) = feeder.generators
    assert (generator.rated_kva, generator.held_v_pu) == (50, 1.0)
    assert IEEE123.storages == ()


def test_battery_is_full_as_in_opendss_and_rests() -> None:
    (battery,) = IEEE123.with_battery("83", kw=100, kwh=400).storages
    assert (battery.stored_kwh, battery.p_charge_kw, battery.p_discharge_kw) == (
        400,
        0,
        0,
    )


def test_what_was_put_on_a_feeder_is_in_its_power_flow() -> None:
    before = solve(Network.from_feeder(IEEE13))
    feeder = IEEE13.with_pv("671", kw=900).with_load("680", kw=200, phases=1)
    after = solve(Network.from_feeder(feeder))
    gain_kw = (before.source_kva - after.source_kva).real[0]
    # 900 kW in, 200 kW out, and what the lines and the voltage of the loads make of it
    assert gain_kw == pytest.approx(700, abs=70)
    assert after.der_kva[0, 0] == pytest.approx(900)
    assert after.load_kva[0, -1] == pytest.approx(200)


def test_devices_without_a_name_get_one_each() -> None:
    feeder = IEEE123.with_pv("83", 1).with_pv("83", 2).with_pv("83", 3, name="Roof ")
    assert [pv.name for pv in feeder.pvs] == ["pv_83", "pv_83_2", "roof"]


def test_everything_wrong_with_an_edit_is_told_at_once() -> None:
    message = problem_of("with_pv", "999", kw=-3, pf=2, kva="x", rated=3, rated_kw=5)
    assert "No pv was put on feeder 'ieee123':" in message
    assert "  kw must be at least 0; got -3." in message
    assert "  pf must be above 0 and at most 1" in message
    assert "  kva must be a finite number; got 'x'." in message
    assert "  Unknown bus '999' of feeder 'ieee123'. Did you mean '99'" in message
    assert "  Unknown field 'rated' of a pv. " in message
    assert "  rated_kw follows from kw" in message
    assert len(message.splitlines()) == 7


@pytest.mark.parametrize(
    ("edit", "asked", "words"),
    [
        ("with_pv", {"bus": "85", "kw": 1, "phases": (1, 2, 3)}, "has phases 3, not 1"),
        ("with_pv", {"bus": 83, "kw": 1}, "Write '83' in quotation marks"),
        ("with_pv", {"bus": "83", "kw": 1, "phases": 2.5}, "phases must be a phase or"),
        ("with_pv", {"bus": "83", "kw": 1, "phases": ()}, "phases must be a phase or"),
        ("with_pv", {"bus": "83", "kw": True}, "kw must be a finite number; got True"),
        ("with_load", {"bus": "83", "kw": np.nan}, "kw must be a finite number"),
        ("with_load", {"bus": "83", "kw": 1, "pf": 1, "kvar": 0}, "two ways to give Q"),
        ("with_load", {"bus": "83", "kw": 1, "name": "s1a"}, "called 's1a' already"),
        ("with_battery", {"bus": "83", "kw": 1, "kwh": -2}, "kwh is a rating, 0 or"),
        ("with_generator", {"bus": "83", "kw": 4, "kva": 3}, "more than kva=3"),
        ("with_switch", {"name": "sw66", "closed": True}, "Did you mean 'sw6'"),
        ("with_switch", {"name": "sw6", "closed": "no"}, "True, or open, False; got"),
    ],
)
def test_an_edit_that_cannot_be_says_why(
    edit: str, asked: dict[str, Any], words: str
) -> None:
    assert words in problem_of(edit, **asked)


def test_no_device_where_no_supply_reaches() -> None:
    feeder = cut_off(load_feeder("ieee33"), "18")
    with pytest.raises(InputError, match="Bus '18' has no voltage"):
        feeder.with_pv("18", kw=1)


def test_stated_fields_go_before_those_of_the_bus() -> None:
    load = IEEE13.with_load("634", 9, nodes=(1, 2), connection="delta", kv=0.48)
    assert load.loads[-1].connection == "delta"
    assert solve(Network.from_feeder(load)).load_kva[0, -1] == pytest.approx(9)


def test_open_switch_cuts_the_power_flow() -> None:
    (switch,) = IEEE13.switches
    feeder = IEEE13.with_switch(switch.name.upper(), closed=False)
    assert [line.closed for line in feeder.switches] == [False]
    v_pu = solve(Network.from_feeder(feeder)).vm_pu[0]
    (node,) = Network.from_feeder(feeder).nodes(f"{switch.to_bus}.1")
    assert v_pu[node] == 0
    again = feeder.with_switch(switch.name, closed=True)
    assert again.lines == IEEE13.lines


def test_elements_are_taken_out_with_what_acts_on_them() -> None:
    feeder = IEEE13.without("671", "Cap1", "transformer.reg1")
    assert {load.name for load in IEEE13.loads} - {
        load.name for load in feeder.loads
    } == {"671"}
    assert [capacitor.name for capacitor in feeder.capacitors] == ["cap2"]
    assert len(feeder.regulators) == len(IEEE13.regulators) - 1
    assert IEEE13.without() == IEEE13


def test_an_empty_name_is_none() -> None:
    with pytest.raises(InputError, match="Its name is empty"):
        IEEE123.with_load("83", kw=1.0, name=" ")


def test_names_to_take_out_that_stand_for_nothing_or_for_several() -> None:
    feeder = IEEE123.with_pv("83", 1, name="s1a")
    with pytest.raises(InputError) as caught:
        feeder.without("s1a", "s1aa", "load.s1aa", "83")
    several, unknown, unknown_load, bus = str(caught.value).splitlines()
    assert several.endswith("Say which: 'load.s1a' or 'pv.s1a'.")
    assert "Unknown element 's1aa' of feeder 'ieee123'. Did you mean 's1a'" in unknown
    assert "Did you mean 'load.s1a'" in unknown_load
    assert "buses stay" in bus
    assert feeder.without("pv.s1a") == IEEE123


def test_power_that_needs_exactly_its_rating_fits() -> None:
    kva = sqrt(30**2 + 10**2)
    unit = IEEE123.with_generator("83", 30, kvar=10, kva=kva).generators[-1]
    assert unit.rated_kva == kva
