"""Policies of all regions of a feeder in one sealed file (`agents.sealed_file`).

region.R.weight.K, region.R.bias.K     float32, (agent, in, out), (agent, out): layer K of the actors of region R
metadata "tieline_choice_policies"     JSON: format, sha256, feeder, tokens, features, regions, provenance
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from tieline.agents.leader_follower.chooser import ChoicePolicies
from tieline.agents.leader_follower.policy import ChoicePolicy
from tieline.agents.leader_follower.region_key import RegionKey
from tieline.agents.policy import Plain
from tieline.agents.sealed_file import (
    SealedHeader,
    SealedPart,
    load_sealed,
    save_sealed,
    seal,
    unseal,
)
from tieline.agents.sealed_layers import layer_arrays, layers_of
from tieline.errors import InputError

FORMAT = 1
KEY = "tieline_choice_policies"


class _Region(SealedPart):
    """A region of the file."""

    buses: list[str]
    ders: list[str]
    rated_kw: list[float]


class _Header(SealedHeader):
    """The JSON of the file."""

    feeder: str
    tokens: list[str]
    features: list[str]
    regions: list[_Region]
    provenance: dict[str, Plain]


def save_choice_policies(policies: Sequence[ChoicePolicy], path: str | Path) -> Path:
    """Write the policies of a feeder's regions; the file appears whole or not at all."""
    return save_sealed(to_bytes(policies), path)


def load_choice_policies(path: str | Path) -> ChoicePolicies:
    """Read policies.

    Raises:
        InputError: if there is no such file, or it is too large, cut short, changed, of another kind or not sound.
    """
    return load_sealed(path, from_bytes)


def to_bytes(policies: Sequence[ChoicePolicy]) -> bytes:
    """The content of a file."""
    key = policies[0].key
    regions = [
        {
            "buses": list(policy.key.buses),
            "ders": list(policy.key.ders),
            "rated_kw": list(policy.key.rated_kw),
        }
        for policy in policies
    ]
    content = {
        "format": FORMAT,
        "feeder": key.feeder,
        "tokens": list(key.tokens),
        "features": list(key.features),
        "regions": regions,
        "provenance": dict(policies[0].provenance),
    }
    return seal(_arrays(policies), KEY, content)


def from_bytes(data: bytes) -> ChoicePolicies:
    """Policies from the content of a file; raises `InputError`, which does not name the file."""
    header, arrays = unseal(data, KEY, _Header, FORMAT)
    policies = []
    for number, region in enumerate(header.regions):
        key = RegionKey(
            feeder=header.feeder,
            buses=tuple(region.buses),
            ders=tuple(region.ders),
            rated_kw=tuple(region.rated_kw),
            tokens=tuple(header.tokens),
            features=tuple(header.features),
        )
        layers = layers_of(arrays, _name(number))
        policies.append(ChoicePolicy(key, layers, header.provenance))
    used = sum(2 * len(policy.layers) for policy in policies)
    if used != len(arrays):
        raise InputError(
            f"it holds {len(arrays)} arrays for {len(policies)} regions; expected pairs of region.R.weight.K and region.R.bias.K"
        )
    return ChoicePolicies(tuple(policies))


def _arrays(policies: Sequence[ChoicePolicy]) -> dict[str, np.ndarray]:
    arrays: dict[str, np.ndarray] = {}
    for number, policy in enumerate(policies):
        arrays |= layer_arrays(_name(number), policy.layers)
    return arrays


def _name(number: int) -> str:
    """Of the actors of a region."""
    return f"region.{number}"
