"""Files that appear whole or not at all, and marks that say whether their content is still what was written.

A single file is written under another name beside its place and then renamed into it, which a file system does in one step. What
a text says of itself is sealed: its SHA-256 stands in it and no longer fits once the file is cut, changed or replaced. A seal
guards against accidents; who can write the file can also write the seal.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tieline.errors import InputError, reason_of

if TYPE_CHECKING:
    import pandas as pd

SCRATCH = ".tieline-"
"""How the names of files and folders begin that are being written."""

SEAL = "sha256"
"""Entry of a sealed text that holds the SHA-256 of all other entries."""


def write_file(path: Path, content: str | bytes) -> None:
    """Write one file, whole or not at all; what a link points to is replaced, not the link.

    Raises:
        OSError: if it cannot be written; an earlier file of that name is then as it was.
    """
    target = Path(os.path.realpath(path))
    scratch = target.with_name(f"{SCRATCH}{secrets.token_hex(6)}")
    try:
        scratch.write_bytes(
            content.encode("utf-8") if isinstance(content, str) else content
        )
        if target.exists():
            shutil.copymode(target, scratch)
        scratch.replace(target)
    except BaseException:
        scratch.unlink(missing_ok=True)
        raise


def require_writable(path: Path, flag: str) -> None:
    """Refuse, before any work is done, a file that could not be written.

    Args:
        path: the file.
        flag: what the user gave it with, such as "--out".

    Raises:
        InputError: if it is a folder or a device, its folder does not exist, or nothing can be written there.
    """
    try:
        if path.exists() and not path.is_file():
            raise InputError(
                f"'{path}' is no ordinary file. Give the name of a file with {flag}."
            )
        probe = Path(os.path.realpath(path)).with_name(
            f"{SCRATCH}{secrets.token_hex(6)}"
        )
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise InputError(
            f"'{path}' cannot be written ({reason_of(error)}). Choose another place with {flag}."
        ) from None


def sha256_of(path: Path) -> str:
    """Digest of a file's content; empty for what is no ordinary file."""
    if path.is_symlink() or not path.is_file():
        return ""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def sealed(content: dict[str, Any]) -> str:
    """JSON text of a dictionary with its own digest as last entry."""
    return json.dumps({**content, SEAL: digest_of(content)}, indent=2) + "\n"


def read_sealed(path: Path) -> dict[str, Any] | None:
    """What `sealed` was given; None if the text is not what it made.

    Raises:
        OSError: if there is no such file, or it cannot be read.
    """
    content = read_json(path)
    if not isinstance(content, dict) or SEAL not in content:
        return None
    seal = content.pop(SEAL)
    if seal == digest_of(content):
        return content
    return None


def read_json(path: Path) -> Any:
    """Content of a JSON file; None if it is none, or nested deeper than can be read."""
    try:
        return json.loads(path.read_bytes())
    except (ValueError, RecursionError):
        return None


def digest_of(content: dict[str, Any]) -> str:
    """SHA-256 of a dictionary of plain values, whatever the order of its entries."""
    text = json.dumps(content, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def read_parquet(path: Path) -> pd.DataFrame:
    """A table of a Parquet file, read in this thread: readers of pyarrow's own, still busy at the end of a process, abort it."""
    import pandas as pd

    return pd.read_parquet(path, use_threads=False)
