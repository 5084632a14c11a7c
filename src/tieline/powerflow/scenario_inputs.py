"""The inputs of scenarios by name, once for all who take them; what each means and its shape stands at `solve`.

What is left out or None is as in the feeder.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import TypedDict

from numpy.typing import ArrayLike

from tieline.errors import unknown_name_message


class DevicePowers(TypedDict, total=False):
    """What loads take and DERs inject."""

    load_kw: ArrayLike | None
    load_kvar: ArrayLike | None
    load_scale: ArrayLike | None
    der_kw: ArrayLike | None
    der_kvar: ArrayLike | None


class Positions(TypedDict, total=False):
    """How the network stands: regulators, lines, capacitors, and the voltage of its source."""

    taps: ArrayLike | None
    line_closed: ArrayLike | None
    capacitor_steps: ArrayLike | None
    source_pu: ArrayLike | None


class ScenarioInputs(DevicePowers, Positions, total=False):
    """All that `solve` takes of a scenario."""

    start_pu: ArrayLike | None


def require_known(names: Collection[str], inputs: type) -> None:
    """Raise `TypeError`, as Python does for a keyword that a function does not have, with the nearest of those above."""
    for name in names:
        if name not in inputs.__annotations__:
            raise TypeError(unknown_name_message("input", name, inputs.__annotations__))
