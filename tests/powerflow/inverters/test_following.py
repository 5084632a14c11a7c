"""Inverters on their characteristics: by hand, at any load, with taps that move, and who may not follow them says so."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from builders import two_bus
from tieline import Feeder, Pv, load_feeder, solve
from tieline.errors import InputError
from tieline.feeders.elements import InverterControl, Storage
from tieline.linear import lindistflow
from tieline.powerflow import adjoint, with_fixed_q
from tieline.powerflow.inverters.table import inverter_table
from tieline.powerflow.inverters.told import following_inverters

CURVE = {
    "volt_var_v_pu": (0.92, 0.98, 1.02, 1.08),
    "volt_var_q_share": (0.44, 0.0, 0.0, -0.44),
    "q_base": "limits",
}


def two_bus_following(
    p_kw: float = 3000.0, kva: float = 3300.0, **fields: Any
) -> Feeder:
    """`two_bus` with PV at its load."""
    feeder = two_bus(200.0, 100.0, r_ohm=3.0, x_ohm=4.0)
    pv = Pv("roof", "b", (1, 0), "wye", 12.66, p_kw, kva, p_kw)
    control = InverterControl("curve", "roof", **(CURVE | fields))
    return feeder.replace(pvs=(pv,), inverter_controls=(control,))


def test_one_inverter_is_where_its_curve_crosses_the_voltage_of_the_line() -> None:
    feeder = two_bus_following()
    solution = solve(feeder, tolerance=1e-11)
    v_pu = solution.vm_pu[0, 1]
    q_kvar = -solution.q_kvar[0, 1]
    assert v_pu > 1.02
    assert q_kvar == pytest.approx(-0.44 * (v_pu - 1.02) / 0.06 * 3300, abs=1e-4)
    # the voltage is that of a power flow at that Q
    given = solve(feeder, der_kvar=[q_kvar], tolerance=1e-11)
    assert given.v_pu == pytest.approx(solution.v_pu, abs=1e-8)
    assert not given.follows_curves
    assert solution.follows_curves


def test_volt_watt_lowers_p_and_what_it_would_like_to_give_is_an_input() -> None:
    feeder = two_bus_following(
        volt_var_v_pu=(),
        volt_var_q_share=(),
        volt_watt_v_pu=(1.0, 1.1),
        volt_watt_p_share=(1.0, 0.0),
    )
    solution = solve(feeder, der_kw=[[0.0], [1500.0], [3000.0]])
    p_kw = -solution.p_kw[:, 1]
    share = np.clip((1.1 - solution.vm_pu[:, 1]) / 0.1, 0, 1)
    np.testing.assert_allclose(p_kw, [0, 1500, 3000] * share, atol=1e-3)
    assert p_kw[2] < 2900


def test_a_batch_is_its_scenarios_one_by_one() -> None:
    feeder = two_bus_following()
    scale = np.linspace(0.0, 8.0, 40)[:, None]
    batch = solve(feeder, load_scale=scale, tolerance=1e-10)
    assert batch.converged.all()
    for k in (0, 17, 39):
        alone = solve(feeder, load_scale=float(scale[k, 0]), tolerance=1e-10)
        assert alone.v_pu[0] == pytest.approx(batch.v_pu[k], abs=1e-8)
        assert alone.q_kvar[0] == pytest.approx(batch.q_kvar[k], abs=1e-2)


def test_ratings_are_an_input_and_off_leaves_the_powers_of_the_feeder() -> None:
    feeder = two_bus_following(kva=1.0)
    rated = solve(two_bus_following())
    given = solve(feeder, der_kva=[3300.0], der_kw=[3000.0])
    assert given.v_pu == pytest.approx(rated.v_pu)
    off = solve(two_bus_following(), inverters="off")
    assert -off.q_kvar[0, 1] == 0.0
    # those that are told to follow do so where the Q of others is given
    both = solve(two_bus_following(), der_kvar=[0.0], inverters="feeder")
    assert both.v_pu == pytest.approx(rated.v_pu)


def test_a_scenario_without_an_answer_does_not_disturb_the_others() -> None:
    feeder = two_bus_following()
    scale = [[1.0], [1000.0], [np.nan], [2.0]]
    solution = solve(feeder, load_scale=scale)
    assert solution.converged.tolist() == [True, False, False, True]
    assert np.isnan(solution.v_pu[1]).all()


def test_a_curve_that_goes_up_and_down_ends_on_itself() -> None:
    # steeper than the grid answers, both ways: no plain repetition comes to rest on it
    v_pu = (1.0, 1.02, 1.03, 1.04, 1.05)
    share = (0.0, 0.6, 0.0, 0.6, 0.0)
    feeder = two_bus_following(0.0, 4000.0, volt_var_v_pu=v_pu, volt_var_q_share=share)
    solution = solve(feeder)
    expected = np.interp(solution.vm_pu[0, 1], v_pu, share)
    assert -solution.q_kvar[0, 1] / 4000 == pytest.approx(expected, abs=1e-5)


def following(feeder: Feeder, places: list[str], **fields: Any) -> Feeder:
    """PV of 300 kW at some buses, each with a curve."""
    for place in places:
        feeder = feeder.with_pv(place, kw=300, kva=330, name=f"pv_{place}")
    controls = tuple(
        InverterControl(f"curve_{place}", f"pv_{place}", **(CURVE | fields))
        for place in places
    )
    return feeder.replace(inverter_controls=controls)


@settings(max_examples=15, deadline=None)
@given(
    steepness=st.floats(1.0, 200.0),
    middle=st.floats(0.97, 1.04),
    headroom=st.booleans(),
    seed=st.integers(0, 10**6),
)
def test_every_inverter_is_on_its_curve(
    steepness: float, middle: float, headroom: bool, seed: int
) -> None:
    width = 0.44 / steepness
    v_pu = (middle - width, middle, middle + width)
    feeder = following(
        load_feeder("ieee13"),
        ["671", "680", "634", "675"],
        volt_var_v_pu=v_pu,
        volt_var_q_share=(0.44, 0.0, -0.44),
        q_base="headroom" if headroom else "limits",
    )
    random = np.random.default_rng(seed)
    loads = random.uniform(0.2, 1.2, (20, len(feeder.loads)))
    sun = random.uniform(0, 300, (20, 1)) * np.ones(4)
    solution = solve(feeder, load_scale=loads, der_kw=sun, controls="off")
    assert solution.converged.all()
    table = inverter_table(solution.network)
    seen_pu = table.seen_pu(solution.v_pu)
    share = np.interp(seen_pu, v_pu, (0.44, 0.0, -0.44))
    room_kvar = np.sqrt(330.0**2 - sun**2)
    base_kvar = room_kvar if headroom else 330.0
    expected = np.clip(share * base_kvar, -room_kvar, room_kvar)
    injected = -solution.q_kvar[:, table.device]
    # 1e-7 pu of voltage, times the slope of the curve
    np.testing.assert_allclose(injected, expected, atol=3e-7 * steepness * 330)


def test_taps_and_inverters_rest_together() -> None:
    feeder = following(load_feeder("ieee13"), ["671", "680"])
    scale = np.linspace(0.1, 1.0, 20)[:, None]
    solution = solve(feeder, load_scale=scale)
    assert solution.converged.all()
    held = solve(feeder, load_scale=scale, taps=solution.taps, controls="off")
    np.testing.assert_allclose(held.v_pu, solution.v_pu, atol=1e-6)
    # nor does a control want to move from there
    again = solve(feeder, load_scale=scale, taps=solution.taps)
    np.testing.assert_array_equal(again.taps, solution.taps)


def test_where_no_scenario_has_an_answer_there_is_nothing_for_taps_to_do() -> None:
    feeder = following(load_feeder("ieee13"), ["671"])
    solution = solve(feeder, load_scale=[[1000.0], [2000.0]])
    assert not solution.converged.any()
    assert np.isnan(solution.v_pu).all()


@pytest.mark.parametrize(
    "ask",
    [
        lambda feeder: lindistflow(feeder.network).evaluate(),
        lambda feeder: adjoint(solve(feeder), np.ones((1, 2))),
    ],
    ids=["linear", "adjoint"],
)
def test_who_cannot_follow_refuses(ask: Any) -> None:
    with pytest.raises(InputError, match=r"characteristic.*with_fixed_q"):
        ask(two_bus_following())


def test_a_fixed_feeder_has_the_powers_of_its_snapshot() -> None:
    feeder = two_bus_following()
    unit = Storage("cells", "b", (1, 0), "wye", 12.66, 50, 100, 60, p_discharge_kw=10.0)
    control = replace(
        feeder.inverter_controls[0], name="c2", der="cells", der_kind="storage"
    )
    both = feeder.replace(
        storages=(unit,), inverter_controls=(*feeder.inverter_controls, control)
    )
    fixed = with_fixed_q(both)
    assert solve(fixed).v_pu == pytest.approx(solve(both).v_pu, abs=1e-7)
    assert not fixed.inverter_controls
    assert fixed.storages[0].q_kvar != 0
    assert fixed.notes[-1].code == "INVERTER_CONTROL.FIXED"
    assert with_fixed_q(both, keep_inverters=True) is both


def test_what_each_inverter_sees_and_gives_can_be_told() -> None:
    solution = solve(two_bus_following())
    (inverter,) = following_inverters(solution)
    assert inverter.der == "roof"
    assert inverter.v_pu == pytest.approx(solution.vm_pu[0, 1])
    assert inverter.q_kvar == pytest.approx(-solution.q_kvar[0, 1])
    assert "pu" in str(inverter)
    assert following_inverters(solve(two_bus_following(), inverters="off")) == []
