"""`uniform` and `follow` of `envs/draws` in JAX, bit by bit the same; they need its 64-bit types."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp

from tieline.envs.draws import FIRST_FACTOR, GOLDEN_GAMMA, SECOND_FACTOR


def first_uniform(seeds: Any) -> Any:
    """The first number of `uniform` for each seed, (seed,), evenly over [0, 1)."""
    streams = _mix(seeds.astype(jnp.uint64) * GOLDEN_GAMMA + GOLDEN_GAMMA)
    bits = _mix(streams + GOLDEN_GAMMA)
    # the upper 53 bits fill a double's fraction
    return (bits >> 11).astype(jnp.float64) * 2.0**-53


def follow(seeds: Any, numbers: Any) -> Any:
    """The seeds that come after others: number k >= 1 of each, (seed,)."""
    bits = _mix(seeds.astype(jnp.uint64) * GOLDEN_GAMMA + numbers.astype(jnp.uint64))
    # the sign's bit stays empty
    return (bits >> 1).astype(jnp.int64)


def _mix(z: Any) -> Any:
    z = (z ^ (z >> 30)) * FIRST_FACTOR
    z = (z ^ (z >> 27)) * SECOND_FACTOR
    return z ^ (z >> 31)
