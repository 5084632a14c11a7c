"""Networks as plain arrays, against sums by hand."""

from __future__ import annotations

import numpy as np
import pytest

jax = pytest.importorskip("jax", reason="learning needs the extra 'learn'")

from tieline.agents.networks import forward, random_network  # noqa: E402


def test_forward_by_hand() -> None:
    """relu(1*2 - 2*1 + 1) = 1 and relu(1*0 + 2*(-3) + 1) = 0; then 1*5 + 0*7 - 2 = 3."""
    jnp = jax.numpy
    hidden = jnp.array([[2.0, 0.0], [-1.0, -3.0]]), jnp.array([1.0, 1.0])
    last = jnp.array([[5.0], [7.0]]), jnp.array([-2.0])
    assert np.asarray(forward((hidden, last), jnp.array([[1.0, 2.0]]))).tolist() == [
        [3.0]
    ]


def test_first_weights_lie_within_the_inverse_root_of_the_inputs() -> None:
    (w0, b0), (w1, b1), (w2, b2) = random_network(9, (16, 4), 2, jax.random.key(3))
    assert (w0.shape, w1.shape, w2.shape, b2.shape) == ((9, 16), (16, 4), (4, 2), (2,))
    for arrays, fan_in in (((w0, b0), 9), ((w1, b1), 16), ((w2, b2), 4)):
        largest = max(float(np.abs(np.asarray(array)).max()) for array in arrays)
        assert 0.4 * fan_in**-0.5 < largest <= fan_in**-0.5
