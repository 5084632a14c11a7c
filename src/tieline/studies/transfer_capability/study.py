"""Available transfer capability: how much more power can be sent between two sets of buses.

    TTC = smaller of the thermal limit and the voltage limit,      ATC = TTC - TRM - CBM

The transfer grows from the base case (AC continuation, `ways.search`) until a limit breaks. TRM is a fraction of TTC, or what
TTC loses when load and PV are uncertain: TTC less the quantile that all but (1 - confidence) of the draws exceed. Stability is
left out; where the power flow has no solution before any limit breaks, that is where TTC ends. What is outside a limit before
the transfer, of the feeder or of a draw, must not get worse (`settings.broken_before`).

Source: M. Al-Saffar, PhD thesis, University of Alberta, 2.2.2.
"""

from __future__ import annotations

import numpy as np

from tieline.errors import InputError
from tieline.feeders import Feeder
from tieline.studies.answer import Answer, Tell
from tieline.studies.broken_before import require_none, tell_broken_before
from tieline.studies.line_ratings import with_line_ratings
from tieline.studies.transfer_capability.config import TransferCapabilityConfig
from tieline.studies.transfer_capability.telling.metrics import make_metrics
from tieline.studies.transfer_capability.telling.remarks import make_remarks
from tieline.studies.transfer_capability.telling.tables import make_tables
from tieline.studies.transfer_capability.ways.search import Breaks, first_breaks
from tieline.studies.transfer_capability.world.cases import (
    Cases,
    broken_before,
    make_cases,
)
from tieline.studies.transfer_capability.world.transfer import make_transfer
from tieline.studies.unjudged import count_unjudged
from tieline.typing import BoolArray, FloatArray, IntArray


def answer(feeder: Feeder, config: TransferCapabilityConfig, tell: Tell) -> Answer:
    """Answer one transfer-capability question.

    Args:
        feeder: on which.
        config: the question.
        tell: is told steps done and steps in all.

    Returns:
        Metrics of `telling.metrics`, `cases_unjudged` (draws without a solution before any transfer) and `unjudged_pct`; tables
        of `telling.tables`.

    Raises:
        InputError, FeederError: if the configuration cannot be used on the feeder, or nothing ends the transfer.
        NotConvergedError: if the feeder has no solution before the transfer.
        InfeasibleBaseError: if a limit is broken before the transfer and that is to stop it.
    """
    rated = with_line_ratings(feeder, config.line_rating_a)
    cases = make_cases(make_transfer(rated, config), config)
    _check_gauges(cases)
    before = broken_before(cases)
    require_none(before, feeder, config)
    # Of the size of many answers; doubling from there finds the others in a few rounds.
    start_kw = max(rated.peak_load_kw, 1.0) / 4
    tell(0, 2, "where limits break")
    breaks = first_breaks(cases.broken, 1, start_kw, config.resolution_kw)
    tell(1, 2, "the margin")
    ttc_kw = float(breaks.safe_kw[0].min())
    _check_end(cases, breaks)
    drawn_kw = np.empty(0)
    unsolved = 0
    if config.trm == "monte-carlo":
        # Draws break near the feeder as it stands.
        drawn_kw, unsolved = _drawn_ttc(cases, config, ttc_kw or start_kw)
    trm_kw = _margin(ttc_kw, drawn_kw, config)
    tell(2, 2, "done")
    tables = make_tables(cases, breaks, ttc_kw, drawn_kw)
    tables["broken_before"] = before
    metrics = make_metrics(tables["limits"], ttc_kw, trm_kw, config)
    metrics |= {"broken_before": len(before)}
    metrics |= count_unjudged(unsolved, len(drawn_kw))
    at_ttc = cases.at(np.array([ttc_kw]))
    at_end = cases.at(breaks.broken_kw[:, -1])
    remarks = [
        *tell_broken_before(before, feeder, config),
        *make_remarks(cases, metrics, config, at_ttc, at_end),
    ]
    return Answer(metrics, tables, remarks)


def _check_gauges(cases: Cases) -> None:
    if not cases.gauges:
        raise InputError(
            f"No limit can break on feeder '{cases.network.feeder.name}': no voltage limit is on and no line or transformer "
            "has a rating. Give --line-rating-a, or a voltage limit."
        )


def _check_end(cases: Cases, breaks: Breaks) -> None:
    """Some limit must break while the receivers still take what is sent."""
    end_kw = breaks.safe_kw[0, -1]
    breaks_before = breaks.safe_kw[0, :-1].min() < end_kw
    if breaks_before or cases.takes_what_is_sent(end_kw):
        return
    raise InputError(
        f"No limit that is asked for breaks on feeder '{cases.network.feeder.name}' before its loads turn into impedances, "
        "outside their voltage band: the more is sent, the less they take. Give a lowest voltage (--lowest-pu), or hold "
        "the loads at their power with --load-model zip."
    )


def _drawn_ttc(
    cases: Cases, config: TransferCapabilityConfig, start_kw: float
) -> tuple[FloatArray, int]:
    """TTC of every draw, (draw,) [kW]; 0 where there is no solution. And how many draws have none."""
    draws = cases.with_draws(config)
    no_solution = draws.broken(np.arange(config.draws), np.zeros(config.draws))[:, -1]

    # The TTC of a draw ends at whatever breaks first: one bracket a draw instead of one a limit.
    def any_broken(case: IntArray, transfer_kw: FloatArray) -> BoolArray:
        return np.any(draws.broken(case, transfer_kw), axis=1, keepdims=True)

    breaks = first_breaks(any_broken, config.draws, start_kw, config.resolution_kw)
    return breaks.safe_kw[:, 0], int(no_solution.sum())


def _margin(
    ttc_kw: float, drawn_kw: FloatArray, config: TransferCapabilityConfig
) -> float:
    if config.trm == "fraction":
        return ttc_kw * config.trm_pct / 100
    quantile_kw = float(np.quantile(drawn_kw, 1 - config.confidence_pct / 100))
    # draws may all lie above the TTC of the base case; a margin does not add to what is available
    return max(0.0, ttc_kw - quantile_kw)
