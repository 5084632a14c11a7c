"""Policy files: what is read is what was written, and nothing else is read."""

from __future__ import annotations

import json
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import safetensors.numpy

from tieline.agents.policy import Policy
from tieline.agents.policy_file import KEY, load_policy, save_policy, to_bytes
from tieline.agents.sealed_file import MAX_FILE_BYTES
from tieline.envs import make_task
from tieline.errors import InputError


@pytest.fixture(scope="module")
def policy() -> Policy:
    random = np.random.default_rng(2)
    layers = [
        (random.normal(size=(9, 3)), random.normal(size=3)),
        (random.normal(size=(3, 4)), random.normal(size=4)),
    ]
    provenance = {
        "algorithm": "ddpg",
        "seed": 3,
        "train_s": 1.5,
        "machine": "Müller's",
        "command": 'train "sha256": "0"',
        "n": None,
    }
    return Policy.of(
        make_task("reserve"),
        layers,
        mean=random.normal(size=9),
        scale=np.pi,
        provenance=provenance,
    )


def refused(path: Path, content: bytes) -> str:
    """The message for a file with that content."""
    path.write_bytes(content)
    with pytest.raises(InputError) as caught:
        load_policy(path)
    assert str(path) in str(caught.value)
    return str(caught.value)


def with_header(policy: Policy, **changes: Any) -> bytes:
    """The file with some of its description changed; its digest no longer holds."""
    data = to_bytes(policy)
    size = int.from_bytes(data[:8], "little")
    content = json.loads(json.loads(data[8 : 8 + size])["__metadata__"][KEY]) | changes
    return safetensors.numpy.save(
        safetensors.numpy.load(data), {KEY: json.dumps(content)}
    )


def test_saved_and_loaded_bit_for_bit(policy: Policy, tmp_path: Path) -> None:
    path = save_policy(policy, tmp_path / "deep" / "p.safetensors")
    read = load_policy(path)
    for mine, theirs in zip(policy.layers, read.layers, strict=True):
        assert [array.tobytes() for array in mine] == [
            array.tobytes() for array in theirs
        ]
    assert (read.mean.tobytes(), read.scale.tobytes()) == (
        policy.mean.tobytes(),
        policy.scale.tobytes(),
    )
    assert (read.task, read.activation, read.head) == (
        policy.task,
        policy.activation,
        policy.head,
    )
    assert read.provenance == policy.provenance
    assert to_bytes(read) == path.read_bytes()
    assert [file.name for file in path.parent.iterdir()] == [path.name]


def test_every_byte_counts(policy: Policy, tmp_path: Path) -> None:
    data = to_bytes(policy)
    for k in range(len(data)):
        refused(
            tmp_path / "p", data[:k] + bytes([data[k] ^ (1 << k % 8)]) + data[k + 1 :]
        )


def test_every_cut_is_seen(policy: Policy, tmp_path: Path) -> None:
    data = to_bytes(policy)
    for k in (
        0,
        1,
        7,
        8,
        9,
        100,
        int.from_bytes(data[:8], "little") + 8,
        len(data) // 2,
        len(data) - 1,
    ):
        refused(tmp_path / "p", data[:k])
    refused(tmp_path / "p", data + b"\0")


def test_a_changed_weight_is_named(policy: Policy, tmp_path: Path) -> None:
    data = bytearray(to_bytes(policy))
    data[-1] ^= 1
    assert "does not agree with its SHA-256" in refused(tmp_path / "p", bytes(data))


class _Trap:
    """Would leave a mark if it were unpickled."""

    def __init__(self, mark: Path):
        self.mark = mark

    def __reduce__(self) -> Any:
        return Path.touch, (self.mark,)


def test_other_formats(policy: Policy, tmp_path: Path) -> None:
    mark = tmp_path / "executed"
    assert "no safetensors file" in refused(tmp_path / "p", pickle.dumps(_Trap(mark)))
    assert not mark.exists()
    np.savez(tmp_path / "x.npz", a=np.ones(3))
    assert "no safetensors file" in refused(
        tmp_path / "p", (tmp_path / "x.npz").read_bytes()
    )
    assert "something else than a policy" in refused(
        tmp_path / "p", safetensors.numpy.save({"a": np.ones(2)})
    )
    assert "something else than a policy" in refused(
        tmp_path / "p", safetensors.numpy.save({"a": np.ones(2)}, {"format": "pt"})
    )
    assert "not valid (JSON)" in refused(
        tmp_path / "p", safetensors.numpy.save({"a": np.ones(2)}, {KEY: "{"})
    )
    with pytest.raises(InputError, match="no policy file"):
        load_policy(tmp_path)


def test_sizes_are_limited(policy: Policy, tmp_path: Path) -> None:
    huge = (2**21).to_bytes(8, "little") + b"{" + b" " * 2**21
    assert "header has 2097152 bytes" in refused(tmp_path / "p", huge)
    assert "no safetensors file" in refused(
        tmp_path / "p", (2**62).to_bytes(8, "little") + b"{" * 100
    )
    assert "not valid" in refused(
        tmp_path / "p", safetensors.numpy.save({"a": np.ones(2)}, {KEY: "[" * 100_000})
    )
    with (tmp_path / "p").open("wb") as file:
        file.truncate(MAX_FILE_BYTES + 1)
    with pytest.raises(InputError, match=f"has {MAX_FILE_BYTES + 1} bytes"):
        load_policy(tmp_path / "p")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"format": 2}, "format 2; this version of tieline reads format 1"),
        ({"activation": "tanh"}, "SHA-256"),
        ({"extra": 1}, "not valid (extra)"),
        ({"provenance": {"seed": [1]}}, "not valid (provenance.seed"),
        ({"name": 3}, "not valid (name)"),
    ],
)
def test_changed_descriptions(
    policy: Policy, tmp_path: Path, changes: dict[str, Any], message: str
) -> None:
    assert message in refused(tmp_path / "p", with_header(policy, **changes))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            lambda arrays: {**arrays, "mean": arrays["mean"].astype(np.float32)},
            "'mean' is of float32",
        ),
        (
            lambda arrays: {
                name: array for name, array in arrays.items() if name != "bias.1"
            },
            "holds 5 arrays",
        ),
        (
            lambda arrays: {
                **{k: v for k, v in arrays.items() if k != "scale"},
                "other": np.ones(2),
            },
            "no array 'scale'",
        ),
        (
            lambda arrays: {**arrays, "weight.0": arrays["weight.0"][:5].copy()},
            "layer 0 has weight (5, 3)",
        ),
        (
            lambda arrays: {**arrays, "bias.0": np.full(3, np.inf)},
            "bias of layer 0 holds a number that is not finite",
        ),
    ],
)
def test_wrong_arrays_with_a_right_digest(
    policy: Policy,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    change: Any,
    message: str,
) -> None:
    """Files that were written so: the digest holds, the arrays do not fit."""
    arrays = change(safetensors.numpy.load(to_bytes(policy)))
    monkeypatch.setattr("tieline.agents.policy_file._arrays", lambda _: arrays)
    assert message in refused(tmp_path / "p", to_bytes(policy))
