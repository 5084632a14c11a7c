"""Learning curves for TensorBoard: an event file per seed, from a table. Optional: needs the package `tensorboard`.

    FOLDER/seed-<seed>/events.out.tfevents...

Open with `tensorboard --logdir FOLDER`. The package is imported when this is called and not before.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterable
from importlib.util import find_spec
from pathlib import Path

import pandas as pd

from tieline.errors import InputError, MissingExtraError

KEYS = ("step", "seed")


def write_curves(table: pd.DataFrame, folder: str | Path) -> list[Path]:
    """Write learning curves.

    Args:
        table: columns `step` and `seed`, whole numbers, and one column of numbers per curve; empty cells (NaN) are left out.
        folder: where the runs go.

    Returns:
        The folder of each seed.

    Raises:
        MissingExtraError: if `tensorboard` is not installed.
        InputError: if the table does not fit, or a seed's folder is there already; nothing is written then.
    """
    if problems := _problems(table):
        raise InputError(
            f"The table of learning curves cannot be written: {'; '.join(problems)}."
        )
    targets = check_folder(folder, sorted(table["seed"].unique()))
    for seed, target in targets.items():
        of_seed = table[table["seed"] == seed]
        # TensorBoard draws points in the order of the file
        _write(of_seed.sort_values("step", kind="stable"), target)
    return list(targets.values())


def check_folder(folder: str | Path, seeds: Iterable[int]) -> dict[int, Path]:
    """The folder of each seed, before anything is trained.

    Raises:
        MissingExtraError: if `tensorboard` is not installed.
        InputError: if a seed's folder is there already, or cannot be made.
    """
    if find_spec("tensorboard") is None:
        raise _missing()
    _require_writable(Path(folder))
    targets = {seed: Path(folder) / f"seed-{seed}" for seed in seeds}
    existing = [str(target) for target in targets.values() if target.exists()]
    if existing:
        raise InputError(
            f"{', '.join(existing)} exists already; old and new curves would be drawn as one. Choose a new folder."
        )
    return targets


def _require_writable(folder: Path) -> None:
    """Raise `InputError` unless the folder is there or could be made, and could be written to."""
    # the folder itself need not be there yet: what matters is the nearest one that is
    candidates = (folder, *folder.absolute().parents)
    nearest = next(path for path in candidates if path.exists())
    if not nearest.is_dir() or not os.access(nearest, os.W_OK | os.X_OK):
        raise InputError(
            f"Folder '{folder}' for TensorBoard cannot be written: '{nearest}' is no folder that can. Choose another."
        )


def _missing() -> MissingExtraError:
    return MissingExtraError(
        "tensorboard", "tensorboard", "Writing learning curves for TensorBoard"
    )


def _problems(table: pd.DataFrame) -> list[str]:
    """What keeps the table from being written."""
    missing = [f"column '{name}' is missing" for name in KEYS if name not in table]
    no_whole = [
        name
        for name in KEYS
        if name in table and not pd.api.types.is_integer_dtype(table[name])
    ]
    no_number = [
        name
        for name in table
        if name not in KEYS and not pd.api.types.is_numeric_dtype(table[name])
    ]
    return [
        *missing,
        *(
            f"column '{name}' holds something else than whole numbers"
            for name in no_whole
        ),
        *(f"column '{name}' holds something else than numbers" for name in no_number),
    ]


def _write(rows: pd.DataFrame, folder: Path) -> None:
    """The event file of one seed."""
    try:
        from tensorboard.compat.proto.event_pb2 import Event  # type: ignore[attr-defined] - made by protobuf when imported
        from tensorboard.compat.proto.summary_pb2 import Summary  # type: ignore[attr-defined]
        from tensorboard.summary.writer.event_file_writer import EventFileWriter
    except ImportError:
        raise _missing() from None
    writer = EventFileWriter(str(folder))
    wall_time = time.time()
    curves = rows.set_index("step").drop(columns="seed")
    for step, row in zip(curves.index, curves.to_dict("records"), strict=True):
        values = [
            Summary.Value(tag=str(name), simple_value=float(value))
            for name, value in row.items()
            if pd.notna(value)
        ]
        writer.add_event(
            Event(step=int(step), wall_time=wall_time, summary=Summary(value=values))
        )
    writer.close()
