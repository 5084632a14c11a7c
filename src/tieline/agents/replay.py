"""Remembered steps of one seed: a ring of fixed size, as a tree of arrays."""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp
from jax import Array


class Steps(NamedTuple):
    """Steps, one per row: what was seen, done and got, what was seen next, and whether the future counts (1) or not (0)."""

    observation: Array
    action: Array
    reward: Array
    following: Array
    goes_on: Array


class Memory(NamedTuple):
    """`steps` has a row per place; `count` steps were ever put in."""

    steps: Steps
    count: Array


def empty_memory(size: int, n_observed: int, n_set: int) -> Memory:
    """Room for `size` steps."""
    observation = jnp.zeros((size, n_observed))
    steps = Steps(
        observation=observation,
        action=jnp.zeros((size, n_set)),
        reward=jnp.zeros(size),
        following=observation,
        goes_on=jnp.zeros(size),
    )
    return Memory(steps, count=jnp.zeros((), dtype=jnp.int32))


def remember(memory: Memory, steps: Steps) -> Memory:
    """Put steps in, over the oldest ones where it is full."""
    size = len(memory.steps.reward)
    n_steps = len(steps.reward)
    place = (memory.count + jnp.arange(n_steps)) % size

    def write(array: Array, rows: Array) -> Array:
        return array.at[place].set(rows)

    return Memory(
        jax.tree.map(write, memory.steps, steps),
        memory.count + n_steps,
    )


def recall(memory: Memory, count: int, key: Array) -> Steps:
    """`count` remembered steps drawn evenly, with replacement."""
    # until the ring is full its last places hold zeros, which nobody saw
    n_places = len(memory.steps.reward)
    n_filled = jnp.minimum(memory.count, n_places)
    places = jax.random.randint(key, (count,), 0, n_filled)
    return jax.tree.map(lambda array: array[places], memory.steps)
