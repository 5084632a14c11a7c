"""`Targets`: whether the elements that a line is about exist.

The engine passes over an `edit`, `batchedit`, `enable` or `disable` of something that it does not have, without a word.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from tieline.errors import unknown_name_message
from tieline.feeders.opendss.script.vocabulary import Vocabulary
from tieline.feeders.opendss.script.words import folded

ALL = "*"
"""Name that stands for every element of a class, in `enable` and `disable`."""


@dataclass
class Targets:
    """Names of the elements that an engine holds."""

    engine: Any
    vocabulary: Vocabulary
    _names: dict[str, list[str]] = field(default_factory=dict)

    def missing(self, command: str, target: str) -> str | None:
        """Why a command that is about `target`, class.name or class.pattern, changes nothing; None if it may."""
        kind, _, name = folded(target).partition(".")
        if kind == "circuit":
            return "The engine changes nothing by an edit of the circuit; its source is vsource.source."
        if kind not in self.vocabulary.classes:
            return f"There is no class '{kind}'."
        names = self._names_of(kind)
        if command == "batchedit":
            return None if _matches_any(name, names) else f"No {kind} matches '{name}'."
        if name in names or (name == ALL and command != "edit"):
            return None
        return (
            unknown_name_message(kind, name, names)
            if names
            else f"There is no {kind} at all."
        )

    def _names_of(self, kind: str) -> list[str]:
        """Names of a class; they are read again once there are more of them.

        Looking at them moves the active element of the class, to which a line that begins with ~ would go, so it is put back.
        """
        self.engine.Basic.SetActiveClass(kind)
        elements = self.engine.ActiveClass
        names = self._names.get(kind, [])
        if len(names) != elements.NumElements():
            active = elements.Name()
            self._names[kind] = names = [folded(name) for name in elements.AllNames()]
            elements.Name(active)
        return names


def _matches_any(pattern: str, names: list[str]) -> bool:
    """Whether the engine's search for a pattern finds one of the names; a pattern that only the engine knows may."""
    try:
        return any(re.search(pattern, name) for name in names)
    except re.error:
        return True
