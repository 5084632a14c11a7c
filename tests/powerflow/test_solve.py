"""`solve` against numbers by hand, against itself one by one, and on bad input."""

from __future__ import annotations

import math
import warnings
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from builders import random_feeder, two_bus
from tieline.errors import InputError, NotConvergedError, ShapeError
from tieline.feeders import load_feeder
from tieline.feeders.elements import CONSTANT_CURRENT, CONSTANT_IMPEDANCE, Pv, Storage
from tieline.network import Network
from tieline.powerflow import Outcome, solve
from tieline.powerflow.options import Controls, LoadModel

R_OHM, X_OHM, KV = 0.5, 0.3, 12.66


def end_voltage_pu(p_kw: float, q_kvar: float) -> float:
    """Receiving-end voltage of a line with a constant-power load: the root of V^4 - (1 - 2 (rP + xQ)) V^2 + (r^2 + x^2)(P^2 +
    Q^2) = 0.
    """
    base_ohm = KV**2  # on 1 MVA
    p, q, r, x = p_kw / 1e3, q_kvar / 1e3, R_OHM / base_ohm, X_OHM / base_ohm
    b = 1 - 2 * (r * p + x * q)
    return math.sqrt((b + math.sqrt(b * b - 4 * (r * r + x * x) * (p * p + q * q))) / 2)


@pytest.mark.parametrize(
    ("p_kw", "q_kvar"),
    [(1000.0, 500.0), (0.0, 0.0), (-3000.0, 200.0), (20000.0, 5000.0)],
)
def test_constant_power_load_behind_one_line(p_kw: float, q_kvar: float) -> None:
    solution = solve(Network.from_feeder(two_bus(p_kw, q_kvar)), tolerance=1e-13)
    assert solution.vm_pu[0, 1] == pytest.approx(
        end_voltage_pu(p_kw, q_kvar), abs=1e-12
    )
    assert solution.load_kva[0, 0] == pytest.approx(complex(p_kw, q_kvar), abs=1e-6)
    current_squared = (
        abs(complex(p_kw, q_kvar)) ** 2 / solution.vm_pu[0, 1] ** 2 / KV**2
    )
    assert solution.loss_kw[0] == pytest.approx(current_squared * R_OHM / 1e3, abs=1e-8)
    assert solution.source_kva[0] == pytest.approx(
        complex(p_kw, q_kvar) + solution.element_loss_kva[0, 0], abs=1e-6
    )


def test_current_of_a_single_phase_equivalent_is_that_of_one_phase() -> None:
    solution = solve(Network.from_feeder(two_bus()))
    kva = abs(solution.load_kva[0, 0])
    assert solution.terminal_current_a[0, 0] == pytest.approx(
        kva / (math.sqrt(3) * KV * solution.vm_pu[0, 1]), rel=1e-6
    )


def test_constant_impedance_load_is_a_voltage_divider() -> None:
    solution = solve(
        Network.from_feeder(
            two_bus(zip_p=CONSTANT_IMPEDANCE, zip_q=CONSTANT_IMPEDANCE)
        ),
        tolerance=1e-13,
    )
    load_ohm = KV**2 * 1e6 / (1000e3 - 500e3j)
    assert solution.v_pu[0, 1] == pytest.approx(
        load_ohm / (load_ohm + R_OHM + 1j * X_OHM), abs=1e-11
    )


def test_constant_current_load_takes_power_in_proportion_to_voltage() -> None:
    solution = solve(
        Network.from_feeder(two_bus(zip_p=CONSTANT_CURRENT, zip_q=CONSTANT_CURRENT))
    )
    assert solution.load_kva[0, 0] == pytest.approx(
        (1000 + 500j) * solution.vm_pu[0, 1], rel=1e-6
    )


def test_load_band_turns_a_load_into_an_impedance() -> None:
    network = Network.from_feeder(two_bus(20000.0, 5000.0, v_min_pu=0.95))
    solution = solve(network, load_model="opendss-band")
    u = solution.vm_pu[0, 1]
    assert u < 0.95
    # current relative to rated
    on_line = 0.5 + (1 / 0.95 - 0.5) * (u - 0.5) / (0.95 - 0.5)
    assert abs(solution.load_kva[0, 0]) == pytest.approx(
        on_line * u * abs(20000 + 5000j), rel=1e-6
    )


