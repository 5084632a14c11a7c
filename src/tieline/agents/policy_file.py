"""Policies in sealed files (`sealed_file`).

scale, mean                       float64, (observation,)
weight.0, bias.0, weight.1, ...   float64, (in, out), (out,)
metadata "tieline_policy"         JSON: format, sha256, task, activation, head, provenance
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import numpy as np

from tieline.agents.policy import Plain, Policy
from tieline.agents.sealed_file import (
    SealedHeader,
    load_sealed,
    save_sealed,
    seal,
    unseal,
)
from tieline.agents.task_key import TaskKey
from tieline.errors import InputError
from tieline.typing import FloatArray

FORMAT = 1
KEY = "tieline_policy"


class _Header(SealedHeader):
    """The JSON of a policy file."""

    name: str
    feeder: str
    observation: list[str]
    action: list[str]
    signature: str
    activation: str
    head: str
    provenance: dict[str, Plain]


def save_policy(policy: Policy, path: str | Path) -> Path:
    """Write a policy; the file appears whole or not at all.

    Raises:
        InputError: if the file would be larger than `load_policy` accepts.
    """
    return save_sealed(to_bytes(policy), path)


def load_policy(path: str | Path) -> Policy:
    """Read a policy.

    Raises:
        InputError: if there is no such file, or it is too large, cut short, changed, of another format or not sound.
    """
    return load_sealed(path, from_bytes)


def to_bytes(policy: Policy) -> bytes:
    """The content of a policy file."""
    content = {
        **asdict(policy.task),
        "format": FORMAT,
        "activation": policy.activation,
        "head": policy.head,
        "provenance": dict(policy.provenance),
    }
    return seal(_arrays(policy), KEY, content)


def from_bytes(data: bytes) -> Policy:
    """A policy from the content of a file; raises `InputError`, which does not name the file."""
    header, arrays = unseal(data, KEY, _Header, FORMAT)
    task = TaskKey(
        name=header.name,
        feeder=header.feeder,
        observation=tuple(header.observation),
        action=tuple(header.action),
        signature=header.signature,
    )
    return Policy(
        task=task,
        layers=tuple(_layers(arrays)),
        activation=header.activation,
        mean=_array(arrays, "mean"),
        scale=_array(arrays, "scale"),
        head=header.head,
        provenance=header.provenance,
    )


def _arrays(policy: Policy) -> dict[str, FloatArray]:
    arrays = {"mean": policy.mean, "scale": policy.scale}
    for k, (weight, bias) in enumerate(policy.layers):
        arrays |= {f"weight.{k}": weight, f"bias.{k}": bias}
    return arrays


def _layers(arrays: dict[str, np.ndarray]) -> Iterator[tuple[FloatArray, FloatArray]]:
    """Layers in order; as many as the file has weights."""
    count = sum(name.startswith("weight.") for name in arrays)
    if len(arrays) != 2 + 2 * count:
        raise InputError(
            f"it holds {len(arrays)} arrays, {', '.join(sorted(arrays))}; expected mean, scale and pairs of weight.N, bias.N"
        )
    for k in range(count):
        yield _array(arrays, f"weight.{k}"), _array(arrays, f"bias.{k}")


def _array(arrays: dict[str, np.ndarray], name: str) -> FloatArray:
    if name not in arrays:
        raise InputError(f"it has no array '{name}'")
    if arrays[name].dtype != np.float64:
        raise InputError(f"array '{name}' is of {arrays[name].dtype}, expected float64")
    return arrays[name]
