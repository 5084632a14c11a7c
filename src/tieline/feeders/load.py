"""`load_feeder`: a feeder by name or path, whatever its format, checked before anybody solves it."""

from __future__ import annotations

from pathlib import Path

from tieline.errors import InputError, unknown_name_message
from tieline.feeders.feeder import Feeder
from tieline.feeders.library import ALIASES, library_names, load_bundled
from tieline.feeders.problems import require_sound
from tieline.feeders.shipped import (
    EXAMPLES,
    is_shipped,
    matching_names,
    read_shipped,
)
from tieline.feeders.table_columns import FEEDER_FILE

KINDS = (
    "OpenDSS (.dss), MATPOWER (.m), pandapower or power-grid-model (.json), a composition (.toml) "
    f"or a folder of tieline tables. Or the name of a feeder of another package, as {EXAMPLES}"
)

FEEDER_SUFFIXES = {".dss", ".m", ".json", ".toml"}
"""Of files that hold a feeder, or its beginning."""

MOST_NAMES = 4
"""Files of a folder that a message names."""


def load_feeder(name_or_path: str | Path) -> Feeder:
    """A feeder that can be used.

    Args:
        name_or_path: a bundled feeder (`library_names()`), or the path of an OpenDSS, MATPOWER, pandapower or power-grid-model
            file, of a composition (`compose`) or of a folder of tables, or the name of a feeder of another package (`shipped`).

    Returns:
        The feeder; what its reader approximated and what looks odd stands in `notes`.

    Raises:
        InputError: if there is no such feeder or file.
        FeederError: if the feeder has errors; lists all of them.
        MissingExtraError: if the format needs a package that is not installed.
    """
    return require_sound(_read(str(name_or_path)))


def _read(name: str) -> Feeder:
    path = Path(name)
    bundled = (*library_names(), *ALIASES)
    # before paths: a folder that is named like a bundled feeder is still reached as ./name
    if name.lower() in bundled:
        return load_bundled(name.lower())
    if is_shipped(name):
        return read_shipped(name)
    suffix = path.suffix.lower()
    # readers are imported where they are asked for: a session needs one of them, or none
    if suffix == ".dss":
        from tieline.feeders.opendss import read_opendss

        return read_opendss(path)
    if suffix == ".m":
        from tieline.feeders.matpower import read_matpower

        return read_matpower(path)
    if suffix == ".json":
        return _read_json(path)
    if suffix == ".toml":
        from tieline.feeders.compose import compose

        return compose(path)
    if path.is_dir():
        from tieline.feeders.tables import load_tables

        _require_tables(path)
        return load_tables(path)
    if path.exists():
        raise InputError(
            f"'{name}' is not a kind of feeder file that can be read. Give {KINDS}."
        )
    raise _unknown(name)


def _require_tables(folder: Path) -> None:
    """Refuse a folder that holds files of a feeder and no tables: those files are meant."""
    if (folder / FEEDER_FILE).exists():
        return
    names = sorted(
        path.name for path in folder.iterdir() if path.suffix.lower() in FEEDER_SUFFIXES
    )
    if not names:
        return
    # an OpenDSS feeder of many files begins in the one that is called master
    masters = [name for name in names if "master" in name.lower()]
    examples = ", ".join((masters or names)[:MOST_NAMES])
    raise InputError(
        f"'{folder}' is a folder without {FEEDER_FILE}, so it holds no tieline tables. Give the path of the file that the feeder "
        f"begins in; there are {examples}."
    )


def _read_json(path: Path) -> Feeder:
    """Two programs write their networks as JSON; the content tells them apart."""
    from tieline.feeders.power_grid_model import is_data_set, read_power_grid_model

    if is_data_set(path):
        return read_power_grid_model(path)
    from tieline.feeders.pandapower import read_pandapower

    return read_pandapower(path)


def require_place(name: str) -> None:
    """Raise `InputError` for what is neither a known feeder nor a file or folder that exists; nothing is read."""
    if is_shipped(name):
        matching_names(name)
        return
    if name.lower() not in (*library_names(), *ALIASES) and not Path(name).exists():
        raise _unknown(name)


def _unknown(name: str) -> InputError:
    message = unknown_name_message("feeder", name, (*library_names(), *ALIASES))
    return InputError(f"{message} Or give the path of a feeder: {KINDS}.")
