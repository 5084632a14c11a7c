"""What a reader of an interval power flow must know beside its numbers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from tieline.powerflow.interval.flow import IntervalFlow
from tieline.reports.remarks import Remark, approximated
from tieline.settings.fields import LoadModelAsked
from tieline.studies.answer import Metric
from tieline.studies.load_model import tell_load_model


def make_remarks(
    flow: IntervalFlow, metrics: Mapping[str, Metric], load_model: LoadModelAsked
) -> list[Remark]:
    """All remarks, one sentence each."""
    centre = flow.uncertain.centre
    return approximated(
        [
            *_of_bounds(flow, metrics),
            *_of_draws(metrics),
            *tell_load_model(centre, load_model, "At the centre"),
        ]
    )


def _of_bounds(flow: IntervalFlow, metrics: Mapping[str, Metric]) -> Iterator[str]:
    yield (
        "The bounds are a Taylor inclusion: the expansion never leaves them, and what it leaves out is estimated by AC power "
        "flows at its extremes, not proved."
    )
    if flow.uncertain.network.feeder.has_controls:
        yield "Regulators and capacitors stay where they are at the centre over the whole interval."
    if metrics["not_bounded"]:
        yield (
            f"{metrics['not_bounded']} voltages have no bounds: within the spread the feeder can be loaded beyond what it can "
            "carry. So the lowest and the highest voltage are not known, and those that break are at least the ones counted. "
            "Lower the spread or the load level."
        )


def _of_draws(metrics: Mapping[str, Metric]) -> Iterator[str]:
    draws = metrics["draws"]
    if metrics["draws_outside"]:
        yield f"{metrics['draws_outside']} of {draws} draws leave the bounds. Lower the spread."
    if metrics["draws_not_converged"]:
        yield (
            f"{metrics['draws_not_converged']} of {draws} draws have no power-flow solution: bounds and drawn ranges are those "
            "of the draws that have one."
        )
