"""Arrays of records from columns: settings as compiled code reads them, one control a record."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike


def make_records(kind: np.dtype, **columns: ArrayLike) -> np.ndarray:
    """An array of records of a kind, (record,); there are as many as the column `state` has values."""
    records = np.empty(np.size(columns["state"]), dtype=kind)
    for name, column in columns.items():
        records[name] = column
    return records
