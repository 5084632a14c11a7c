"""The bundled feeders: one folder of tables each, and the other names people know them by."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tieline.feeders.feeder import Feeder
from tieline.feeders.tables import load_tables, read_feeder_toml

FOLDER = Path(__file__).parent

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
    heads = FOLDER.glob("*/feeder.toml")
    names = [head.parent.name for head in heads]
    # the order in which a system lists a folder is its own
    return tuple(sorted(names))


def describe_library() -> list[LibraryEntry]:
    """Name, aliases, title and origin of every bundled feeder."""
    return [_describe(name) for name in library_names()]


def _describe(name: str) -> LibraryEntry:
    # the head alone: a listing must not wait for every table
    head = read_feeder_toml(FOLDER / name)
    title = str(head.get("title", ""))
    origin = str(head.get("origin", ""))
    aliases = [alias for alias, feeder in ALIASES.items() if feeder == name]
    return LibraryEntry(name, tuple(aliases), title, origin)


def load_bundled(name: str) -> Feeder:
    """A bundled feeder by name or alias; the caller has checked that it exists."""
    folder_name = ALIASES.get(name, name)
    return load_tables(FOLDER / folder_name)
