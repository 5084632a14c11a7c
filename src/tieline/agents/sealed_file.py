"""Sealed files: arrays with a description, in the safetensors format, which holds nothing that could be executed.

    arrays                  by name
    metadata "<key>"        JSON: format, sha256, and what the kind of file describes itself with

`sha256` is that of the whole file with the 64 digits of `sha256` itself put to 0: a file that is cut short, changed or of another
kind is refused by name. It guards against accidents; who can write the file can also write the digest. Sizes are limited before
anything is read into memory.

The format: https://github.com/huggingface/safetensors (8 bytes of header length, JSON header, arrays).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import safetensors.numpy
from pydantic import BaseModel, ConfigDict, ValidationError
from safetensors import SafetensorError

from tieline.errors import InputError
from tieline.files import write_file

NO_DIGEST = "0" * 64

MAX_FILE_BYTES = 64 * 2**20
"""Eight million weights, a hundred times the largest policy that is trained here."""

MAX_HEADER_BYTES = 2**20
"""Names of some ten thousand entries; the format itself would allow a hundred times as much."""


class SealedPart(BaseModel):
    """A part of the JSON of a sealed file: nothing unknown, of another type or infinite is read."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", strict=True, allow_inf_nan=False
    )


class SealedHeader(SealedPart):
    """The JSON of a sealed file; each kind adds its own fields."""

    format: int
    sha256: str


Header = TypeVar("Header", bound=SealedHeader)
Content = TypeVar("Content")


def seal(
    arrays: Mapping[str, np.ndarray], key: str, content: Mapping[str, Any]
) -> bytes:
    """The bytes of a file; `content` is all of its header but the digest."""
    unsealed = {**content, "sha256": NO_DIGEST}
    header = {key: json.dumps(unsealed, sort_keys=True, allow_nan=False)}
    data = safetensors.numpy.save(dict(arrays), header)
    return data.replace(
        _field(NO_DIGEST),
        _field(hashlib.sha256(data).hexdigest()),
        1,
    )


def unseal(
    data: bytes, key: str, kind: type[Header], file_format: int
) -> tuple[Header, dict[str, np.ndarray]]:
    """Header and arrays of a file; raises `InputError`, which does not name the file."""
    header = kind.model_validate_json(_description(data, key))
    if header.format != file_format:
        raise InputError(
            f"it has format {header.format}; this version of tieline reads format {file_format}"
        )
    # the digest is that of the file before it was written into it
    original = data.replace(_field(header.sha256), _field(NO_DIGEST), 1)
    if hashlib.sha256(original).hexdigest() != header.sha256:
        raise InputError(
            "its content does not agree with its SHA-256: it was changed or damaged"
        )
    return header, safetensors.numpy.load(data)


def save_sealed(data: bytes, path: str | Path) -> Path:
    """Write a file; it appears whole or not at all.

    Raises:
        InputError: if it would be larger than `load_sealed` accepts.
    """
    if len(data) > MAX_FILE_BYTES:
        raise InputError(
            f"The policy takes {len(data)} bytes; at most {MAX_FILE_BYTES} are read back. Make its layers smaller."
        )
    target = Path(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    write_file(target, data)
    return target


def load_sealed(path: str | Path, from_bytes: Callable[[bytes], Content]) -> Content:
    """What a file holds, by the reader of its kind.

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


def _description(data: bytes, key: str) -> str:
    """The JSON under `key` of a file whose format is right."""
    size = int.from_bytes(data[:8], "little")
    if len(data) < 8 or not 2 <= size <= len(data) - 8 or data[8:9] != b"{":
        raise InputError("it is no safetensors file, or it was cut short")
    if size > MAX_HEADER_BYTES:
        raise InputError(
            f"its header has {size} bytes; that of a policy has at most {MAX_HEADER_BYTES}"
        )
    metadata = _json(data[8 : 8 + size]).get("__metadata__")
    text = metadata.get(key) if isinstance(metadata, dict) else None
    if not isinstance(text, str):
        raise InputError(
            "it is a safetensors file, but of something else than a policy"
        )
    return text


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
