"""`clear_interval`: a book and measurements, cleared by the study's minute. A function: the same question, the same outcome.

Everything it depends on stands in `Question`, so a clearing can be worked out anew from the ledger. The dispatch is the one that
the AC power flow of the whole feeder confirmed with controls acting; where no program keeps all limits nothing new is published.
"""

from __future__ import annotations

import dataclasses

import pandas as pd

from tieline.errors import NoAnswerError
from tieline.opf.balancing import UnmetLimitsError
from tieline.opf.balancing.broken import broken_limits
from tieline.powerflow import solve
from tieline.service.market.book import Sale, sale_of
from tieline.service.market.definition import by_hour
from tieline.service.market.fallback import last_safe_dispatch, no_dispatch
from tieline.service.market.loads import loads_of
from tieline.service.market.question import LastSafe, Question
from tieline.service.market.settle import settle, settled_rows
from tieline.service.market.stage import Stage
from tieline.service.market.state import MarketState
from tieline.service.market.telling import (
    block_fates,
    dispatch_of,
    facts_of,
    fates_of,
    node_prices,
    paid_per_kwh,
)
from tieline.service.store.clearings import Clearing
from tieline.studies.market.world.moments import Moment, make_moment


def clear_interval(stage: Stage, question: Question) -> Clearing:
    """Clear an interval; where no program answers, the last safe dispatch or none."""
    sale = sale_of(stage, question.book.bids)
    moment = moment_of(stage, question, sale)
    state = _state(stage, question)
    try:
        answer = stage.market.clear(moment, state.carried)
    except NoAnswerError as error:
        return _without_answer(stage, question, moment, state, error)
    when = question.starts_at.isoformat()
    booked = settle(stage, answer, state.balances, when)
    blocks = block_fates(stage, answer, sale)
    after = MarketState(answer.carried, booked.balances)
    return Clearing(
        market=question.market,
        starts_at=question.starts_at,
        book_digest=question.book.digest,
        dispatch=dispatch_of(stage, blocks),
        prices=node_prices(stage, answer),
        settlement=settled_rows(stage.definition, booked.lines),
        fates=fates_of(question.book, blocks),
        facts={**facts_of(stage, answer), "paid_per_kwh": paid_per_kwh(blocks)},
        state=after.to_bytes(),
        began_from=question.began_from,
        began_revision=question.began_revision,
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
) -> Clearing:
    """The last safe dispatch if it keeps all limits with the loads of now, else none."""
    reason = str(error).replace("\n", " ")
    if isinstance(error, UnmetLimitsError) and error.nearest.violations:
        worst = error.nearest.violations[0]
        reason = f"all devices with bids together cannot keep a limit: {worst}"
    # a market that was never cleared has a state from now on
    begun = dataclasses.replace(question, state=state.to_bytes())
    last = question.last
    if last is not None and _is_safe(stage, moment, state, last):
        return last_safe_dispatch(stage.definition, begun, reason)
    return no_dispatch(begun, reason)


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