def test_the_feeder_chooses_the_load_model_unless_the_solve_does() -> None:
    feeder = two_bus(20000.0, 5000.0)
    banded = Network.from_feeder(feeder.replace(load_model="opendss-band"))
    plain = Network.from_feeder(feeder)
    with_band, without = solve(plain, load_model="opendss-band"), solve(plain)
    assert solve(banded).v_pu == pytest.approx(with_band.v_pu)
    assert solve(banded, load_model="zip").v_pu == pytest.approx(without.v_pu)
    assert with_band.vm_pu[0, 1] - without.vm_pu[0, 1] > 0.004


def test_devices_outside_their_band_are_told_under_either_model() -> None:
    network = Network.from_feeder(two_bus(20000.0, 5000.0, v_min_pu=0.95))
    for model in ("zip", "opendss-band"):
        solution = solve(network, load_scale=[[0.1], [1.0]], load_model=model)
        assert solution.outside_band.tolist() == [[False], [True]]


def test_an_impedance_has_no_band_to_leave() -> None:
    feeder = two_bus(
        20000.0, 5000.0, zip_p=CONSTANT_IMPEDANCE, zip_q=CONSTANT_IMPEDANCE
    )
    solution = solve(Network.from_feeder(feeder), load_model="opendss-band")
    assert solution.vm_pu[0, 1] < 0.95
    assert not solution.outside_band.any()


def test_a_batch_equals_its_scenarios_one_by_one() -> None:
    network = Network.from_feeder(random_feeder(5, 25, n_loops=2))
    scale = np.random.default_rng(0).uniform(0, 2, (37, len(network.feeder.loads)))
    together = solve(network, load_scale=scale, tolerance=1e-11)
    assert together.converged.all()
    for k in (0, 15, 16, 36):
        assert together.v_pu[k] == pytest.approx(
            solve(network, load_scale=scale[k], tolerance=1e-11).v_pu[0], abs=1e-10
        )


def test_a_start_saves_iterations_and_changes_no_answer() -> None:
    network = Network.from_feeder(load_feeder("ieee123"))
    scale = np.random.default_rng(0).uniform(0.3, 1.0, (40, len(network.feeder.loads)))
    cold = solve(network, load_scale=scale)
    warm = solve(
        network,
        load_scale=scale * 1.001,
        start_pu=cold.v_pu,
        taps=cold.taps,
        controls="off",
    )
    again = solve(network, load_scale=scale * 1.001, taps=cold.taps, controls="off")
    assert warm.v_pu == pytest.approx(again.v_pu, abs=2e-8)
    assert warm.iterations.mean() < again.iterations.mean()


@pytest.mark.parametrize("junk", [math.nan, math.inf, -math.inf])
def test_junk_at_a_bus_without_supply_is_no_answer(junk: float) -> None:
    """The load there takes nothing, so no voltage shows that it was asked for what is no number."""
    network = Network.from_feeder(two_bus())
    solution = solve(
        network, load_kw=[[10.0], [junk]], load_kvar=[[0.0], [0.0]], line_closed=[0.0]
    )
    assert solution.outcome.tolist() == [Outcome.CONVERGED, Outcome.BAD_INPUT]
    assert np.isnan(solution.v_pu[1]).all()


def test_a_start_of_nan_counts_as_none() -> None:
    network = Network.from_feeder(two_bus())
    start = np.array([[np.nan, np.nan], [1.0, 0.99]], dtype=complex)
    solution = solve(
        network, load_scale=np.ones((2, 1)), start_pu=start, tolerance=1e-10
    )
    assert solution.v_pu[0] == pytest.approx(solution.v_pu[1], abs=1e-10)
    with pytest.raises(ShapeError, match="start_pu"):
        solve(network, start_pu=np.ones(3))


@pytest.mark.parametrize("name", ["ieee33", "ieee123"])
def test_voltages_are_within_the_tolerance_of_the_answer(name: str) -> None:
    network = Network.from_feeder(load_feeder(name))
    scale = np.linspace(0.0, 2.8, 60)[:, None] * np.random.default_rng(0).uniform(
        0.5, 1.3, (60, len(network.feeder.loads))
    )
    answer = solve(
        network, load_scale=scale, controls="off", tolerance=1e-13, max_iterations=2000
    )
    for tolerance in (1e-4, 1e-6, 1e-8):
        quick = solve(network, load_scale=scale, controls="off", tolerance=tolerance)
        assert np.nanmax(np.abs(quick.v_pu - answer.v_pu)) < tolerance


