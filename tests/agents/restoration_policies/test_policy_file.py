"""A policy in its file and back; what is refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tieline.agents.restoration_policies.policies import RestorationPolicy
from tieline.agents.restoration_policies.policy_file import (
    load_restoration_policy,
    save_restoration_policy,
)
from tieline.agents.restoration_policies.policy_key import PolicyKey
from tieline.errors import InputError

KEY = PolicyKey(
    island="island",
    steps=24,
    step_minutes=15,
    loads=("a", "b"),
    units=("droop", "turbine"),
    base="plan",
)


@pytest.fixture
def policy() -> RestorationPolicy:
    random = np.random.default_rng(0)
    layers = tuple((random.random((3, 3)), random.random(3)) for _ in range(2))
    return RestorationPolicy(KEY, layers, layers, {"seed": 4, "method": "cpo"})


def test_what_is_read_is_what_was_written(
    policy: RestorationPolicy, tmp_path: Path
) -> None:
    again = load_restoration_policy(save_restoration_policy(policy, tmp_path / "p"))
    assert again.key == policy.key
    assert again.provenance == policy.provenance
    for read, written in zip(again.mean, policy.mean, strict=True):
        np.testing.assert_array_equal(read[0], written[0].astype(np.float32))


def test_a_changed_file_is_refused_by_name(
    policy: RestorationPolicy, tmp_path: Path
) -> None:
    path = save_restoration_policy(policy, tmp_path / "p")
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(bytes(content))
    with pytest.raises(InputError, match="SHA-256"):
        load_restoration_policy(path)


def test_what_differs_is_named() -> None:
    asked = KEY.model_copy(update={"island": "other", "steps": 12, "loads": ("a", "c")})
    with pytest.raises(InputError) as refusal:
        KEY.require_same(asked)
    for word in ("island", "steps 24, asked 12", "loads of the island"):
        assert word in str(refusal.value)
