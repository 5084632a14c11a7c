"""A folder of policies as `tieline train` writes it: which of its files are read, and whether they are what was written.

    policy-seed0.safetensors, ...    policies, one a file
    curves.parquet                   how they learned
    result.json                      what was asked, how long it took, and the digests of the other files; sealed

A run that is given such a folder keeps a copy of these files and of no others, see `copies`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

import pandas as pd

from tieline.errors import InputError
from tieline.files import read_json, read_parquet
from tieline.own_files import OwnFiles

Policy = TypeVar("Policy")

SUFFIX = ".safetensors"
"""How the names of policy files end."""

CURVES = "curves.parquet"
RESULT = "result.json"


@dataclass(frozen=True, eq=False)
class Policies(Generic[Policy]):
    """What a file or a folder holds.

    Attributes:
        policies: in the order of their files.
        metrics: of their training; none if unknown.
        curves: how they learned; without rows if unknown.
    """

    policies: Sequence[Policy]
    metrics: dict[str, Any]
    curves: pd.DataFrame


def read_policies(
    place: Path, load: Callable[[Path], Policy], training: str
) -> Policies[Policy]:
    """The policies of a file, or of a folder as it was trained.

    Args:
        place: file or folder.
        load: reads a file.
        training: the command that writes such a folder, for messages.

    Raises:
        InputError: if there is none, or one cannot be used or is not as it was trained.
    """
    if not place.is_dir():
        return Policies((load(place),), {}, pd.DataFrame())
    files = sorted(place.glob(f"*{SUFFIX}"))
    if not files:
        raise InputError(
            f"Folder '{place}' holds no policy (*{SUFFIX}). Give one that `{training}` wrote, or a file."
        )
    require_as_trained(place)
    # policies may come without the run that they were trained in
    policies = [load(file) for file in files]
    return Policies(policies, _metrics_of(place), read_curves(place))


def read_curves(folder: Path, columns: Collection[str] = ()) -> pd.DataFrame:
    """How the policies of a folder learned; without rows if it is not written there.

    Args:
        folder: of policies.
        columns: that are needed.

    Raises:
        InputError: if the file is no table, or lacks one of the columns.
    """
    if not (folder / CURVES).is_file():
        return pd.DataFrame()
    try:
        curves = read_parquet(folder / CURVES)
    # what is no Parquet file is an error of pyarrow, which is a ValueError
    except (OSError, ValueError):
        raise _refusal(folder, [CURVES], "damaged") from None
    missing = [column for column in columns if column not in curves]
    if missing:
        raise _refusal(folder, [CURVES], f"without {', '.join(missing)}")
    return curves


def _metrics_of(folder: Path) -> dict[str, Any]:
    """What a training says of itself; nothing where its result.json is missing or says something else."""
    record = read_json(folder / RESULT) if (folder / RESULT).is_file() else {}
    metrics = record.get("metrics") if isinstance(record, dict) else None
    return metrics if isinstance(metrics, dict) else {}


def policy_files(folder: Path) -> list[Path]:
    """The files of a folder of policies that are read, as far as they are there."""
    policies = sorted(folder.glob(f"*{SUFFIX}"))
    files = [*policies, folder / CURVES, folder / RESULT]
    return [file for file in files if file.is_file()]


def require_as_trained(folder: Path) -> None:
    """Refuse policies that are not those of the training.

    Raises:
        InputError: naming what was changed, damaged or put among them since. A folder whose result.json lists no files, as that
            of an early version, is not judged; each policy file has a digest of its own.
    """
    content = None
    if (folder / RESULT).is_file():
        content = read_json(folder / RESULT)
    if not isinstance(content, dict) or "files" not in content:
        return
    training = OwnFiles(folder, RESULT)
    listed = training.read_list()
    if listed is None:
        raise _refusal(folder, [RESULT], "changed or damaged")
    names = [file.name for file in policy_files(folder) if file.name != RESULT]
    added = [name for name in names if name not in listed["files"]]
    if added:
        raise _refusal(folder, added, "not of this training")
    changed = [name for name in training.changed(listed) if _is_read(name)]
    if changed:
        raise _refusal(folder, changed, "changed, damaged or missing")


def _is_read(name: str) -> bool:
    return name == CURVES or ("/" not in name and name.endswith(SUFFIX))


def _refusal(folder: Path, names: list[str], why: str) -> InputError:
    return InputError(
        f"The policies of folder '{folder}' are not as they were trained: {', '.join(names)} {why}. Give a policy file, take a "
        "fresh copy, or train again."
    )
