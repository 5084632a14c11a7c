"""`Cure`: one way out, at the setting that suffices or at its strongest, and what fits with it."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from tieline.studies.connect.ways.case import Case


@dataclass(frozen=True, eq=False)
class Cure:
    """Attributes:
    name: what is done.
    setting: how, in words.
    case: the plant with it.
    capacity: what fits with it, a row of `siting.capacity.find_capacity`.
    """

    name: str
    setting: str
    case: Case
    capacity: pd.Series

    @property
    def suffices(self) -> bool:
        """Whether the plant may be connected with it alone."""
        return self.case.holds


def make_cure(name: str, setting: str, case: Case) -> Cure:
    """A cure with what fits."""
    return Cure(name, setting, case, case.capacity())