def test_the_same_scenario_gives_the_same_bits() -> None:
    network = Network.from_feeder(random_feeder(5, 25))
    first, again = (
        solve(network, load_scale=np.linspace(0, 1, 50)[:, None]).v_pu for _ in range(2)
    )
    assert np.array_equal(first, again)


def test_one_impossible_scenario_does_not_spoil_the_others() -> None:
    network = Network.from_feeder(two_bus())
    scale = np.array([[1.0], [1e4], [np.nan], [0.5]])
    solution = solve(network, load_scale=scale)
    assert solution.converged.tolist() == [True, False, False, True]
    assert solution.outcome[2] == Outcome.BAD_INPUT
    assert np.isnan(solution.v_pu[1:3]).all()
    assert [failure.split(":")[0] for failure in solution.failures] == [
        "scenario 1",
        "scenario 2",
    ]
    assert "Reduce the load" in solution.failures[0]


@pytest.mark.parametrize("source_pu", [1.0, np.linspace(0.98, 1.02, 1600)])
def test_a_block_without_any_answer_does_not_spoil_the_next(source_pu: Any) -> None:
    network = Network.from_feeder(two_bus())
    is_possible = np.arange(1600) // 16 % 2 == 1
    solution = solve(
        network,
        load_scale=np.where(is_possible, 1.0, np.nan)[:, None],
        source_pu=source_pu,
    )
    assert np.array_equal(solution.converged, is_possible)


def test_a_single_impossible_solve_raises_with_the_remedy() -> None:
    with pytest.raises(NotConvergedError, match="Reduce the load") as error:
        solve(Network.from_feeder(two_bus(1e7)))
    assert error.value.exit_code == 3


def test_open_line_leaves_its_end_without_voltage_and_load() -> None:
    network = Network.from_feeder(two_bus())
    solution = solve(network, line_closed=[[1], [0]])
    assert solution.converged.all()
    assert solution.vm_pu[:, 1] == pytest.approx(
        [end_voltage_pu(1000, 500), 0.0], abs=1e-9
    )
    assert solution.load_kva[1, 0] == 0
    assert solution.loss_kw[1] == 0
    assert solve(network, line_closed=[0]).source_kva[0] == 0


def test_line_positions_per_scenario_equal_separate_solves() -> None:
    network = Network.from_feeder(random_feeder(2, 15, n_loops=3))
    closed = np.ones((4, len(network.feeder.lines)))
    for scenario, line in ((1, 3), (2, -1), (3, 0)):
        closed[scenario, line] = 0
    together = solve(network, line_closed=closed, tolerance=1e-12)
    for k in range(4):
        assert together.v_pu[k] == pytest.approx(
            solve(network, line_closed=closed[k], tolerance=1e-12).v_pu[0], abs=1e-11
        )


def test_source_voltage_per_scenario() -> None:
    network = Network.from_feeder(two_bus(0.0, 0.0))
    assert solve(network, source_pu=[0.95, 1.05]).vm_pu[:, 1] == pytest.approx(
        [0.95, 1.05]
    )


def test_ders_inject_and_storage_keeps_its_signs() -> None:
    pv = Pv(
        "pv",
        "b",
        (1, 0),
        "wye",
        KV,
        rated_kw=500.0,
        inverter_kva=500.0,
        p_kw=300.0,
        q_kvar=-50.0,
    )
    battery = Storage(
        "bat",
        "b",
        (1, 0),
        "wye",
        KV,
        rated_kw=100.0,
        energy_kwh=200.0,
        inverter_kva=100.0,
        p_charge_kw=80.0,
    )
    solution = solve(
        Network.from_feeder(two_bus().replace(pvs=(pv,), storages=(battery,))),
        tolerance=1e-13,
    )
    assert solution.der_kva[0] == pytest.approx([300 - 50j, -80])
    assert solution.vm_pu[0, 1] == pytest.approx(
        end_voltage_pu(1000 - 300 + 80, 500 + 50), abs=1e-11
    )


