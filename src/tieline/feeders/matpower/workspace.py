"""The variables of a MATPOWER case file while it runs.

A variable that was assigned something that cannot be followed stays unread until something depends on it; only what the case is
read from must be understood where it is assigned.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from tieline.feeders.matpower.columns import NAMED_COLUMNS
from tieline.feeders.matpower.expression import Parser
from tieline.feeders.matpower.values import FaultError, Value

CASE_FIELDS = ("bus", "gen", "branch", "baseMVA", "gencost")
"""What a case is read from; these must be understood where they are assigned."""

MOST_NUMBERS = 100_000_000
"""Numbers that all statements of a file make together. A case of 100,000 buses with thirty conversions makes half of that."""


@dataclass(frozen=True)
class Unread:
    """What a variable holds that was assigned something that cannot be followed; said only if it is used."""

    line: int
    reason: str


@dataclass
class Workspace:
    """The variables of a running file; `output` is the name of the case."""

    output: str = "mpc"
    variables: dict[str, Any] = field(default_factory=dict)
    numbers_made: int = 0

    def read(self, name: str) -> Value:
        """A variable's value; raises `KeyError` if there is none, `ValueError` if it could not be followed."""
        if name == "nargin":  # a case is loaded without arguments
            return 0.0
        value = self.variables[name]
        if isinstance(value, Unread):
            raise ValueError(
                f"'{name}' of line {value.line} cannot be followed: {value.reason}"
            )
        return value

    def is_case_data(self, name: str) -> bool:
        """Whether a name is the case or one of the parts it is read from."""
        return name == self.output or any(
            name == f"{self.output}.{part}" for part in CASE_FIELDS
        )

    def parser(self, text: str) -> Parser:
        """A parser of one expression."""
        return Parser(text, self.read, NAMED_COLUMNS, self.spend)

    def spend(self, value: Value) -> None:
        """Count the numbers of a matrix; raises `ValueError` if the file makes more than any case needs."""
        if isinstance(value, np.ndarray):
            self.numbers_made += value.size
        if self.numbers_made > MOST_NUMBERS:
            raise FaultError(
                f"the file makes more than {MOST_NUMBERS:,} numbers, more than any case needs"
            )
