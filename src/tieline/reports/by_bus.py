"""What a one-line diagram shows of a table with a row for each bus: texts under the mouse, numbers for colours.

Both by bus name, as `one_line_svg` takes them; a bus without a row is left to the diagram.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd


def texts_by_bus(
    table: pd.DataFrame, tell: Callable[[pd.Series], str]
) -> dict[str, str]:
    """A text for each bus.

    Args:
        table: one row per bus, with a column "bus".
        tell: what is said of a row.
    """
    texts = [tell(row) for _, row in table.iterrows()]
    # names from the column: a row of numbers alone would make 650.0 of 650
    return dict(zip(map(str, table["bus"]), texts, strict=True))


def values_by_bus(table: pd.DataFrame, column: str) -> dict[str, float]:
    """A number for each bus: that of a column, beside a column "bus"."""
    numbers = table.set_index("bus")[column]
    return {str(bus): float(number) for bus, number in numbers.items()}
