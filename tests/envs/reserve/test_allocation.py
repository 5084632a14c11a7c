"""`share_out`: the request is met exactly, in NumPy and in JAX, and derivatives are those of finite differences."""

from __future__ import annotations

import jax
import numpy as np
import pytest
from jax import numpy as jnp
from scipy.special import expit, logit

from tieline.envs.reserve.allocation import share_out


@pytest.fixture
def double():
    """Double precision in JAX for one test."""
    with jax.enable_x64(True):
        yield


def requests(
    spread: float, count: int = 300
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Preferences, capacities and requests at random, with nothing, everything and an absent DER among them."""
    random = np.random.default_rng(4)
    z, capacity = (
        random.normal(size=(count, 4)) * spread,
        random.uniform(0, 250, (count, 4)),
    )
    capacity[2, 0] = 0.0
    request = capacity.sum(axis=1) * random.uniform(0, 1, count)
    request[:2] = 0.0, capacity[1].sum()
    return z, capacity, request


@pytest.mark.parametrize("spread", [0.0, 1.0, 10.0, 300.0])
def test_the_request_is_met_within_limits(spread: float) -> None:
    z, capacity, request = requests(spread)
    allocation = share_out(z, capacity, request)
    assert allocation.sum(axis=1) == pytest.approx(request, abs=1e-9)
    assert (allocation >= 0).all()
    assert (allocation <= capacity).all()


def test_shares_differ_by_the_preferences() -> None:
    """logit(r_i / capacity_i) - z_i is the same for all DERs."""
    z, capacity, request = (array[3:] for array in requests(1.0))
    shift = logit(share_out(z, capacity, request) / capacity) - z
    assert np.ptp(shift, axis=1).max() < 1e-8


def test_two_equal_ders_by_hand() -> None:
    """Half of all capacity and preferences a, -a: the shift is 0."""
    assert share_out(
        np.array([0.7, -0.7]), np.array([100.0, 100.0]), np.array(100.0)
    ) == pytest.approx(100 * expit([0.7, -0.7]))


@pytest.mark.parametrize("spread", [1.0, 10.0])
@pytest.mark.usefixtures("double")
def test_jax_gives_the_same(spread: float) -> None:
    z, capacity, request = requests(spread)
    theirs = share_out(jnp.array(z), jnp.array(capacity), jnp.array(request), jnp)
    assert np.asarray(theirs) == pytest.approx(
        share_out(z, capacity, request), abs=1e-9
    )


@pytest.mark.usefixtures("double")
def test_derivatives_against_central_differences() -> None:
    inputs = [array[5] for array in requests(1.0)]
    weights = np.array([1.0, -2.0, 0.5, 3.0])

    def weighed(z: np.ndarray, capacity: np.ndarray, request: np.ndarray) -> float:
        return float(weights @ share_out(z, capacity, request))

    z, capacity, request = (jnp.array(value) for value in inputs)
    slope = jax.grad(
        lambda z, c, r: (jnp.array(weights) * share_out(z, c, r, jnp)).sum(),
        argnums=(0, 1, 2),
    )
    exact = slope(z, capacity, request)
    for k, value in enumerate(inputs):
        for entry in np.ndindex(value.shape):
            sides = []
            for sign in (1, -1):
                changed = [np.array(other) for other in inputs]
                changed[k][entry] += sign * 1e-5
                sides.append(weighed(*changed))
            assert float(np.asarray(exact[k])[entry]) == pytest.approx(
                (sides[0] - sides[1]) / 2e-5, abs=1e-6
            )
