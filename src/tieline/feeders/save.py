"""`save_feeder`: a feeder in any format that can be written, told by the name of the target."""

from __future__ import annotations

from pathlib import Path

from tieline.errors import InputError, reason_of
from tieline.feeders.feeder import Feeder
from tieline.feeders.tables import save_tables
from tieline.files import write_file

FILES_OF_OTHERS = frozenset(
    (".txt", ".csv", ".xlsx", ".m", ".mat", ".toml", ".xml", ".zip")
)
"""Endings of files that people ask a feeder to be written to, or that it is read from, and that tieline does not write."""


def save_feeder(feeder: Feeder, target: Path) -> None:
    """Write a feeder.

    Args:
        feeder: checked.
        target: `.dss` becomes an OpenDSS script, `.json` a data set of power-grid-model, a name without an ending a folder
            of tables.

    Raises:
        InputError: if the target exists, cannot be written, or ends like a file that no feeder is written to.
        FeederError: if the format cannot say something of the feeder; lists all of it.
    """
    _refuse_other_files(target)
    text = _text(feeder, target.suffix.lower())
    if text is None:
        save_tables(feeder, target)
        return
    if target.exists():
        raise InputError(f"'{target}' exists. Choose another name or remove it.")
    try:
        write_file(target, text)
    except OSError as error:
        raise InputError(
            f"'{target}' cannot be written ({reason_of(error)}). Choose another place."
        ) from None


def _refuse_other_files(target: Path) -> None:
    """A folder named like a file of text or tables would surprise; other dots are part of a name."""
    if target.suffix.lower() in FILES_OF_OTHERS:
        raise InputError(
            f"'{target}' ends in {target.suffix}, to which no feeder is written. End it in .dss (OpenDSS) or .json "
            "(power-grid-model), or give a folder's name without an ending for tables."
        )


def _text(feeder: Feeder, suffix: str) -> str | None:
    """The file's content; None for a folder of tables."""
    # writers are imported where they are asked for, as readers are
    if suffix == ".dss":
        from tieline.feeders.opendss.writer import opendss_script

        return opendss_script(feeder)
    if suffix == ".json":
        from tieline.feeders.power_grid_model import data_set

        return data_set(feeder)
    return None
