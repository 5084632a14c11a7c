"""The power flow inside JAX."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tieline.feeders import load_feeder
from tieline.feeders.elements import Pv
from tieline.network import Network
from tieline.powerflow import solve
from tieline.powerflow.derivatives.jax_solve import jax_voltages

jax = pytest.importorskip("jax", reason="JAX (extra 'learn') is not installed")


@pytest.fixture(scope="module")
def network() -> Network:
    feeder = load_feeder("ieee13")
    pvs = [
        Pv(
            f"pv{k}",
            x.bus,
            x.nodes,
            x.connection,
            x.kv,
            rated_kw=50.0,
            inverter_kva=50.0,
        )
        for k, x in enumerate(feeder.loads)
    ]
    return Network.from_feeder(feeder.replace(pvs=tuple(pvs)))


@pytest.fixture(autouse=True)
def _double_precision() -> Any:
    with jax.enable_x64(True):
        yield


def powers(network: Network, count: int) -> tuple[np.ndarray, ...]:
    d, random = network.devices, np.random.default_rng(0)
    scale = random.uniform(0.4, 0.9, (count, d.n_loads))
    ders = len(d.p_kw) - d.n_loads
    return (
        d.p_kw[: d.n_loads] * scale,
        d.q_kvar[: d.n_loads] * scale,
        *random.uniform(-20, 40, (2, count, ders)),
    )


def mean_square_deviation(voltages: Any, *inputs: Any) -> Any:
    re, im = voltages(*inputs)
    return ((jax.numpy.hypot(re, im) - 1.0) ** 2).sum()


def test_voltages_are_those_of_solve(network: Network) -> None:
    load_kw, load_kvar, der_kw, der_kvar = powers(network, 5)
    re, im = jax.jit(jax_voltages(network))(load_kw, load_kvar, der_kw, der_kvar)
    v = solve(
        network,
        load_kw=load_kw,
        load_kvar=load_kvar,
        der_kw=der_kw,
        der_kvar=der_kvar,
        controls="off",
    ).v_pu
    assert np.asarray(re) + 1j * np.asarray(im) == pytest.approx(v, abs=1e-12)


def test_gradient_against_central_differences(network: Network) -> None:
    voltages = jax_voltages(network, tolerance=1e-13)
    inputs = powers(network, 3)
    gradients = jax.jit(
        jax.grad(lambda *x: mean_square_deviation(voltages, *x), argnums=(0, 1, 2, 3))
    )(*inputs)
    for argument, gradient in enumerate(gradients):
        change = np.zeros_like(inputs[argument])
        change[1, 2] = 1e-2
        sides = []
        for sign in (1, -1):
            moved = list(inputs)
            moved[argument] = moved[argument] + sign * change
            sides.append(float(mean_square_deviation(voltages, *moved)))
        assert float(gradient[1, 2]) == pytest.approx(
            (sides[0] - sides[1]) / 2e-2, rel=1e-5
        )


def test_vmap_is_one_batch(network: Network) -> None:
    voltages = jax_voltages(network)
    inputs = powers(network, 6)
    together = voltages(*inputs)
    mapped = jax.vmap(voltages)(*inputs)
    assert np.asarray(mapped[0]) == pytest.approx(np.asarray(together[0]), abs=1e-12)
    gradient = jax.vmap(jax.grad(lambda *x: mean_square_deviation(voltages, *x)))(
        *inputs
    )
    assert np.asarray(gradient) == pytest.approx(
        np.asarray(jax.grad(lambda *x: mean_square_deviation(voltages, *x))(*inputs)),
        abs=1e-9,
    )
