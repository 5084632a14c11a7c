"""The power flow compiled into JAX: against `solve` and its derivatives, every load model, no answer, refusals."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

pytest.importorskip("jax", reason="JAX (extra 'learn') is not installed")

import jax
import jax.numpy as jnp

from builders import random_feeder, two_bus, two_bus_holding, with_pvs
from tieline import load_feeder, solve
from tieline.errors import InputError, NotConvergedError, ShapeError
from tieline.feeders.elements import Load
from tieline.network import Network
from tieline.network.voltage_points import voltage_points
from tieline.powerflow import Solution, adjoint, loss_gradient
from tieline.powerflow.dense import DensePowerFlow


@pytest.fixture(autouse=True)
def _double_precision() -> Iterator[None]:
    with jax.enable_x64(True):
        yield


def random_powers(network: Network, count: int) -> dict[str, np.ndarray]:
    """Loads from 30 to 100 %, DERs that inject and take."""
    devices = network.devices
    random = np.random.default_rng(1)
    n = devices.n_loads
    n_ders = len(devices.p_kw) - n
    return {
        "load_kw": devices.p_kw[:n] * random.uniform(0.3, 1.0, (count, n)),
        "load_kvar": devices.q_kvar[:n] * random.uniform(0.3, 1.0, (count, n)),
        "der_kw": random.uniform(-10.0, 40.0, (count, n_ders)),
        "der_kvar": random.uniform(-10.0, 10.0, (count, n_ders)),
    }


def exact(network: Network, powers: dict[str, Any], **held: Any) -> Solution:
    return solve(network, **powers, **held, controls="off", tolerance=1e-12)


FEEDERS = {
    "ieee33": 1e-9,
    "ieee123": 1e-9,
    "case141": 1e-9,
    "ieee34": 1e-9,
    # a line of near-zero impedance carries half the load: the last digits of its current are 1e-8 of a voltage in either program
    "ieee13": 1e-8,
}
"""By feeder the largest difference of a voltage [pu]."""


@pytest.mark.parametrize("name", FEEDERS)
def test_answers_are_those_of_solve(name: str) -> None:
    network = Network.from_feeder(with_pvs(load_feeder(name), every=5))
    at_rest = solve(network)
    held = {"taps": at_rest.taps[0], "capacitor_steps": at_rest.capacitor_steps[0]}
    flow = DensePowerFlow(network, **held)
    powers = random_powers(network, 7)
    answer = jax.jit(flow.solve)(**powers)
    reference = exact(network, powers, **held)
    assert np.asarray(answer.solved).all()
    # what floats behind a delta winding is known to 1e-8 alone: voltages are compared where limits apply
    points = voltage_points(network)
    seen = jnp.abs(flow.phasors(points.across(network.n_nodes))(answer))
    assert np.asarray(seen) == pytest.approx(
        points.magnitude_pu(reference.v_pu), abs=FEEDERS[name]
    )
    assert np.asarray(flow.v_pu(answer)) == pytest.approx(reference.v_pu, abs=1e-8)
    # near-zero impedances leave 1e-9 of a current of several pu, or 1e-6 kW of a loss of 100
    loss_kw = np.asarray(flow.loss_kw(answer))
    assert loss_kw == pytest.approx(reference.loss_kw, rel=1e-6, abs=1e-6)
    source_kva = np.asarray(flow.source_kva(answer))
    assert source_kva == pytest.approx(reference.source_kva, rel=1e-7)
    ends = network.first_ends
    current_pu = np.asarray(flow.terminal_currents(ends)(answer))
    assert current_pu == pytest.approx(reference.terminal_current_pu[:, ends], abs=1e-7)


@pytest.mark.parametrize("name", ["ieee33", "ieee123", "case141"])
def test_gradient_is_the_adjoint(name: str) -> None:
    network = Network.from_feeder(with_pvs(load_feeder(name), every=5))
    flow = DensePowerFlow(network)
    powers = random_powers(network, 3)
    weight = np.random.default_rng(2).normal(size=network.n_nodes)
    # behind a delta winding the voltage to ground has no digits for a derivative
    points = voltage_points(network)
    across = points.across(network.n_nodes)
    weight = across.T @ (across @ weight)

    def number(powers: dict[str, Any]) -> Any:
        answer = flow.solve(**powers)
        of_voltages = (flow.v_pu(answer).real @ weight).sum()
        return of_voltages + flow.loss_kw(answer).sum()

    gradient = jax.jit(jax.grad(number))(powers)
    solution = exact(network, powers)
    by_voltage = adjoint(solution, np.tile(weight, (3, 1)))
    by_loss = loss_gradient(solution)
    for name_of_input in powers:
        expected = getattr(by_voltage, name_of_input) + getattr(by_loss, name_of_input)
        assert np.asarray(gradient[name_of_input]) == pytest.approx(expected, abs=1e-7)


def with_load_models() -> Network:
    """A feeder whose loads are of constant impedance, current, power, mixed and exponential, some with a band."""
    feeder = random_feeder(3, 12)
    shares = [(1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0), (0.3, 0.3, 0.4)]
    loads = [_with_model(load, shares[k % 4], k) for k, load in enumerate(feeder.loads)]
    return Network.from_feeder(feeder.replace(loads=tuple(loads)))


def _with_model(load: Load, shares: tuple[float, float, float], number: int) -> Load:
    if number % 5 == 4:
        return replace(load, exponents=(1.3, 3.1))
    return replace(load, zip_p=shares, zip_q=shares[::-1])


@pytest.mark.parametrize("load_model", ["zip", "opendss-band"])
@pytest.mark.parametrize("source_pu", [0.8, 1.0, 1.15])
def test_every_load_model_inside_and_outside_its_band(
    load_model: Any, source_pu: float
) -> None:
    network = with_load_models()
    held = {"load_model": load_model, "source_pu": source_pu}
    flow = DensePowerFlow(network, **held)
    powers = random_powers(network, 5)
    answer = flow.solve(**powers)
    reference = exact(network, powers, **held)
    assert np.asarray(answer.solved).all()
    assert np.asarray(flow.v_pu(answer)) == pytest.approx(reference.v_pu, abs=1e-9)


def test_gradient_against_central_differences() -> None:
    network = with_load_models()
    flow = DensePowerFlow(network, tolerance=1e-13)
    powers = random_powers(network, 2)

    def number(load_kw: Any) -> Any:
        answer = flow.solve(**{**powers, "load_kw": load_kw})
        return (jnp.abs(flow.v_pu(answer)) ** 2).sum()

    slope = np.asarray(jax.grad(number)(powers["load_kw"]))
    change = np.zeros_like(powers["load_kw"])
    change[1, 2] = 1e-2
    higher = float(number(powers["load_kw"] + change))
    lower = float(number(powers["load_kw"] - change))
    assert slope[1, 2] == pytest.approx((higher - lower) / 2e-2, rel=1e-5)


def test_by_hand_on_two_buses() -> None:
    """1000 kW + 500 kvar behind 4.5 + j3.5 ohm at 12.66 kV: the larger root of the biquadratic."""
    network = Network.from_feeder(two_bus(r_ohm=4.5, x_ohm=3.5))
    flow = DensePowerFlow(network)
    r, x = 4.5 / 12.66**2, 3.5 / 12.66**2
    b = 1.0 - 2.0 * (r * 1.0 + x * 0.5)
    square = b / 2 + np.sqrt(b**2 / 4 - (r**2 + x**2) * 1.25)
    answer = flow.solve(load_kw=[1000.0], load_kvar=[500.0])
    v_pu = np.abs(np.asarray(flow.v_pu(answer)))
    assert v_pu == pytest.approx([1.0, np.sqrt(square)], abs=1e-10)
    loss_kw = 1e3 * r * 1.25 / square
    assert float(flow.loss_kw(answer)) == pytest.approx(loss_kw, abs=1e-6)


def test_what_has_no_answer_is_nan_and_keeps_nobody_waiting() -> None:
    network = Network.from_feeder(two_bus(r_ohm=4.5, x_ohm=3.5))
    flow = DensePowerFlow(network)
    load_kw = np.array([[1000.0], [1e6], [np.nan]])
    answer = flow.solve(load_kw=load_kw)
    assert list(np.asarray(answer.solved)) == [True, False, False]
    v_pu = np.asarray(flow.v_pu(answer))
    assert np.isfinite(v_pu[0]).all()
    assert np.isnan(v_pu[1:, 1]).all()
    assert np.isnan(np.asarray(flow.loss_kw(answer))[1:]).all()

    def of_answered(load_kw: Any) -> Any:
        answer = flow.solve(load_kw=load_kw)
        return jnp.where(answer.solved, flow.loss_kw(answer), 0.0).sum()

    slope = np.asarray(jax.grad(of_answered)(load_kw))
    alone = np.asarray(jax.grad(of_answered)(load_kw[:1]))
    assert slope[0] == pytest.approx(alone[0])
    assert not slope[1:].any()


def test_vmap_and_a_start_near_by_change_nothing() -> None:
    network = load_feeder("ieee33").network
    flow = DensePowerFlow(network)
    powers = random_powers(network, 4)
    together = flow.solve(**powers)
    mapped = jax.vmap(lambda powers: flow.v_pu(flow.solve(**powers)))(powers)
    expected = np.asarray(flow.v_pu(together))
    assert np.asarray(mapped) == pytest.approx(expected, abs=1e-9)
    again = flow.solve(**powers, start_pu=together.across_pu)
    assert int(again.iterations) < int(together.iterations)
    assert np.asarray(flow.v_pu(again)) == pytest.approx(expected, abs=1e-9)


def test_a_fixed_number_of_iterations_is_judged_by_its_error() -> None:
    network = load_feeder("ieee33").network
    powers = random_powers(network, 2)
    few, enough = (
        DensePowerFlow(network, max_iterations=count, is_fixed=True).solve(**powers)
        for count in (2, 12)
    )
    assert not np.asarray(few.solved).any()
    assert np.asarray(few.error_pu).min() > 1e-10
    assert np.asarray(enough.solved).all()
    assert int(enough.iterations) == 12


def test_open_lines_leave_dead_nodes_at_zero() -> None:
    network = load_feeder("ieee33").network
    closed = np.array([line.closed for line in network.feeder.lines])
    closed[20] = False
    flow = DensePowerFlow(network, line_closed=closed)
    reference = exact(network, {}, line_closed=[closed])
    assert (reference.v_pu == 0).any()
    v_pu = np.asarray(flow.v_pu(flow.solve()))
    assert v_pu == pytest.approx(reference.v_pu[0], abs=1e-9)


def test_refused_by_name() -> None:
    network = load_feeder("ieee33").network
    with pytest.raises(InputError, match="one operating point, and was given 2"):
        DensePowerFlow(network, load_scale=[[1.0], [0.5]])
    with pytest.raises(NotConvergedError):
        DensePowerFlow(network, load_scale=1e3)
    flow = DensePowerFlow(network)
    with pytest.raises(ShapeError, match=r"load_kw has shape \(3,\)"):
        flow.solve(load_kw=np.ones(3))
    with jax.enable_x64(False), pytest.raises(InputError, match="enable_x64"):
        flow.solve()
    holding = DensePowerFlow(Network.from_feeder(two_bus_holding()))
    with pytest.raises(InputError, match="holds a voltage"):
        holding.solve()
    assert np.asarray(holding.solve(der_kvar=[0.0]).solved)
