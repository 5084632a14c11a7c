"""The inputs of scenarios by name, once for all who take them; what each means and its shape stands at `solve`.

What is left out or None is as in the feeder.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TypeAlias, TypedDict

from numpy.typing import ArrayLike

from tieline.errors import unknown_name_message

InputValue: TypeAlias = ArrayLike | Mapping[str, ArrayLike]
"""An array, or numbers by the names of elements; frames of pandas count as arrays for type checkers."""


class DevicePowers(TypedDict, total=False):
    """What loads take and DERs inject."""

    load_kw: InputValue | None
    load_kvar: InputValue | None
    load_scale: InputValue | None
    der_kw: InputValue | None
    der_kvar: InputValue | None


class Positions(TypedDict, total=False):
    """How the network stands: regulators, lines, capacitors, and the voltage of its source."""

    taps: InputValue | None
    line_closed: InputValue | None
    capacitor_steps: InputValue | None
    source_pu: InputValue | None


class ScenarioInputs(DevicePowers, Positions, total=False):
    """All that `solve` takes of a scenario."""

    start_pu: InputValue | None
    der_kva: InputValue | None


def require_known(names: Collection[str], inputs: type) -> None:
    """Raise `TypeError`, as Python does for a keyword that a function does not have, with the nearest of those above."""
    for name in names:
        if name not in inputs.__annotations__:
            raise TypeError(unknown_name_message("input", name, inputs.__annotations__))
