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
    return tuple(sorted(path.parent.name for path in FOLDER.glob("*/feeder.toml")))


def describe_library() -> list[LibraryEntry]:
    """Name, aliases, title and origin of every bundled feeder."""
    return [_describe(name) for name in library_names()]


def _describe(name: str) -> LibraryEntry:
    head = read_feeder_toml(FOLDER / name)
    aliases = tuple(alias for alias, feeder in ALIASES.items() if feeder == name)
    return LibraryEntry(name, aliases, str(head.get("title", "")), str(head.get("origin", "")))


def load_bundled(name: str) -> Feeder:
    """A bundled feeder by name or alias; the caller has checked that it exists."""
    return load_tables(FOLDER / ALIASES.get(name, name))
