"""Regulators and capacitor controls on feeders small enough to follow by hand; the published feeders are in `cases`."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from builders import two_bus
from tieline.feeders.elements import (
    Bus,
    Capacitor,
    CapacitorControl,
    Line,
    Regulator,
    Transformer,
    Winding,
)
from tieline.feeders.feeder import Feeder
from tieline.network import Network
from tieline.powerflow import Outcome, solve

KV = 12.66
PT_RATIO = KV * 1e3 / 120


def regulated(band_v: float = 2.0, max_tap_change: int = 16, **settings: Any) -> Feeder:
    """The two-bus feeder with an ideal regulator between source and line, holding 123 V."""
    feeder = two_bus()
    windings = (
        Winding("a", (1, 0), "wye", KV, 1e4),
        Winding("r", (1, 0), "wye", KV, 1e4),
    )
    line = Line("rb", "r", "b", (1,), (1,), feeder.lines[0].code)
    return feeder.replace(
        buses=(*feeder.buses, Bus("r", (1,), KV)),
        lines=(line,),
        transformers=(Transformer("reg", 1, windings, (0.001,)),),
        regulators=(
            Regulator(
                "control",
                "reg",
                2,
                123.0,
                band_v,
                PT_RATIO,
                max_tap_change=max_tap_change,
                **settings,
            ),
        ),
    )


def test_regulator_moves_70_percent_of_the_way_then_a_tap_at_a_time_until_inside_its_band() -> (
    None
):
    # From 120 V, 3 V low, a tap is 0.75 V: 4 taps wanted, trunc(0.7 * 4) = 2 made -> 121.5 V, 1.5 V low: 2 wanted, 1 made ->
    # 122.25 V, in band.
    solution = solve(Network.from_feeder(regulated()))
    assert solution.taps.tolist() == [[3]]
    assert solution.vm_pu[0, 2] == pytest.approx(1 + 3 * 0.00625, abs=1e-4)


def test_line_drop_compensation_holds_the_load_bus() -> None:
    # the line's own impedance in volts at the CT's 100 A: the compensated voltage is that of the load bus
    scale = np.sqrt(3) * 100 / PT_RATIO
    feeder = regulated(band_v=0.8, ct_primary_a=100.0, r_v=0.5 * scale, x_v=0.3 * scale)
    base = solve(Network.from_feeder(feeder), controls="off")
    solution = solve(Network.from_feeder(feeder))
    assert abs(base.vm_pu[0, 1] * 120 - 123) > 0.4
    assert solution.vm_pu[0, 1] * 120 == pytest.approx(123, abs=0.41 + 0.02)


def test_taps_differ_per_scenario_and_equal_separate_solves() -> None:
    network = Network.from_feeder(regulated(ct_primary_a=100.0, r_v=5.0, x_v=3.0))
    scale = np.array([[0.0], [5.0], [-5.0], [8.0]])
    together = solve(network, load_scale=scale)
    assert len(np.unique(together.taps)) > 1
    for k in range(4):
        alone = solve(network, load_scale=scale[k])
        assert together.taps[k] == alone.taps[0]
        assert together.v_pu[k] == pytest.approx(alone.v_pu[0], abs=1e-7)


def test_controls_off_hold_the_taps_given() -> None:
    network = Network.from_feeder(regulated())
    solution = solve(network, taps=[[0], [-16], [16]], controls="off")
    assert solution.taps.ravel().tolist() == [0, -16, 16]
    assert solution.vm_pu[:, 2] == pytest.approx([1.0, 0.9, 1.1], abs=1e-4)


def test_a_band_narrower_than_a_tap_ends_on_the_nearest_tap() -> None:
    # 123.4 V lies between tap 4 (123.0 V) and tap 5 (123.75 V); from tap 5, less than half a tap is missing
    feeder = regulated().replace(
        regulators=(Regulator("control", "reg", 2, 123.4, 0.01, PT_RATIO),)
    )
    solution = solve(Network.from_feeder(feeder), load_scale=[[1.0]])
    assert solution.converged.all()
    assert solution.taps.tolist() == [[5]]


def test_set_point_out_of_reach_stops_at_the_last_tap() -> None:
    feeder = regulated().replace(
        regulators=(Regulator("control", "reg", 2, 150.0, 2.0, PT_RATIO),)
    )
    assert solve(Network.from_feeder(feeder)).taps.tolist() == [[16]]


def with_bank(steps_on: int, **control: Any) -> Feeder:
    """The two-bus feeder with a 600 kvar bank of two steps at the load, and its control."""
    feeder = two_bus()
    bank = Capacitor("bank", "b", (1, 0), "wye", 600.0, KV, steps=2, steps_on=steps_on)
    settings = {"element": "ab", "terminal": 1, **control}
    return feeder.replace(
        capacitors=(bank,),
        capacitor_controls=(CapacitorControl("control", "bank", **settings),),
    )


@pytest.mark.parametrize(("steps_on", "expected"), [(0, 2), (2, 2), (1, 2)])
def test_kvar_control_brings_steps_in_while_much_reactive_power_flows(
    steps_on: int, expected: int
) -> None:
    # 500 kvar load: 500 > 150 -> one step, 200 > 150 -> second step, -100 stays above the off setting
    feeder = with_bank(steps_on, kind="kvar", on_setting=150.0, off_setting=-225.0)
    assert solve(Network.from_feeder(feeder)).capacitor_steps.tolist() == [[expected]]


def test_kvar_control_takes_steps_out_when_reactive_power_flows_back() -> None:
    feeder = with_bank(2, kind="kvar", on_setting=150.0, off_setting=-50.0)
    solution = solve(Network.from_feeder(feeder), load_scale=[[0.0], [0.5]])
    assert solution.capacitor_steps.tolist() == [[0], [1]]


def test_voltage_override_forces_the_bank_in() -> None:
    limits = {
        "pt_ratio": PT_RATIO,
        "voltage_override": True,
        "v_min_v": 119.9,
        "v_max_v": 126.0,
    }
    feeder = with_bank(
        0, kind="kvar", on_setting=1e6, off_setting=-1e6, terminal=2, **limits
    )
    assert solve(Network.from_feeder(feeder)).capacitor_steps.tolist() == [[1]]


def test_voltage_control_by_the_secondary_voltage() -> None:
    settings = {"kind": "voltage", "pt_ratio": PT_RATIO, "terminal": 2}
    feeder = with_bank(0, on_setting=119.9, off_setting=124.0, **settings)
    assert solve(Network.from_feeder(feeder)).capacitor_steps[0, 0] > 0


def test_current_control_by_the_secondary_current() -> None:
    # 51 A at full load and 46.7 A with one step in, both above 0.465 x 100 A; 41 A at 80 % load
    feeder = with_bank(
        0, kind="current", on_setting=0.465, off_setting=0.1, ct_ratio=100.0
    )
    assert solve(
        Network.from_feeder(feeder), load_scale=[[1.0], [0.8]]
    ).capacitor_steps.tolist() == [[2], [0]]


def test_a_control_that_hunts_is_reported() -> None:
    # 200 kvar with one step in calls the second, which leaves -100 kvar and sends it out again
    feeder = with_bank(0, kind="kvar", on_setting=150.0, off_setting=100.0)
    solution = solve(Network.from_feeder(feeder), load_scale=[[1.0]])
    assert solution.outcome.tolist() == [Outcome.CONTROL_LIMIT]
    assert np.isnan(solution.v_pu).all()
    assert "controls='off'" in solution.failures[0]
