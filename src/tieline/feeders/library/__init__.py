"""The bundled feeders: one folder of tables each, or a composition of others; and the other names people know them by."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tieline.config_files import read_config_file
from tieline.feeders.feeder import Feeder
from tieline.feeders.feeder_toml import read_feeder_toml
from tieline.feeders.table_columns import FEEDER_FILE
from tieline.feeders.tables import load_tables

FOLDER = Path(__file__).parent
COMPOSITION_FILE = "composition.toml"
"""In place of the tables of a feeder that is composed of others."""

ALIASES = {
    "case33bw": "ieee33",
    "ieee34-mod1": "ieee34",
    "case69": "ieee69",
    "ieee141": "case141",
}
"""Other names of bundled feeders."""


@dataclass(frozen=True, slots=True)
class LibraryEntry:
    """What is known of a bundled feeder without loading it."""

    name: str
    aliases: tuple[str, ...]
    title: str
    origin: str


def library_names() -> tuple[str, ...]:
    """Names of the bundled feeders."""
    heads = (FEEDER_FILE, COMPOSITION_FILE)
    names = [file.parent.name for head in heads for file in FOLDER.glob(f"*/{head}")]
    # the order in which a system lists a folder is its own
    return tuple(sorted(names))


def describe_library() -> list[LibraryEntry]:
    """Name, aliases, title and origin of every bundled feeder."""
    return [_describe(name) for name in library_names()]


def _describe(name: str) -> LibraryEntry:
    # the head alone: a listing must not wait for every table
    head = _read_head(FOLDER / name)
    title = str(head.get("title", ""))
    origin = str(head.get("origin", ""))
    aliases = [alias for alias, feeder in ALIASES.items() if feeder == name]
    return LibraryEntry(name, tuple(aliases), title, origin)


def composition_file(name: str) -> Path | None:
    """The file of a bundled composition; None if the name is not one of these."""
    path = FOLDER / name.lower() / COMPOSITION_FILE
    return path if path.exists() else None


def composition_names() -> tuple[str, ...]:
    """Names of the bundled feeders that are composed of others."""
    names = library_names()
    return tuple(name for name in names if composition_file(name) is not None)


def _read_head(folder: Path) -> dict[str, Any]:
    path = folder / COMPOSITION_FILE
    if path.exists():
        return read_config_file(path)
    return read_feeder_toml(folder)


def load_bundled(name: str) -> Feeder:
    """A bundled feeder by name or alias; the caller has checked that it exists."""
    folder_name = ALIASES.get(name, name)
    composition = composition_file(folder_name)
    if composition is not None:
        # composing loads feeders by name, this one's parts among them
        from tieline.feeders.compose import compose

        return compose(composition)
    return load_tables(FOLDER / folder_name)
