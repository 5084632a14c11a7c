"""No scenario that has an answer is lost, up to the load at which the voltage collapses; beyond it, all are marked."""

from __future__ import annotations

import numpy as np
import pytest

from builders import two_bus
from tieline.feeders import load_feeder
from tieline.network import Network
from tieline.powerflow import solve
from tieline.typing import FloatArray

R_OHM, X_OHM, KV = 0.5, 0.3, 12.66


def loads_two_bus_can_carry(count: int) -> tuple[FloatArray, FloatArray]:
    """P [kW] and Q [kvar] at collapse, in random directions: where (1 - 2 (rP + xQ))^2 = 4 (r^2 + x^2) (P^2 + Q^2)."""
    angle = np.random.default_rng(1).uniform(-0.4, 1.2, count)
    r, x = R_OHM / KV**2, X_OHM / KV**2
    along, size = r * np.cos(angle) + x * np.sin(angle), np.hypot(r, x)
    mva = 1 / (2 * (along + size))
    return 1e3 * mva * np.cos(angle), 1e3 * mva * np.sin(angle)


def test_two_buses_up_to_the_collapse_and_beyond() -> None:
    p_kw, q_kvar = loads_two_bus_can_carry(2000)
    share = np.random.default_rng(2).uniform(0.3, 0.9999, 2000)
    network = Network.from_feeder(two_bus())
    below = solve(
        network,
        load_kw=(p_kw * share)[:, None],
        load_kvar=(q_kvar * share)[:, None],
        tolerance=1e-9,
    )
    assert below.converged.all()
    p, q, r, x = p_kw * share / 1e3, q_kvar * share / 1e3, R_OHM / KV**2, X_OHM / KV**2
    b = 1 - 2 * (r * p + x * q)
    upper = np.sqrt((b + np.sqrt(b * b - 4 * (r * r + x * x) * (p * p + q * q))) / 2)
    # the solution of high voltage, not the other
    assert below.vm_pu[:, 1] == pytest.approx(upper, abs=1e-6)
    above = solve(
        network, load_kw=(p_kw * 1.0001)[:, None], load_kvar=(q_kvar * 1.0001)[:, None]
    )
    assert not above.converged.any()
    assert np.isnan(above.v_pu).all()


def loadability(network: Network, direction: FloatArray) -> FloatArray:
    """Largest factor on each direction of loads, (scenario, load), that has an answer, (scenario,); by bisection."""
    low, high = np.zeros(len(direction)), np.full(len(direction), 40.0)
    for _ in range(24):
        middle = (low + high) / 2
        converged = solve(
            network, load_scale=direction * middle[:, None], controls="off"
        ).converged
        low, high = np.where(converged, middle, low), np.where(converged, high, middle)
    return low


@pytest.mark.parametrize("name", ["ieee33", "ieee123"])
def test_ten_thousand_scenarios(name: str) -> None:
    network = Network.from_feeder(load_feeder(name))
    random = np.random.default_rng(0)
    direction = random.uniform(0.2, 1.8, (200, len(network.feeder.loads)))
    most = loadability(network, direction)
    chosen, share = random.integers(0, 200, 10_000), random.uniform(0.0, 0.95, 10_000)
    below = solve(
        network,
        load_scale=direction[chosen] * (most[chosen] * share)[:, None],
        controls="off",
    )
    assert below.converged.all()
    above = solve(
        network,
        load_scale=direction[chosen] * (most[chosen] * (1.01 + share))[:, None],
        controls="off",
    )
    assert not above.converged.any()


def test_uniform_loadability_of_the_33_bus_feeder_is_where_plain_iteration_ends() -> (
    None
):
    """The fixed point on the admittance matrix, written here in three lines, converges below and not above."""
    network = Network.from_feeder(load_feeder("ieee33"))
    most = loadability(network, np.ones((17, len(network.feeder.loads))))[0]
    assert plain_iteration_converges(network, 0.999 * most)
    assert not plain_iteration_converges(network, 1.001 * most)


def plain_iteration_converges(network: Network, scale: float) -> bool:
    """v <- Y^-1 (-conj(s / v)) with the source node held, 20 000 times."""
    y = network.nodal_admittance(network.states.as_feeder).toarray()
    source = network.source_nodes
    free = np.setdiff1d(np.arange(network.n_nodes), source)
    power = np.zeros(network.n_nodes, dtype=complex)
    np.add.at(
        power,
        network.devices.plus,
        (network.devices.p_kw + 1j * network.devices.q_kvar) * scale / 1e3,
    )
    impedance = np.linalg.inv(y[np.ix_(free, free)])
    no_load = impedance @ (-y[np.ix_(free, source)] @ network.source_current[source])
    v = no_load.copy()
    for _ in range(20_000):
        v, before = no_load - impedance @ np.conj(power[free] / v), v
    return bool(np.abs(v - before).max() < 1e-9)
