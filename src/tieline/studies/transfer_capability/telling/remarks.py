"""What a reader of a transfer must know beside its numbers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from tieline.powerflow import Solution
from tieline.reports.remarks import Remark, approximated, broken
from tieline.studies.answer import Metric
from tieline.studies.gauges import tell_unrated
from tieline.studies.load_model import tell_load_model
from tieline.studies.transfer_capability.config import TransferCapabilityConfig
from tieline.studies.transfer_capability.telling.tables import NO_SOLUTION
from tieline.studies.transfer_capability.world.cases import Cases
from tieline.studies.unjudged import why_unsolved


def make_remarks(
    cases: Cases,
    metrics: Mapping[str, Metric],
    config: TransferCapabilityConfig,
    at_ttc: Solution,
    at_end: Solution,
) -> list[Remark]:
    """All remarks, one sentence each.

    Args:
        cases: that were solved.
        metrics: of `telling.metrics` and `count_unjudged`.
        config: the question.
        at_ttc: the last transfer that keeps all limits.
        at_end: the first transfer without a power-flow solution.
    """
    caveats = [
        "TTC is the smaller of the thermal and the voltage limit of steady state; stability limits are left out.",
        *_without_rating(cases, config),
        *_of_the_end(metrics, at_end),
        *_of_draws(metrics, config),
        *tell_load_model(at_ttc, config.load_model, "At TTC"),
    ]
    return [*broken(_of_nothing(metrics)), *approximated(caveats)]


def _of_nothing(metrics: Mapping[str, Metric]) -> Iterator[str]:
    available_kw = metrics["atc_kw"]
    if isinstance(available_kw, float) and available_kw <= 0:
        yield "The margins use up the whole transfer capability: nothing is available."


def _without_rating(cases: Cases, config: TransferCapabilityConfig) -> Iterator[str]:
    for gauge in cases.gauges:
        elements = tell_unrated(cases.network, gauge)
        if elements:
            yield f"{elements} have no rating and limit nothing."
    is_rated = any(gauge.kind.name == "line-loading" for gauge in cases.gauges)
    is_asked = config.limit_numbers.line_pct is not None
    # a gauge without places was left out of the cases: nobody has said yet that it is missing
    if is_asked and not is_rated and cases.network.feeder.lines:
        yield "No line has a rating: line loading limits nothing. Give --line-rating-a to rate them all."


def _of_the_end(metrics: Mapping[str, Metric], at_end: Solution) -> Iterator[str]:
    if metrics["no_solution_kw"] is None:
        yield (
            "Where the power flow itself would end is not known: loads outside their voltage band turn into impedances before, "
            "and take less than what is sent. --load-model zip keeps them at their power."
        )
    if metrics["binding_limit"] == NO_SOLUTION:
        why = why_unsolved(int(at_end.outcome[0]))
        yield f"No limit is known to break: TTC ends where the power flow {why}."


def _of_draws(
    metrics: Mapping[str, Metric], config: TransferCapabilityConfig
) -> Iterator[str]:
    if config.trm == "monte-carlo":
        yield "Load and DER draws are uniform and independent of each other; regulators are treated as configured."
    if metrics["cases_unjudged"]:
        yield (
            f"{metrics['cases_unjudged']} of {config.draws} draws have no power-flow solution before any transfer and were not "
            "judged: their TTC counts as 0, which can only widen the margin."
        )
