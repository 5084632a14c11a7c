"""Limits that leave a place what it has before the DERs act, for a question that has no answer otherwise.

Set-points may mend what is outside its limits, so limits are first kept as they are stated. Where no set-points keep them all, a
place that is outside before is held to what it has before (`settings.broken_before`); all others keep their limits. Who widens
limits says so by name: `outside_before` lists the places.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from tieline.opf.problem import NetworkLimits
from tieline.settings.broken_before import bounds, is_broken
from tieline.typing import FloatArray

LOADING_OF = {"line": "line-loading", "transformer": "transformer-loading"}


@dataclass(frozen=True)
class Outside:
    """A place that is outside a limit before: the name of the limit's kind (`settings.limits`), the place, its reading and limit.

    Voltages are in pu, flows in % of their limit.
    """

    limit: str
    place: str
    before: float
    number: float


def with_room(
    limits: NetworkLimits, vm_pu: FloatArray, flow: FloatArray | None
) -> NetworkLimits:
    """Limits of which those that are broken before are what the place has before, and the room of the rule more.

    Args:
        limits: as they are stated.
        vm_pu: voltages before, (point,).
        flow: values of the rows of branch limits before, (row,) [A, kVA or kW]; None where these keep their limits.
    """
    flows = limits.flows
    if flow is not None:
        flows = flows.held_to(_widened(flow, flows.limit, +1))
    return replace(
        limits,
        v_min_pu=_widened(vm_pu, limits.v_min_pu, -1),
        v_max_pu=_widened(vm_pu, limits.v_max_pu, +1),
        flows=flows,
    )


def outside_before(
    limits: NetworkLimits, vm_pu: FloatArray, flow: FloatArray | None
) -> tuple[Outside, ...]:
    """Places that are outside their limits before, one for each limit and place; arguments as in `with_room`."""
    low = _at_points(limits, "voltage-low", vm_pu, limits.v_min_pu, -1)
    high = _at_points(limits, "voltage-high", vm_pu, limits.v_max_pu, +1)
    if flow is None:
        return (*high, *low)
    return (*high, *low, *_in_branches(limits, flow))


def _widened(before: FloatArray, limit: FloatArray, side: int) -> FloatArray:
    # a place that is within its limit keeps it exactly: set-points, unlike a plant, are chosen
    is_out = is_broken(before, limit, side)
    return np.where(is_out, bounds(before, limit, side), limit)


def _at_points(
    limits: NetworkLimits, kind: str, vm_pu: FloatArray, limit: FloatArray, side: int
) -> Iterator[Outside]:
    names = limits.points.names
    for k in np.flatnonzero(is_broken(vm_pu, limit, side)).tolist():
        yield Outside(kind, names[k], float(vm_pu[k]), float(limit[k]))


def _in_branches(limits: NetworkLimits, flow: FloatArray) -> Iterator[Outside]:
    """Lines and transformers, each once, by its end and phase that is farthest out."""
    flows = limits.flows
    before_pct = 100 * (1 + flows.over(flow))
    is_out = is_broken(flow, flows.limit, +1)
    rows = np.flatnonzero(is_out)
    worst_first = rows[np.argsort(-before_pct[rows], kind="stable")]
    elements: set[int] = set()
    for row in worst_first.tolist():
        element = int(flows.element[row])
        if element not in elements:
            elements.add(element)
            kind, place = _element(flows.names[row])
            yield Outside(LOADING_OF[kind], place, float(before_pct[row]), 100.0)


def _element(row: str) -> tuple[str, str]:
    """Kind and place of a row's name, as "line 'x' end 1 phase 2" is "line x"."""
    kind, _, quoted = row.partition(" '")
    name, _, _ = quoted.rpartition("'")
    return kind, f"{kind} {name}"
