"""Numbers that are none: `kw=nan`, `kw=1e400`, and what the engine makes of `pf=0`.

The engine takes them, and exports each as nothing (null). A property that nobody set may be nothing too, a matrix for example,
so only what the file states counts, and the powers, which the engine works out from what is stated.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

SEQUENCE_VALUES = ("R1", "X1", "R0", "X0", "C1", "C0", "B1", "B0")
"""Of a line; the engine forgets them where a code gives matrices, and names them as stated with `switch=yes`."""

MATRICES = ("RMatrix", "XMatrix", "CMatrix")
"""What the engine makes of them."""

MODELS = ("LineCode", "Geometry", "Spacing", "XfmrCode")
"""Names of objects, no numbers; an element made by `like=` has their matrices, and an empty name counts as stated."""

WORKED_OUT = ("kW", "kvar")
"""Powers that follow from others; `pf=0` makes one infinite."""


def names_without_number(
    properties: Mapping[str, Any], stated: Iterable[str]
) -> list[str]:
    """Names of the properties of an element that should be finite numbers and are not."""
    numbers = [name for name in stated if name not in MODELS]
    unset = [name for name in numbers if _lacks_a_number(properties[name])]
    # nothing to look further into: the rule, and matrices are long
    if not unset:
        return _worked_out(properties, unset)
    has_matrices = not any(_lacks_a_number(properties.get(name)) for name in MATRICES)
    if has_matrices:
        unset = [name for name in unset if name not in SEQUENCE_VALUES]
    return unset + _worked_out(properties, unset)


def _worked_out(properties: Mapping[str, Any], unset: list[str]) -> list[str]:
    return [
        name
        for name in WORKED_OUT
        if name not in unset and properties.get(name, 0.0) is None
    ]


def _lacks_a_number(value: Any) -> bool:
    if value is None:
        return True
    if type(value) is not list:  # nearly every property goes through here
        return False
    # a list of plain numbers, as most are, is searched at once
    return None in value or any(
        _lacks_a_number(part) for part in value if type(part) is list
    )
