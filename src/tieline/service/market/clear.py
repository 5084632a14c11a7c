"""`clear_interval`: a book and measurements, cleared by the study's minute. A function: the same question, the same outcome.

Everything it depends on stands in `Question`, so a clearing can be worked out anew from the ledger. The dispatch is the one that
the AC power flow of the whole feeder confirmed with controls acting; where no program keeps all limits nothing new is published.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import pandas as pd

from tieline.errors import NoAnswerError
from tieline.opf.balancing import UnmetLimitsError
from tieline.opf.balancing.broken import broken_limits
from tieline.powerflow import solve
from tieline.service.market.book import Bid, Sale, sale_of
from tieline.service.market.definition import by_hour
from tieline.service.market.facts import facts_of
from tieline.service.market.fallback import LastSafe, last_safe_outcome, no_dispatch
from tieline.service.market.measured import Measured, loads_of
from tieline.service.market.outcome import (
    BlockFate,
    NodePrice,
    Outcome,
    SetPoint,
    fates_of,
)
from tieline.service.market.settle import settle
from tieline.service.market.stage import Stage
from tieline.service.market.state import MarketState
from tieline.studies.market.telling.price_table import phase_nodes
from tieline.studies.market.ways.minute import MinuteAnswer
from tieline.studies.market.world.moments import Moment, make_moment

NOTICED_KW = 1e-6
"""Less than a milliwatt is what the program's tolerances leave: such a block is not taken."""


@dataclass(frozen=True)
class Question:
    """Everything that a clearing depends on.

    Attributes:
        starts_at: of the interval.
        bids: its book.
        measured: what buses took at the gate.
        state: what the last clearing left, `MarketState.to_bytes`; None before the first.
        last: its dispatch, if one was safe.
    """

    starts_at: datetime
    bids: Sequence[Bid]
    measured: Sequence[Measured]
    state: bytes | None
    last: LastSafe | None


def clear_interval(stage: Stage, question: Question) -> Outcome:
    """Clear an interval; where no program answers, the last safe dispatch or none."""
    sale = sale_of(stage, question.bids)
    moment = moment_of(stage, question, sale)
    state = _state(stage, question)
    try:
        answer = stage.market.clear(moment, state.carried)
    except NoAnswerError as error:
        return _without_answer(stage, question, moment, state, error)
    when = question.starts_at.isoformat()
    settled = settle(stage, answer, state.balances, when)
    blocks = _blocks(answer, stage, sale)
    after = MarketState(answer.carried, settled.balances)
    return Outcome(
        status="cleared",
        reason="",
        dispatch=_dispatch(stage, blocks),
        prices=node_prices(stage, answer),
        lines=settled.lines,
        blocks=blocks,
        fates=fates_of(question.bids, blocks),
        state=after.to_bytes(),
        facts=facts_of(stage, answer),
    )


def moment_of(stage: Stage, question: Question, sale: Sale) -> Moment:
    """The minute of an interval."""
    definition = stage.definition
    hour = definition.hour_at(question.starts_at)
    return make_moment(
        stage.plant,
        pd.Timestamp(definition.shown(question.starts_at)),
        loads_of(stage, question.measured, hour),
        by_hour(definition.reference_price)[int(hour)],
        sale.offer,
        sale.p_max_kw,
    )


def _state(stage: Stage, question: Question) -> MarketState:
    if question.state is None:
        return MarketState(stage.market.first(), {})
    return MarketState.of_bytes(question.state)


def _without_answer(
    stage: Stage,
    question: Question,
    moment: Moment,
    state: MarketState,
    error: NoAnswerError,
) -> Outcome:
    """The last safe dispatch if it keeps all limits with the loads of now, else none."""
    reason = str(error).replace("\n", " ")
    if isinstance(error, UnmetLimitsError):
        reason = (
            "; ".join(str(limit) for limit in error.nearest.violations[:1]) or reason
        )
        reason = f"all devices together cannot keep a limit: {reason}"
    stored = state.to_bytes()
    last = question.last
    if last is not None and _is_safe(stage, moment, state, last):
        length = stage.definition.gates.length
        return last_safe_outcome(
            reason, question.starts_at, length, question.bids, last, stored
        )
    return no_dispatch(reason, question.bids, stored)


def _is_safe(stage: Stage, moment: Moment, state: MarketState, last: LastSafe) -> bool:
    """Whether AC keeps every limit with a dispatch and the loads of now."""
    plant = stage.plant
    p_kw = plant.own_der_kw.copy()
    for point in last.dispatch:
        seller = plant.first_seller + stage.first_seller_of[point.device]
        p_kw[seller] += point.p_discharge_kw
    solution = solve(
        plant.network,
        load_kw=moment.load_kw[None],
        load_kvar=moment.load_kvar[None],
        der_kw=p_kw[None],
        controls=stage.definition.rules.controls,
        **state.carried.positions,
    )
    if not solution.converged[0]:
        return False
    limits = plant.limits
    vm_pu = limits.points.magnitude_pu(solution.v_pu)[0]
    return not broken_limits(limits, vm_pu, limits.flows.values(solution)[0])


def _blocks(answer: MinuteAnswer, stage: Stage, sale: Sale) -> list[BlockFate]:
    """What became of every block."""
    first = stage.plant.first_seller
    p_kw = answer.clearing.p_kw[first:]
    # what a kilowatt-hour is worth to the region that values it most of those that may call the device
    worth = np.where(stage.plant.may_serve, answer.prices.der, -np.inf)
    best = worth.max(axis=0)[first:]
    is_called = answer.clearing.minute.chosen.any(axis=0)[first:]
    fates = []
    for place in sale.places:
        k = place.seller
        cleared_kw = float(p_kw[k]) if p_kw[k] > NOTICED_KW else 0.0
        reason = _reason(place.price, cleared_kw, float(best[k]), bool(is_called[k]))
        if cleared_kw >= place.p_kw * (1 - NOTICED_KW):
            reason = ""
        fate = BlockFate(
            place.bid_id,
            place.device,
            place.block,
            place.p_kw,
            place.price,
            cleared_kw,
            float(best[k]),
            reason,
        )
        fates.append(fate)
    return fates


def _reason(price: float, cleared_kw: float, worth: float, is_called: bool) -> str:
    """Why a block is not taken whole."""
    if cleared_kw:
        return "the demand takes a part of it"
    if not is_called:
        return "its region called other devices"
    if price >= worth:
        return f"it asks {price:.6g}, and a kilowatt-hour is worth {worth:.6g} there"
    return "the demand is covered by others of the same price"


def _dispatch(stage: Stage, blocks: Sequence[BlockFate]) -> list[SetPoint]:
    p_kw: dict[str, float] = {}
    for block in blocks:
        if block.cleared_kw:
            p_kw[block.device] = p_kw.get(block.device, 0.0) + block.cleared_kw
    devices = stage.definition.device_of
    return [SetPoint(name, devices[name].participant, kw) for name, kw in p_kw.items()]


def node_prices(stage: Stage, answer: MinuteAnswer) -> list[NodePrice]:
    """Prices of every phase of every bus."""
    plant = stage.plant
    nodes = phase_nodes(plant).tolist()
    parts = answer.prices.nodes
    energy = parts.energy[0].tolist()
    loss = parts.loss[0].tolist()
    voltage = parts.voltage[0].tolist()
    congestion = parts.congestion[0].tolist()
    prices = []
    for k in nodes:
        bus, _, phase = plant.network.node_names[k].rpartition(".")
        prices.append(
            NodePrice(bus, int(phase), energy[k], loss[k], voltage[k], congestion[k])
        )
    return prices
