"""The words that the engine takes: commands, options of `set`, classes and their properties, in any abbreviation.

The lists are the engine's own, in its own order, so another version of it is followed by itself. Its rule for
abbreviations (`Command.pas` of DSS C-API 0.14): a whole name first; then the first name in the list that begins so.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from functools import cached_property
from typing import Any

from tieline.feeders.opendss.script.words import folded


class WordList:
    """Names that may be abbreviated."""

    def __init__(self, names: Iterable[str]):
        self.names = tuple(name.lower() for name in names)
        self._index: dict[str, int] = {}
        # whole names come before abbreviations, and of equal words the first counts, as in the engine
        for k, name in enumerate(self.names):
            self._index.setdefault(name, k)
        for k, name in enumerate(self.names):
            for size in range(1, len(name)):
                self._index.setdefault(name[:size], k)

    def index(self, word: str) -> int:
        """Place of the name that a word stands for, -1 if it stands for none."""
        return self._index.get(folded(word), -1)

    def name(self, index: int) -> str:
        """Name at a place, empty outside the list."""
        return self.names[index] if 0 <= index < len(self.names) else ""


class Vocabulary:
    """All words of an engine. `engine` is a context of its own with an empty circuit, in which samples are made."""

    def __init__(self, engine: Any, engine_error: type[Exception]):
        self._engine = engine
        self._engine_error = engine_error
        self._properties: dict[str, WordList] = {}

    @cached_property
    def commands(self) -> WordList:
        """Commands."""
        words = self._engine.Executive
        return WordList(words.Command(k + 1) for k in range(words.NumCommands()))

    @cached_property
    def options(self) -> WordList:
        """Options of `set`."""
        words = self._engine.Executive
        return WordList(words.Option(k + 1) for k in range(words.NumOptions()))

    @cached_property
    def classes(self) -> tuple[str, ...]:
        """Classes of elements and data."""
        return tuple(name.lower() for name in self._engine.Basic.Classes())

    def read_all(self) -> None:
        """Ask the engine for every list now."""
        for kind in self.classes:
            self.properties(kind)
        # cached properties, which are read by being named
        assert self.commands
        assert self.options

    def properties(self, kind: str) -> WordList:
        """Properties of a class, in the order in which bare values fill them; an empty list for an unknown class."""
        if kind not in self._properties:
            self._properties[kind] = WordList(
                self._names(kind) if kind in self.classes else ()
            )
        return self._properties[kind]

    def _names(self, kind: str) -> list[str]:
        """Property names of a sample; the engine may complain that a control has nothing to control, but makes it."""
        with suppress(self._engine_error):
            self._engine.Text.Command(f"new {kind}.sample")
        self._engine.Basic.SetActiveClass(kind)
        self._engine.ActiveClass.First()
        return self._engine.Element.AllPropertyNames()
