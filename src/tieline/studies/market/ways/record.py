"""`MinuteRecord`: what is kept of a cleared minute; its power flows are let go, a day of them would fill the memory."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from tieline.opf.balancing import Clearing
from tieline.opf.broken_before import Outside
from tieline.studies.market.ways.beside import Beside
from tieline.studies.market.ways.besides import Besides
from tieline.studies.market.ways.confirm import Confirmation
from tieline.studies.market.ways.consensus import Agreement
from tieline.studies.market.ways.minute import MinuteAnswer
from tieline.studies.market.ways.node_prices import NodePrices
from tieline.studies.market.world.line_limits import branch_flow_kw, line_flow_kw
from tieline.studies.market.world.plant import Plant
from tieline.typing import BoolArray, FloatArray, IntArray

Step = Literal["choice", "added", "full-lp"]


@dataclass(frozen=True, eq=False)
class LimitedLines:
    """Lines that have a stated limit: it, the flow against it, and whether it has a price, (line,) each."""

    limit_kw: FloatArray
    flow_kw: FloatArray
    binds: BoolArray


@dataclass(frozen=True, eq=False)
class MinuteRecord:
    """One minute in numbers.

    Attributes:
        minute, time: number in the day's series, and start.
        hours: for how long it stands [h].
        reference_price, balancing_price: [currency/kWh].
        demand_kw, served_kw, bought_kw, import_kw: to be covered, given by DERs, bought at the main feeder, and what neighbours
            send on balance, (region,).
        relief_kw: what DERs give beyond all demand because a limit needs it, (region,).
        has_surplus: whether a region takes less than its schedule.
        labels: group of each region, (region,).
        ratio: Lc of each watched bus, (watch,).
        chosen: DERs that each region called in the end, (region, der).
        asked: of these, the ones that were called before any program.
        step: what had to answer: the choice as it was, DERs added to it, or all of them.
        p_kw, p_max_kw, offer: of each DER, (der,).
        cost, cost_none: of the clearing, and with all demand at the balancing price [currency/h].
        taps, capacitor_steps: where controls stand, (regulator,) and (capacitor,).
        loss_kw: of the feeder.
        v_low_pu, v_high_pu: lowest and highest voltage with a limit.
        violations: limits that AC breaks.
        fallbacks: what had to be added until the minute could be published.
        agreement: how regions would settle it among themselves; None where not asked for.
        kept: places that are held to what they have before, because no set-points keep all limits.
        repeats: how often programs were solved anew because taps moved.
        clear_ms, program_ms: time of the minute, and of its programs and replays.
        border_kw: AC flow over each border, from near to far, (border,).
        limited: lines that have a stated limit.
        bound_rows: names of the limits that have a price.
        prices: at every node.
        beside: the optima; None where not asked for.
        confirmation: what regions that solve their own power flow came to; None where not asked for.
    """

    minute: int
    time: pd.Timestamp
    hours: float
    reference_price: float
    balancing_price: float
    demand_kw: FloatArray
    served_kw: FloatArray
    bought_kw: FloatArray
    import_kw: FloatArray
    relief_kw: FloatArray
    has_surplus: bool
    labels: IntArray
    ratio: FloatArray
    chosen: BoolArray
    asked: BoolArray
    step: Step
    p_kw: FloatArray
    p_max_kw: FloatArray
    offer: FloatArray
    cost: float
    cost_none: float
    taps: IntArray
    capacitor_steps: IntArray
    loss_kw: float
    v_low_pu: float
    v_high_pu: float
    violations: int
    fallbacks: tuple[str, ...]
    kept: tuple[Outside, ...]
    repeats: int
    clear_ms: float
    program_ms: float
    border_kw: FloatArray
    limited: LimitedLines
    bound_rows: tuple[str, ...]
    prices: NodePrices
    beside: Beside | None
    agreement: Agreement | None
    confirmation: Confirmation | None

    @property
    def agreed(self) -> BoolArray:
        """Borders at which the regions agreed, or were not asked to, (border,)."""
        has_agreed = np.ones(len(self.border_kw), dtype=bool)
        if self.agreement is not None:
            has_agreed[list(self.agreement.merged)] = False
        return has_agreed

    @property
    def n_groups(self) -> int:
        """Microgrids of the minute, merged regions being one."""
        return len(np.unique(self.labels))

    @property
    def is_merged(self) -> bool:
        """Whether some regions are one."""
        return self.n_groups < len(self.labels)


def record(
    plant: Plant,
    lines: tuple[str, ...],
    number: int,
    answer: MinuteAnswer,
    besides: Besides,
    hours: float,
) -> MinuteRecord:
    """What is kept of a minute.

    Args:
        plant: names borders and limits.
        lines: those with a stated limit.
        number: of the minute in the day's series.
        answer: the minute.
        besides: what stands beside it.
        hours: for which it stands [h].
    """
    clearing = answer.clearing
    minute = clearing.minute
    received_kw = clearing.exchange_kw.sum(axis=0)
    sent_kw = clearing.exchange_kw.sum(axis=1)
    return MinuteRecord(
        minute=number,
        time=answer.moment.time,
        hours=hours,
        reference_price=minute.reference_price,
        balancing_price=minute.balancing_price,
        demand_kw=minute.covered_kw,
        served_kw=clearing.share_kw.sum(axis=1),
        bought_kw=clearing.bought_kw,
        import_kw=received_kw - sent_kw,
        relief_kw=clearing.relief_kw,
        has_surplus=len(minute.surplus_regions) > 0,
        labels=answer.labels,
        ratio=answer.ratio,
        chosen=minute.chosen,
        asked=answer.choice.chosen,
        step=_step(answer),
        p_kw=clearing.p_kw,
        p_max_kw=minute.p_max_kw,
        offer=minute.offer,
        cost=clearing.cost.total,
        cost_none=clearing.none_cost,
        taps=clearing.solution.taps[0],
        capacitor_steps=clearing.solution.capacitor_steps[0],
        loss_kw=clearing.loss_kw,
        v_low_pu=float(clearing.vm_pu.min()),
        v_high_pu=float(clearing.vm_pu.max()),
        violations=len(clearing.violations),
        fallbacks=(*answer.choice.fallbacks, *clearing.fallbacks),
        kept=answer.kept,
        repeats=clearing.tap_rounds,
        clear_ms=answer.wall_ms,
        program_ms=answer.program_ms,
        border_kw=_border_kw(plant, answer),
        limited=_limited_lines(plant, lines, clearing),
        bound_rows=clearing.binding,
        prices=NodePrices.of(answer.prices),
        beside=besides.optima,
        agreement=besides.agreement,
        confirmation=besides.confirmation,
    )


def _step(answer: MinuteAnswer) -> Step:
    """What had to answer."""
    minute = answer.clearing.minute
    has_grown = not np.array_equal(minute.chosen, answer.choice.chosen)
    # the choice may have been completed before there was a program
    if answer.choice.n_more == 0 and not has_grown:
        return "choice"
    calls_all = np.array_equal(minute.chosen, minute.may_serve)
    return "full-lp" if calls_all else "added"


def _limited_lines(
    plant: Plant, lines: tuple[str, ...], clearing: Clearing
) -> LimitedLines:
    limit_of = {limit.name: limit.forward_kw for limit in plant.branch_limits}
    limits_kw = [limit_of[line] for line in lines]
    flows_kw = [line_flow_kw(clearing.solution, line) for line in lines]
    # a limit's name has its line in quotes, so that l1 is not found in l11
    binds = [any(f"'{line}'" in name for name in clearing.binding) for line in lines]
    return LimitedLines(
        limit_kw=np.array(limits_kw, dtype=float),
        flow_kw=np.array(flows_kw, dtype=float),
        binds=np.array(binds, dtype=bool),
    )


def _border_kw(plant: Plant, answer: MinuteAnswer) -> FloatArray:
    """AC flow over each border from its near to its far region [kW]."""
    flows = []
    for border in plant.microgrids.borders:
        branch = border.branch
        flow_kw = branch_flow_kw(answer.clearing.solution, branch)
        is_forward = branch.from_bus == border.near_bus
        flows.append(flow_kw if is_forward else -flow_kw)
    return np.array(flows, dtype=float)
