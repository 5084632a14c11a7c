"""Policies in files: the safetensors format, which holds arrays and text and nothing that could be executed.

    scale, mean                       float64, (observation,)
    weight.0, bias.0, weight.1, ...   float64, (in, out), (out,)
    metadata "tieline_policy"         JSON: format, sha256, task, activation, head, provenance

`sha256` is that of the whole file with the 64 digits of `sha256` itself put to 0: a file that is cut short, changed or of another
kind is refused by name. It guards against accidents; who can write the file can also write the digest. Sizes are limited before
anything is read into memory.

The format: https://github.com/huggingface/safetensors (8 bytes of header length, JSON header, arrays).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import safetensors.numpy
from pydantic import BaseModel, ConfigDict, ValidationError
from safetensors import SafetensorError

from tieline.agents.policy import Plain, Policy
from tieline.agents.task_key import TaskKey
from tieline.errors import InputError
from tieline.files import write_file
from tieline.typing import FloatArray

FORMAT = 1
KEY = "tieline_policy"
NO_DIGEST = "0" * 64

MAX_FILE_BYTES = 64 * 2**20
"""Eight million weights, a hundred times the largest policy that is trained here."""

MAX_HEADER_BYTES = 2**20
"""Names of some ten thousand entries; the format itself would allow a hundred times as much."""


class _Header(BaseModel):
    """The JSON of a policy file."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", strict=True, allow_inf_nan=False
    )

    format: int
    sha256: str
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
    data = to_bytes(policy)
    if len(data) > MAX_FILE_BYTES:
        raise InputError(
            f"The policy takes {len(data)} bytes; at most {MAX_FILE_BYTES} are read back. Make its layers smaller."
        )
    target = Path(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    write_file(target, data)
    return target


def load_policy(path: str | Path) -> Policy:
    """Read a policy.

    Raises:
        InputError: if there is no such file, or it is too large, cut short, changed, of another format or not sound.
    """
    file = Path(path)
    if not file.is_file():
        raise InputError(
            f"There is no policy file '{file}'. Check the path, or train a policy first."
        )
    size = file.stat().st_size
    if size > MAX_FILE_BYTES:
        raise _refusal(
            file, f"it has {size} bytes; a policy has at most {MAX_FILE_BYTES}"
        )
    with _named(file):
        return from_bytes(file.read_bytes())


def to_bytes(policy: Policy) -> bytes:
    """The content of a policy file."""
    content = {
        **asdict(policy.task),
        "format": FORMAT,
        "sha256": NO_DIGEST,
        "activation": policy.activation,
        "head": policy.head,
        "provenance": dict(policy.provenance),
    }
    header = {KEY: json.dumps(content, sort_keys=True, allow_nan=False)}
    data = safetensors.numpy.save(_arrays(policy), header)
    return data.replace(_field(NO_DIGEST), _field(hashlib.sha256(data).hexdigest()), 1)


def from_bytes(data: bytes) -> Policy:
    """A policy from the content of a file; raises `InputError`, which does not name the file."""
    header = _header(data)
    if header.format != FORMAT:
        raise InputError(
            f"it has format {header.format}; this version of tieline reads format {FORMAT}"
        )
    # the digest is that of the file before it was written into it
    original = data.replace(_field(header.sha256), _field(NO_DIGEST), 1)
    if hashlib.sha256(original).hexdigest() != header.sha256:
        raise InputError(
            "its content does not agree with its SHA-256: it was changed or damaged"
        )
    arrays = safetensors.numpy.load(data)
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


def _header(data: bytes) -> _Header:
    """The header of a file whose format is right."""
    size = int.from_bytes(data[:8], "little")
    if len(data) < 8 or not 2 <= size <= len(data) - 8 or data[8:9] != b"{":
        raise InputError("it is no safetensors file, or it was cut short")
    if size > MAX_HEADER_BYTES:
        raise InputError(
            f"its header has {size} bytes; that of a policy has at most {MAX_HEADER_BYTES}"
        )
    metadata = _json(data[8 : 8 + size]).get("__metadata__")
    text = metadata.get(KEY) if isinstance(metadata, dict) else None
    if not isinstance(text, str):
        raise InputError(
            "it is a safetensors file, but of something else than a policy"
        )
    return _Header.model_validate_json(text)


def _json(text: bytes) -> dict[str, Any]:
    content = json.loads(text.decode("utf-8"))
    return content if isinstance(content, dict) else {}


def _field(digest: str) -> bytes:
    """The digest as it stands in the file: JSON inside of JSON, with its quotes escaped."""
    return rf"\"sha256\": \"{digest}\"".encode()


@contextmanager
def _named(file: Path) -> Iterator[None]:
    """Whatever is wrong with the content becomes one `InputError` that names the file."""
    try:
        yield
    except ValidationError as error:
        places = [
            ".".join(map(str, problem["loc"])) or "JSON" for problem in error.errors()
        ]
        raise _refusal(
            file, f"its description is not valid ({', '.join(places)})"
        ) from None
    except (json.JSONDecodeError, UnicodeDecodeError, RecursionError):
        raise _refusal(file, "its header is no JSON that can be read") from None
    except (SafetensorError, ValueError, InputError) as error:
        raise _refusal(file, str(error).rstrip(".")) from None


def _refusal(file: Path, why: str) -> InputError:
    return InputError(
        f"'{file}' cannot be used as a policy: {why}. Take a fresh copy, or train the policy anew."
    )
