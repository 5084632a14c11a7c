"""Policies of all microgrids of a feeder in one sealed file (`agents.sealed_file`).

agent.N.mean.weight.K, agent.N.mean.bias.K        float32: layer K of the mean network of agent N
agent.N.spread.weight.K, agent.N.spread.bias.K    the same of the spread
metadata "tieline_window_policies"                JSON: format, sha256, key, provenance
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from tieline.agents.policy import Plain
from tieline.agents.sealed_file import (
    SealedHeader,
    load_sealed,
    save_sealed,
    seal,
    unseal,
)
from tieline.agents.sealed_layers import layer_arrays, layers_of, require_no_others
from tieline.agents.window_policies.policies import WindowPolicies
from tieline.agents.window_policies.policy_key import PolicyKey

FORMAT = 1
KEY = "tieline_window_policies"


class _Header(SealedHeader):
    """The JSON of the file."""

    key: PolicyKey
    provenance: dict[str, Plain]


def save_window_policies(policies: WindowPolicies, path: str | Path) -> Path:
    """Write policies; the file appears whole or not at all."""
    return save_sealed(to_bytes(policies), path)


def load_window_policies(path: str | Path) -> WindowPolicies:
    """Read policies.

    Raises:
        InputError: if there is no such file, or it is too large, cut short, changed, of another kind or not sound.
    """
    return load_sealed(path, from_bytes)


def to_bytes(policies: WindowPolicies) -> bytes:
    """The content of a file."""
    content = {
        "format": FORMAT,
        "key": policies.key.model_dump(mode="json"),
        "provenance": dict(policies.provenance),
    }
    return seal(_arrays(policies), KEY, content)


def from_bytes(data: bytes) -> WindowPolicies:
    """Policies from the content of a file; raises `InputError`, which does not name the file."""
    header, arrays = unseal(data, KEY, _Header, FORMAT)
    count = len(header.key.microgrids)
    means = tuple(layers_of(arrays, f"agent.{n}.mean") for n in range(count))
    spreads = tuple(layers_of(arrays, f"agent.{n}.spread") for n in range(count))
    require_no_others(arrays, (*means, *spreads))
    return WindowPolicies(
        key=header.key,
        means=means,
        spreads=spreads,
        provenance=header.provenance,
    )


def _arrays(policies: WindowPolicies) -> dict[str, np.ndarray]:
    arrays: dict[str, np.ndarray] = {}
    for n, layers in enumerate(policies.means):
        arrays |= layer_arrays(f"agent.{n}.mean", layers)
    for n, layers in enumerate(policies.spreads):
        arrays |= layer_arrays(f"agent.{n}.spread", layers)
    return arrays
