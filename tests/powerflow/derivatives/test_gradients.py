"""Derivatives against central differences, against each other, and against published single-phase formulas."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from builders import random_feeder, two_bus, with_pvs
from tieline.errors import InputError, NotConvergedError, ShapeError
from tieline.feeders import load_feeder
from tieline.network import Network
from tieline.powerflow import Solution, solve
from tieline.powerflow.derivatives.gradients import (
    Input,
    adjoint,
    adjoint_by_der_kw,
    current_sensitivity,
    loss_gradient,
    tangent,
    voltage_sensitivity,
)

POWERS = ("load_kw", "load_kvar", "der_kw", "der_kvar")


def solved(network: Network, **changes: Any) -> Solution:
    """A few scenarios with loads, PV, source voltage and taps that all differ; `changes` are added to the inputs."""
    random = np.random.default_rng(7)
    devices, count = network.devices, 3
    p, q = devices.p_kw[None, :], devices.q_kvar[None, :]
    n = devices.n_loads
    inputs: dict[str, Any] = {
        "load_kw": p[:, :n] * random.uniform(0.4, 0.9, (count, n)),
        "load_kvar": q[:, :n] * random.uniform(0.4, 0.9, (count, n)),
        "der_kw": -p[:, n:] * random.uniform(0.0, 1.0, (count, len(devices.p_kw) - n)),
        "der_kvar": random.uniform(-5.0, 5.0, (count, len(devices.p_kw) - n)),
        # Each phase of the source has a voltage of its own.
        "source_pu": random.uniform(0.99, 1.01, (count, len(network.source_nodes))),
        "taps": random.integers(-3, 6, (count, len(network.regulators.initial_tap))),
    }
    for name, change in changes.items():
        inputs[name] = inputs[name] + change
    return solve(network, controls="off", tolerance=1e-13, max_iterations=200, **inputs)


@pytest.mark.parametrize("name", ["ieee13", "ieee34", "ieee37", "ieee123"])
@pytest.mark.parametrize("kind", [*POWERS, "source_pu"])
def test_tangent_against_central_differences(name: str, kind: str) -> None:
    network = Network.from_feeder(with_pvs(load_feeder(name), 4, 20.0))
    here = solved(network)
    widths = {
        "load": here.load_kva.shape[1],
        "der_": here.der_kva.shape[1],
        "sour": len(network.source_nodes),
    }
    width = widths[kind[:4]]
    direction = np.random.default_rng(1).uniform(-1, 1, (3, width)) * (
        0.01 if kind == "source_pu" else 1.0
    )
    step = 1e-2 if kind != "source_pu" else 1e-3
    change = direction * step
    after, before = (solved(network, **{kind: sign * change}).v_pu for sign in (1, -1))
    difference = (after - before) / (2 * step)
    exact = tangent(here, **{kind: direction})
    assert np.abs(exact - difference).max() < 1e-6 * np.abs(difference).max()


@pytest.mark.parametrize("name", ["ieee13", "ieee34", "ieee37", "ieee123"])
def test_adjoint_is_the_tangent_transposed(name: str) -> None:
    network = Network.from_feeder(with_pvs(load_feeder(name), 4, 20.0))
    here = solved(network)
    random = np.random.default_rng(3)
    bar = random.normal(size=here.v_pu.shape) + 1j * random.normal(size=here.v_pu.shape)
    gradient = adjoint(here, bar)
    for kind in (*POWERS, "source_pu", "node_kw", "node_kvar"):
        by_input = getattr(gradient, kind)
        direction = random.normal(size=by_input.shape)
        along = (np.conj(bar) * tangent(here, **{kind: direction})).real.sum(axis=1)
        assert (by_input * direction).sum(axis=1) == pytest.approx(along, rel=1e-9)
    chosen = np.array([3, 1])
    alone = adjoint_by_der_kw(here, bar, chosen)
    assert alone == pytest.approx(gradient.der_kw[:, chosen], rel=1e-12)


def test_loss_gradient_against_central_differences() -> None:
    network = Network.from_feeder(with_pvs(load_feeder("ieee123"), 4, 20.0))
    gradient = loss_gradient(solved(network))
    for kind in POWERS:
        by_input = getattr(gradient, kind)
        for k in (0, by_input.shape[1] // 2):
            change = np.zeros(by_input.shape[1])
            change[k] = 1.0
            after, before = (
                solved(network, **{kind: sign * change}).loss_kw for sign in (1, -1)
            )
            assert by_input[:, k] == pytest.approx(
                (after - before) / 2, rel=1e-5, abs=1e-7
            )


def test_voltage_and_current_sensitivities_of_every_device() -> None:
    network = Network.from_feeder(random_feeder(2, 12, n_loops=1))
    here = solve(network, tolerance=1e-13)
    p_kw = network.devices.p_kw[: network.devices.n_loads]
    q_kvar = network.devices.q_kvar[: network.devices.n_loads]
    by_voltage, by_current = (
        voltage_sensitivity(here, "load_kw"),
        current_sensitivity(here, "load_kw"),
    )
    for k in range(len(p_kw)):
        sides = []
        for sign in (1, -1):
            changed = p_kw.copy()
            changed[k] += sign * 1e-2
            sides.append(
                solve(network, load_kw=changed, load_kvar=q_kvar, tolerance=1e-13)
            )
        volt = (sides[0].vm_pu - sides[1].vm_pu)[0] / 2e-2
        ampere = (sides[0].terminal_current_a - sides[1].terminal_current_a)[0] / 2e-2
        assert by_voltage[:, k] == pytest.approx(volt, abs=1e-6 * np.abs(volt).max())
        assert by_current[:, k] == pytest.approx(
            ampere, abs=1e-6 * np.abs(ampere).max()
        )


def test_power_at_a_node_is_that_of_a_constant_power_load() -> None:
    network = Network.from_feeder(load_feeder("ieee33"))
    here = solve(network, tolerance=1e-13)
    at_loads = network.devices.plus[: network.devices.n_loads]
    pairs: list[tuple[Input, Input]] = [
        ("node_kw", "load_kw"),
        ("node_kvar", "load_kvar"),
    ]
    for of_node, of_load in pairs:
        by_node, by_load = (
            voltage_sensitivity(here, of_node),
            voltage_sensitivity(here, of_load),
        )
        assert by_node[:, at_loads] == pytest.approx(by_load, abs=1e-12)


def test_published_formulas_of_single_phase_feeders() -> None:
    """Q. Zhang et al. 2021, eqs. 34-40: dI/da of an injection P, Q at a node, and the matrix Y less diagonal terms."""
    network = Network.from_feeder(load_feeder("ieee33"))
    here = solve(network, tolerance=1e-13)
    v, n = here.v_pu[0], network.n_nodes
    source = network.source_nodes
    free = np.setdiff1d(np.arange(n), source)
    injected = np.zeros(n, dtype=complex)
    np.add.at(
        injected,
        network.devices.plus,
        -(network.devices.p_kw + 1j * network.devices.q_kvar) / 1e3,
    )
    p, q = np.real(injected)[free], np.imag(injected)[free]
    re, im = np.real(v)[free], np.imag(v)[free]
    size = re**2 + im**2
    y = network.nodal_admittance(network.states.as_feeder).toarray()[np.ix_(free, free)]
    re_re = p / size - 2 * re * (p * re + q * im) / size**2
    re_im = q / size - 2 * im * (p * re + q * im) / size**2
    im_re = -q / size - 2 * re * (p * im - q * re) / size**2
    im_im = p / size - 2 * im * (p * im - q * re) / size**2
    matrix = np.block(
        [
            [y.real - np.diag(re_re), -y.imag - np.diag(re_im)],
            [y.imag - np.diag(im_re), y.real - np.diag(im_im)],
        ]
    )
    # dI/dP, first column pair of the paper's Table I
    of_p = np.vstack([np.diag(re / size), np.diag(im / size)])
    of_q = np.vstack([np.diag(im / size), np.diag(-re / size)])
    by: list[tuple[Input, np.ndarray]] = [("node_kw", of_p), ("node_kvar", of_q)]
    for kind, of in by:
        change = np.linalg.solve(matrix, of)
        magnitude = (
            re[:, None] * change[: len(free)] + im[:, None] * change[len(free) :]
        ) / np.sqrt(size)[:, None]
        # consumption per kW to injection per MW
        ours = -voltage_sensitivity(here, kind)[np.ix_(free, free)] * 1e3
        assert ours == pytest.approx(magnitude, abs=1e-9)


def test_table_one_by_differences() -> None:
    """dI/da of a node at its voltage: of consumed powers p, q as eqs. 30-33 have them, and of what devices add to them.

    Table I has the signs of an injected q in its Q columns, beside those of a consumed p.
    """
    v = 0.97 * np.exp(-0.05j)
    p, q, step = 0.4, 0.2, 1e-6
    size = abs(v) ** 2

    def current(p: float, q: float) -> complex:
        """Eqs. 30 and 31 together: I = (p - j q) / conj(V)."""
        re = (p * v.real + q * v.imag) / size
        im = (p * v.imag - q * v.real) / size
        return complex(re, im)

    assert current(p, q) == pytest.approx(np.conj((p + 1j * q) / v), rel=1e-12)
    # a generator takes from p and q, a battery that charges, or takes kvar, adds to them
    by_device = {
        (-1, 0): complex(-v.real, -v.imag) / size,
        (1, 0): complex(v.real, v.imag) / size,
        (0, -1): complex(-v.imag, v.real) / size,
        (0, 1): complex(v.imag, -v.real) / size,
    }
    for (dp, dq), table in by_device.items():
        after = current(p + dp * step, q + dq * step)
        before = current(p - dp * step, q - dq * step)
        assert (after - before) / (2 * step) == pytest.approx(table, rel=1e-8)


def test_published_chain_from_voltages_to_cost_by_differences() -> None:
    """Eqs. 41 to 46 in the right form, for the line into the bus of the last PV system of a single-phase feeder.

    Printed are y_im dV_im - y_re dV_re in 41, for y_re dV_re - y_im dV_im, and 2 a + b as the slope of fuel in 43, for 2 a P + b.
    """
    network = Network.from_feeder(with_pvs(load_feeder("ieee33"), 4, 20.0))
    n_ders = len(network.feeder.ders)
    at_kw, step_kw = 150.0, 0.01

    def at(p_kw: float) -> Solution:
        der_kw = np.append(np.zeros(n_ders - 1), p_kw)
        return solve(network, der_kw=der_kw, der_kvar=np.zeros(n_ders), tolerance=1e-13)

    here, after, before = at(at_kw), at(at_kw + step_kw), at(at_kw - step_kw)

    def difference(of: Any) -> Any:
        return (of(after) - of(before)) / (2 * step_kw)

    pv_bus = network.feeder.pvs[-1].bus
    (name,) = [
        line.name
        for line in network.feeder.lines
        if line.to_bus == pv_bus and line.closed
    ]
    line = network.element_index["line", name]
    sending = np.flatnonzero(network.terminals.element == line)[0]
    i, j = network.terminals.node[network.terminals.element == line]
    dv = tangent(here, der_kw=np.append(np.zeros(n_ders - 1), 1.0))[0]
    admittance = network.terminal_admittance(here.state[0]).toarray()
    y = admittance[sending, i]
    assert admittance[sending, j] == pytest.approx(-y)  # a line without a shunt
    across = dv[i] - dv[j]
    di_re = y.real * across.real - y.imag * across.imag  # eq. 41
    di_im = y.imag * across.real + y.real * across.imag  # eq. 42
    v, current = here.v_pu[0, i], here.terminal_current_pu[0, sending]
    by_power = difference(lambda s: s.terminal_current_pu[0, sending])
    assert complex(di_re, di_im) == pytest.approx(by_power, rel=1e-5)
    # eq. 44, the active power into the line; the article's P_PCC is counted the other way
    dp = dv[i].real * current.real + v.real * di_re
    dp += dv[i].imag * current.imag + v.imag * di_im
    flow = difference(lambda s: s.terminal_kva[0, sending].real / 1e3)
    assert dp == pytest.approx(flow, rel=1e-5)
    size = (v.real * dv[i].real + v.imag * dv[i].imag) / abs(v)  # eq. 45
    assert size == pytest.approx(difference(lambda s: s.vm_pu[0, i]), rel=1e-5)
    ampere = (current.real * di_re + current.imag * di_im) / abs(current)  # eq. 46
    by_magnitude = difference(lambda s: abs(s.terminal_current_pu[0, sending]))
    assert ampere == pytest.approx(by_magnitude, rel=1e-5)
    # eq. 43: the slope of the cost, fuel burnt less energy sold at the connection point
    a, b, fuel_price, energy_price = 1.773e-4, 0.1709, 0.40, 0.10

    def cost(solution: Solution) -> float:
        p_kw = solution.der_kva[0, -1].real
        sold_kw = -solution.terminal_kva[0, sending].real
        return fuel_price * (a * p_kw**2 + b * p_kw) - energy_price * sold_kw

    slope = fuel_price * (2 * a * at_kw + b) - energy_price * (-dp * 1e3)
    assert slope == pytest.approx(difference(cost), rel=1e-5)


def test_two_buses_by_hand() -> None:
    """V^4 - (1 - 2 (rP + xQ)) V^2 + (r^2 + x^2)(P^2 + Q^2) = 0, differentiated by P."""
    p_mw, q_mvar, base_ohm = 1.0, 0.5, 12.66**2
    r, x = 0.5 / base_ohm, 0.3 / base_ohm
    here = solve(
        Network.from_feeder(two_bus(1e3 * p_mw, 1e3 * q_mvar)), tolerance=1e-13
    )
    v = here.vm_pu[0, 1]
    slope = -(2 * r * v**2 + 2 * (r * r + x * x) * p_mw) / (
        4 * v**3 - 2 * (1 - 2 * (r * p_mw + x * q_mvar)) * v
    )
    assert voltage_sensitivity(here, "load_kw")[1, 0] * 1e3 == pytest.approx(
        slope, rel=1e-9
    )
    # the source holds its voltage
    assert voltage_sensitivity(here, "load_kw")[0, 0] == 0.0


def test_a_scenario_without_an_answer_has_no_derivative() -> None:
    network = Network.from_feeder(two_bus())
    both = solve(network, load_scale=np.array([[1.0], [1e3]]))
    change = tangent(both, load_kw=[1.0])
    assert np.isfinite(change[0]).all()
    assert np.isnan(change[1]).all()
    with pytest.raises(NotConvergedError, match="no derivative"):
        voltage_sensitivity(both, "load_kw", scenario=1)


def test_bad_input() -> None:
    here = solve(Network.from_feeder(two_bus()))
    with pytest.raises(ShapeError, match="load_kw"):
        tangent(here, load_kw=[1.0, 2.0])
    with pytest.raises(InputError, match="no input"):
        tangent(here, taps=[1.0])
    with pytest.raises(ShapeError, match="v_bar"):
        adjoint(here, np.ones(2))
