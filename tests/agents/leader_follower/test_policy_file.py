"""Files of choice policies: what is read is what was written, and nothing else is read."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from knapsack_region import KnapsackRegion
from tieline.agents.leader_follower.policy import ChoicePolicy
from tieline.agents.leader_follower.policy_file import (
    load_choice_policies,
    save_choice_policies,
    to_bytes,
)
from tieline.agents.policy import Policy
from tieline.agents.policy_file import save_policy
from tieline.envs import make_task
from tieline.errors import InputError


def policy(n_ders: int, seed: int) -> ChoicePolicy:
    """Random weights that float32 holds exactly."""
    random = np.random.default_rng(seed)

    def draw(*shape: int) -> np.ndarray:
        return random.normal(size=shape).astype(np.float32).astype(float)

    layers = ((draw(3, 4, 8), draw(3, 8)), (draw(3, 8, 1), draw(3, 1)))
    return ChoicePolicy(KnapsackRegion(n_ders).key, layers, {"seed": 3, "games": 10})


POLICIES = (policy(5, 0), policy(6, 1))


def refused(path: Path, content: bytes) -> str:
    """The message for a file with that content."""
    path.write_bytes(content)
    with pytest.raises(InputError) as caught:
        load_choice_policies(path)
    assert str(path) in str(caught.value)
    return str(caught.value)


def test_saved_and_loaded_bit_for_bit(tmp_path: Path) -> None:
    path = save_choice_policies(POLICIES, tmp_path / "deep" / "p.safetensors")
    read = load_choice_policies(path).policies
    for policy, again in zip(POLICIES, read, strict=True):
        assert again.key == policy.key
        assert again.provenance == policy.provenance
        for layer, layer_again in zip(policy.layers, again.layers, strict=True):
            assert [array.tobytes() for array in layer] == [
                array.tobytes() for array in layer_again
            ]
    assert to_bytes(read) == path.read_bytes()


def test_every_tenth_byte_counts(tmp_path: Path) -> None:
    data = to_bytes(POLICIES)
    for k in range(0, len(data), 10):
        flipped = bytes([data[k] ^ (1 << k % 8)])
        refused(tmp_path / "p", data[:k] + flipped + data[k + 1 :])


def test_every_cut_is_seen(tmp_path: Path) -> None:
    data = to_bytes(POLICIES)
    for size in (0, 7, 8, 100, len(data) // 2, len(data) - 1):
        refused(tmp_path / "p", data[:size])


def test_a_policy_of_another_kind_is_refused(tmp_path: Path) -> None:
    layer = (np.zeros((9, 4)), np.zeros(4))
    other = Policy.of(make_task("reserve"), [layer])
    path = save_policy(other, tmp_path / "p.safetensors")
    assert "something else than a policy" in refused(path, path.read_bytes())


def test_a_policy_that_is_not_sound_is_refused() -> None:
    layers = (
        (np.zeros((3, 4, 8)), np.zeros((3, 8))),
        (np.zeros((3, 7, 1)), np.zeros((3, 1))),
    )
    with pytest.raises(InputError, match=r"layer 1 has weight \(3, 7, 1\)"):
        ChoicePolicy(KnapsackRegion().key, layers)
