"""Random damage of a folder of files, as disks, editors and scripts do it."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np

KINDS = (
    "cut",
    "flip",
    "delete",
    "replace",
    "empty",
    "swap",
    "folder",
    "link",
    "append",
)


def damage(folder: Path, rng: np.random.Generator) -> str:
    """Damage one file somewhere below a folder; says which and how."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    victim, other = files[rng.integers(len(files))], files[rng.integers(len(files))]
    kind = KINDS[rng.integers(len(KINDS))]
    sound = victim.read_bytes()
    if kind == "cut":
        victim.write_bytes(sound[: rng.integers(len(sound) + 1)])
    elif kind == "flip":
        victim.write_bytes(_flipped(sound, rng))
    elif kind == "delete":
        victim.unlink()
    elif kind == "replace":
        victim.write_bytes(rng.bytes(int(rng.integers(1, 1000))))
    elif kind == "empty":
        victim.write_bytes(b"")
    elif kind == "swap":
        victim.write_bytes(other.read_bytes())
    elif kind == "folder":
        victim.unlink()
        victim.mkdir()
    elif kind == "link":
        victim.unlink()
        victim.symlink_to("nowhere")
    else:
        victim.write_bytes(sound + b"\n")
    return f"{kind} {victim.relative_to(folder)} ({other.name})"


def _flipped(content: bytes, rng: np.random.Generator) -> bytes:
    """The content with one bit of one byte flipped."""
    if not content:
        return b"\x01"
    place = int(rng.integers(len(content)))
    return (
        content[:place]
        + bytes([content[place] ^ (1 << int(rng.integers(8)))])
        + content[place + 1 :]
    )


def copy_of(folder: Path, target: Path) -> Path:
    """A fresh copy of a folder in place of what is at `target`."""
    shutil.rmtree(target, ignore_errors=True)
    return Path(shutil.copytree(folder, target, symlinks=True))
