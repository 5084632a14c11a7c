"""`clear_surely`: a minute that may be published. What the chosen DERs cannot do is asked of more, step by step.

    1  the chosen DERs, the limits that their regions watch
    2  limits that the replay broke although nobody watched them are watched too
    3  more DERs: those that would be called next, then those of least cost; twice as many each time
    4  all DERs and all limits

DERs are added where a limit cannot be kept, and where a region buys at the main feeder although an idle DER costs less: its own
first, then those of regions that can send to it. Every step is counted in the clearing. If all DERs do not keep a limit, the
error names limit and minute.
"""

from __future__ import annotations

import dataclasses

import networkx as nx
import numpy as np

from tieline.opf.balancing.broken import BrokenLimit
from tieline.opf.balancing.clear import clear
from tieline.opf.balancing.clearing import Clearing
from tieline.opf.balancing.minute import Minute, Watched
from tieline.opf.balancing.start import Warm
from tieline.opf.balancing.unmet import UnmetLimitsError
from tieline.opf.infeasible import NoOptimumError
from tieline.powerflow.derivatives.gradients import loss_gradient
from tieline.typing import BoolArray, FloatArray

NOTICED_KW = 1e-3
"""Power below this is not bought: what tolerances leave."""


def clear_surely(minute: Minute, warm: Warm | None = None) -> Clearing:
    """The cheapest clearing that keeps every limit on AC, with as few DERs more as that takes.

    Args:
        minute: what is asked, with the DERs chosen to begin with.
        warm: the clearing of the minute before.

    Raises:
        UnmetLimitsError: if all DERs cannot keep the limits; names each with what could be met, and the minute.
        NoOptimumError: if there is no AC solution, or no rounds end.
    """
    steps: list[str] = []
    question = minute
    added = 1
    while True:
        is_last = bool((question.chosen == minute.may_serve).all())
        clearing, broken = _attempt(question, warm, must_answer=is_last)
        if clearing is not None and broken:
            question = _watching(question, broken)
            steps.append(f"watched {broken[0].change.where} too")
            continue
        wanting = _regions_in_want(question, clearing)
        if clearing is not None and not wanting.any():
            return dataclasses.replace(clearing, fallbacks=tuple(steps))
        before = question
        question = _calling_more(question, clearing, wanting, added)
        n_called = int(question.chosen.sum())
        n_added = n_called - int(before.chosen.sum())
        steps.append(f"called {n_added} DERs more")
        # Doubled, since one at a time would take as many programs as there are DERs.
        added *= 2


def full_program(minute: Minute) -> Minute:
    """The minute with every DER that may serve, and all limits."""
    return dataclasses.replace(minute, chosen=minute.may_serve, watched=None)


def _attempt(
    question: Minute, warm: Warm | None, *, must_answer: bool
) -> tuple[Clearing | None, tuple[BrokenLimit, ...]]:
    """The clearing of a question, None if it has none, and the limits it breaks."""
    try:
        clearing = clear(question, warm)
    except (UnmetLimitsError, NoOptimumError):
        if must_answer:
            raise
        return None, ()
    return clearing, clearing.violations


def _watching(minute: Minute, broken: tuple[BrokenLimit, ...]) -> Minute:
    """The minute with some limits watched by all regions."""
    watched = minute.watched or Watched.all_of(minute.limits, minute.n_regions)
    points = watched.points.copy()
    flows = watched.flows.copy()
    for limit in broken:
        rows = flows if limit.row.kind == "flow" else points
        rows[:, limit.row.place] = True
    return dataclasses.replace(minute, watched=Watched(points, flows))


def _regions_in_want(minute: Minute, clearing: Clearing | None) -> BoolArray:
    """Regions with idle DERs that would help: all without a clearing, else where a region buys what they sell for less."""
    idle = minute.may_serve & ~minute.chosen & (minute.p_max_kw > 0)
    if clearing is None:
        # Idle DERs of no power settle nothing, yet the last step must be reached: they count when none else is left.
        return np.asarray(idle.any(axis=1) | ~idle.any())
    buys = clearing.bought_kw > NOTICED_KW
    # Costs need an adjoint solve, and in most minutes nobody buys.
    if not buys.any():
        return buys
    # Merged regions are one: any of them may help the one that buys.
    buying_groups = minute.group[buys]
    helps = np.isin(minute.group, buying_groups)
    cost = unit_cost(minute, clearing)
    is_cheaper = cost < minute.balancing_price
    wanting = helps & (idle & is_cheaper).any(axis=1)
    if wanting.any():
        return np.asarray(wanting)
    # Nobody there has more to give. What comes from further away is paid at least one exchange.
    is_cheaper = cost + minute.export_price < minute.balancing_price
    sells_for_less = (idle & is_cheaper).any(axis=1)
    return np.asarray(_linked(minute, helps) & sells_for_less)


def _linked(minute: Minute, regions: BoolArray) -> BoolArray:
    """Regions from which energy can reach one of some regions over borders, these included, (region,)."""
    graph = nx.Graph(minute.neighbours.tolist())
    graph.add_nodes_from(range(minute.n_regions))
    is_linked = regions.copy()
    for region in np.flatnonzero(regions).tolist():
        linked = nx.node_connected_component(graph, region)
        is_linked[list(linked)] = True
    return is_linked


def unit_cost(minute: Minute, clearing: Clearing) -> FloatArray:
    """u_i = c_i + l0 LF_i of every DER at a clearing's replay, (der,) [currency/kWh]."""
    gradient = loss_gradient(clearing.solution)
    loss_factor = gradient.der_kw[0]
    return minute.offer + minute.reference_price * loss_factor


def _calling_more(
    minute: Minute, clearing: Clearing | None, wanting: BoolArray, added: int
) -> Minute:
    """The minute with some DERs more in each region that wants them; all, with all limits, once nothing is left to add."""
    # without an answer there is no loss to price: offers alone say who is cheap
    cost = minute.offer
    if clearing is not None:
        cost = unit_cost(minute, clearing)
    calls = minute.chosen.copy()
    for region in np.flatnonzero(wanting).tolist():
        idle = minute.may_serve[region] & ~calls[region] & (minute.p_max_kw > 0)
        order = _next_in_line(minute, region, cost)
        line = [k for k in order if idle[k]]
        calls[region, line[:added]] = True
    can_serve = minute.may_serve & (minute.p_max_kw > 0)
    if calls[can_serve].all():
        return full_program(minute)
    return dataclasses.replace(minute, chosen=calls)


def _next_in_line(minute: Minute, region: int, cost: FloatArray) -> list[int]:
    """DERs in the order in which a region calls more: its policy's first, then by cost."""
    by_policy: list[int] = []
    if minute.next_ders:
        by_policy += minute.next_ders[region]
    by_cost = np.argsort(cost, kind="stable").tolist()
    # Each once, at its first place.
    return list(dict.fromkeys(by_policy + by_cost))