@pytest.mark.parametrize("controls", ["off", "feeder"])
def test_inputs_with_and_without_scenarios_go_together(controls: Controls) -> None:
    pv = Pv("pv", "b", (1, 0), "wye", KV, rated_kw=500.0, inverter_kva=500.0)
    network = Network.from_feeder(two_bus().replace(pvs=(pv,)))
    injected = np.linspace(0, 900, 40)
    solution = solve(
        network,
        load_kw=[800.0],
        load_kvar=[300.0],
        der_kw=injected[:, None],
        controls=controls,
        tolerance=1e-13,
    )
    expected = [end_voltage_pu(800 - p_kw, 300) for p_kw in injected]
    assert solution.vm_pu[:, 1] == pytest.approx(expected, abs=1e-11)


@pytest.mark.parametrize(
    ("inputs", "error", "message"),
    [
        (
            {"load_scale": np.ones((2, 3))},
            ShapeError,
            r"load_scale has shape \(2, 3\); expected \(1,\)",
        ),
        ({"load_kw": [1.0]}, InputError, "load_kw and load_kvar belong together"),
        (
            {"load_scale": np.ones((2, 1)), "source_pu": [1.0, 1.0, 1.0]},
            ShapeError,
            "load_scale: 2, source_pu: 3",
        ),
        ({"load_scale": np.ones((0, 1))}, InputError, "no scenario"),
        ({"controls": "on"}, InputError, "controls must be one of feeder, off"),
        ({"tolerance": 0.0}, InputError, "tolerance"),
    ],
)
def test_inputs_that_do_not_fit_are_named(
    inputs: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        solve(Network.from_feeder(two_bus()), **inputs)


@pytest.mark.parametrize("controls", ["off", "feeder"])
@pytest.mark.parametrize("load_model", ["zip", "opendss-band"])
def test_nothing_converged_serves_nothing(
    controls: Controls, load_model: LoadModel
) -> None:
    feeder = load_feeder("ieee13")
    sub, *others = feeder.transformers
    scale = np.array([[1.0], [1e6], [1e9], [1e12], [1e20]])
    for x_pct in (1e5, 1e10, 1e15):
        network = Network.from_feeder(
            feeder.replace(transformers=(replace(sub, x_pct=(x_pct,)), *others))
        )
        solution = solve(
            network,
            load_scale=scale,
            controls=controls,
            load_model=load_model,
        )
        assert not solution.converged.any()
    solution = solve(
        Network.from_feeder(feeder),
        load_scale=scale,
        controls=controls,
        load_model=load_model,
    )
    assert solution.converged.tolist() == [True, False, False, False, False]


def test_a_load_of_constant_impedance_behind_an_absurd_line_has_collapsed() -> None:
    network = Network.from_feeder(
        two_bus(r_ohm=1e9, zip_p=CONSTANT_IMPEDANCE, zip_q=CONSTANT_IMPEDANCE)
    )
    assert (
        solve(network, load_scale=np.ones((2, 1))).outcome.tolist()
        == [Outcome.DIVERGED] * 2
    )


def test_failed_scenarios_are_told_without_warnings_of_numpy() -> None:
    network = Network.from_feeder(load_feeder("ieee13"))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        solution = solve(network, load_scale=np.array([[1.0], [1e5], [np.nan]]))
        assert np.isnan(solution.source_kva).tolist() == [False, True, True]
        assert np.isnan(solution.kcl_residual_pu).tolist() == [False, True, True]


def test_scenarios_of_a_batch_are_the_batch_they_would_be():
    """Loads that one row states for all included; reasons move with their scenarios."""
    network = Network.from_feeder(load_feeder("ieee33"))
    source_pu = np.array([1.0, 1.02, np.nan, 1.03])[:, None]
    batch = solve(network, source_pu=source_pu)
    part = batch.of_scenarios(slice(1, 4))
    alone = solve(network, source_pu=source_pu[1:])
    assert part.v_pu == pytest.approx(alone.v_pu, abs=1e-9, nan_ok=True)
    assert part.loss_kw == pytest.approx(alone.loss_kw, nan_ok=True)
    assert part.failures == alone.failures
