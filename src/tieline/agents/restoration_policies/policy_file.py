"""A policy that restores an island's load, in a sealed file (`agents.sealed_file`).

mean.weight.K, mean.bias.K            float32: layer K of the mean network
spread.weight.K, spread.bias.K        the same of the spread
metadata "tieline_restoration_policy" JSON: format, sha256, key, provenance
"""

from __future__ import annotations

from pathlib import Path

from tieline.agents.policy import Plain
from tieline.agents.restoration_policies.policies import RestorationPolicy
from tieline.agents.restoration_policies.policy_key import PolicyKey
from tieline.agents.sealed_file import (
    SealedHeader,
    load_sealed,
    save_sealed,
    seal,
    unseal,
)
from tieline.agents.sealed_layers import layer_arrays, layers_of, require_no_others

FORMAT = 1
KEY = "tieline_restoration_policy"


class _Header(SealedHeader):
    """The JSON of the file."""

    key: PolicyKey
    provenance: dict[str, Plain]


def save_restoration_policy(policy: RestorationPolicy, path: str | Path) -> Path:
    """Write a policy; the file appears whole or not at all."""
    return save_sealed(to_bytes(policy), path)


def load_restoration_policy(path: str | Path) -> RestorationPolicy:
    """Read a policy.

    Raises:
        InputError: if there is no such file, or it is too large, cut short, changed, of another kind or not sound.
    """
    return load_sealed(path, from_bytes)


def to_bytes(policy: RestorationPolicy) -> bytes:
    """The content of a file."""
    content = {
        "format": FORMAT,
        "key": policy.key.model_dump(mode="json"),
        "provenance": dict(policy.provenance),
    }
    arrays = layer_arrays("mean", policy.mean) | layer_arrays("spread", policy.spread)
    return seal(arrays, KEY, content)


def from_bytes(data: bytes) -> RestorationPolicy:
    """A policy from the content of a file; raises `InputError`, which does not name the file."""
    header, arrays = unseal(data, KEY, _Header, FORMAT)
    mean = layers_of(arrays, "mean")
    spread = layers_of(arrays, "spread")
    require_no_others(arrays, [mean, spread])
    return RestorationPolicy(
        key=header.key,
        mean=mean,
        spread=spread,
        provenance=header.provenance,
    )
