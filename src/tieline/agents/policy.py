"""`Policy`: a deterministic policy as plain NumPy: what a training leaves behind, whatever it trained with.

    x = (observation - mean) / scale
    x = f(x W_k + b_k)          for every layer but the last, f = relu or tanh
    free = x W + b              the last layer is linear
    action = squash(observation, free)

The last line is the task's own last layer (`Task.squash`), which knows its limits; a policy may have been trained with another
head (`heads`). A policy fits the one task it was trained for: `bind` checks it.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from tieline.agents.head_names import HEADS
from tieline.agents.heads import act_by
from tieline.agents.task_key import TaskKey
from tieline.envs.task import Task
from tieline.errors import InputError, ShapeError
from tieline.typing import FloatArray

ACTIVATIONS = {"relu": partial(np.maximum, 0.0), "tanh": np.tanh}

Plain = str | int | float | bool | None
Layer = tuple[FloatArray, FloatArray]


@dataclass(frozen=True, eq=False)
class Policy:
    """A deterministic policy.

    Attributes:
        task: what it was trained for.
        layers: weight (in, out) and bias (out,) of each layer.
        activation: "relu" or "tanh", between layers.
        mean, scale: what the observation is shifted and divided by, (observation,).
        head: what follows the last layer, one of `HEADS`.
        provenance: where it comes from, plain values: algorithm, preset, seed, version, machine, train_s, command.

    Raises:
        InputError: listing all that does not fit together.
    """

    task: TaskKey
    layers: tuple[Layer, ...]
    activation: str
    mean: FloatArray
    scale: FloatArray
    head: str = "task"
    provenance: Mapping[str, Plain] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if problems := list(_problems(self)):
            raise InputError("The policy is not sound: " + "; ".join(problems) + ".")

    @classmethod
    def of(
        cls,
        task: Task[Any],
        layers: Iterable[tuple[ArrayLike, ArrayLike]],
        *,
        activation: str = "relu",
        mean: ArrayLike = 0.0,
        scale: ArrayLike = 1.0,
        head: str = "task",
        provenance: Mapping[str, Plain] | None = None,
    ) -> Policy:
        """A policy for a task, from layers of any array package; `mean` and `scale` may be one number for all."""
        size = (task.observation.size,)
        return cls(
            task=TaskKey.of(task),
            layers=tuple((_double(weight), _double(bias)) for weight, bias in layers),
            activation=activation,
            mean=_double(np.broadcast_to(_double(mean), size)),
            scale=_double(np.broadcast_to(_double(scale), size)),
            head=head,
            provenance=dict(provenance or {}),
        )

    def free(self, observation: FloatArray) -> FloatArray:
        """The last layer's numbers, (episode, observation) -> (episode, action)."""
        activate = ACTIVATIONS[self.activation]
        x = (observation - self.mean) / self.scale
        for weight, bias in self.layers[:-1]:
            x = activate(x @ weight + bias)
        weight, bias = self.layers[-1]
        return x @ weight + bias

    def bind(self, task: Task[Any]) -> PolicyDecider:
        """The policy as a decider of `task`.

        Raises:
            InputError: if it was trained for another task, feeder, set of DERs or setting; names both sides.
        """
        self.task.require_same(TaskKey.of(task))
        return PolicyDecider(self, task)


@dataclass(frozen=True, eq=False)
class PolicyDecider:
    """A policy that acts on the task it was made for; a `Decider`."""

    policy: Policy
    task: Task[Any]

    def act(self, observation: FloatArray, state: Any = None) -> FloatArray:
        """Actions that can be carried out, (episode, observation) -> (episode, action).

        Raises:
            ShapeError: if the observation has another width.
        """
        del state
        if observation.ndim != 2 or observation.shape[1] != self.task.observation.size:
            raise ShapeError(
                f"Observation has shape {observation.shape}; expected (episode, {self.task.observation.size})."
            )
        free = self.policy.free(observation)
        return act_by(self.policy.head, self.task, observation, free)


def _double(values: ArrayLike) -> FloatArray:
    return np.ascontiguousarray(values, dtype=np.float64)


def _problems(policy: Policy) -> Iterable[str]:
    """One sentence for everything that does not fit."""
    if policy.activation not in ACTIVATIONS:
        yield f"activation '{policy.activation}' is not one of {', '.join(ACTIVATIONS)}"
    if policy.head not in HEADS:
        yield f"head '{policy.head}' is not one of {', '.join(HEADS)}"
    yield from _shape_problems(policy)
    arrays = {"mean": policy.mean, "scale": policy.scale}
    for k, (weight, bias) in enumerate(policy.layers):
        arrays |= {f"weight of layer {k}": weight, f"bias of layer {k}": bias}
    for name, array in arrays.items():
        if not np.isfinite(array).all():
            yield f"{name} holds a number that is not finite"
    if (policy.scale <= 0).any():
        yield "scale holds a number that is not above 0"
    for name, value in policy.provenance.items():
        if not isinstance(value, Plain) or (
            isinstance(value, float) and not math.isfinite(value)
        ):
            yield f"provenance '{name}' is no plain value (text, finite number, true or false, nothing)"


def _shape_problems(policy: Policy) -> Iterable[str]:
    width = len(policy.task.observation)
    for name, array in (("mean", policy.mean), ("scale", policy.scale)):
        if array.shape != (width,):
            yield f"{name} has shape {array.shape}, the task shows {width} numbers"
    for k, (weight, bias) in enumerate(policy.layers):
        is_matrix = weight.ndim == 2 and weight.shape[0] == width
        if not is_matrix or bias.shape != weight.shape[1:]:
            yield f"layer {k} has weight {weight.shape} and bias {bias.shape}, but {width} numbers enter it"
            return
        width = weight.shape[1]
    n_set = len(policy.task.action)
    if not policy.layers:
        yield f"the last layer gives no numbers, the task takes {n_set}"
    elif width != n_set:
        yield f"the last layer gives {width} numbers, the task takes {n_set}"
