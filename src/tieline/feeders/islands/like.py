"""An island file that begins with another: `like` names it, and what the file says itself goes before.

    like = "ieee36"            a bundled island, or a path that begins at the folder of the file
    impedance_factor = 5.0     in place of that island's
    [[droop_unit]]
    name = "droop"             the unit of this name, with another tank; a new name is one more unit
    fuel_kwh = 3350.0

Tables without a name (`load_weight`) and lists stand in place of those of the other island.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

Values = dict[str, Any]


def laid_over(base: Values, changes: Values) -> Values:
    """Values of an island file with those of another in their place."""
    values = base | changes
    for key, tables in changes.items():
        if _has_names(tables) and _has_names(base.get(key)):
            values[key] = _units(base[key], tables)
    return values


def _has_names(tables: Any) -> bool:
    """Whether a value is a list of tables that all have a name, as units do."""
    if not isinstance(tables, list) or not tables:
        return False
    return all(isinstance(table, dict) and "name" in table for table in tables)


def _units(base: Sequence[Values], changes: Sequence[Values]) -> list[Values]:
    """Tables of units, changed by name; new ones stand behind them."""
    units = {table["name"]: table for table in base}
    for table in changes:
        name = table["name"]
        units[name] = units.get(name, {}) | table
    return list(units.values())
