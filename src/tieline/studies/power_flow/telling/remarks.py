"""What a reader of a power flow must know beside its numbers."""

from __future__ import annotations

from collections.abc import Iterator

from tieline.network.voltage_points import voltage_points
from tieline.powerflow.held_voltage.told import held_voltages
from tieline.reports.remarks import Remark, approximated
from tieline.studies.gauges import tell_unrated
from tieline.studies.load_model import tell_load_model
from tieline.studies.power_flow.config import PowerFlowConfig
from tieline.studies.power_flow.flow import Flow

REMEDY = {"line-loading": " --line-rating-a gives lines one."}


def make_remarks(flow: Flow, config: PowerFlowConfig) -> list[Remark]:
    """All remarks, one sentence each."""
    return approximated(
        [
            *_without_supply(flow),
            *_unrated(flow),
            *_at_limits(flow),
            *tell_load_model(flow.solution, config.load_model, "Load model"),
        ]
    )


def _without_supply(flow: Flow) -> Iterator[str]:
    n_points = len(voltage_points(flow.network).names)
    if flow.n_dead:
        yield f"{flow.n_dead} of {n_points} voltage points are without supply and are not judged."


def _unrated(flow: Flow) -> Iterator[str]:
    """Elements whose loading nobody can judge."""
    for gauge in flow.gauges:
        elements = tell_unrated(flow.network, gauge)
        if elements:
            remedy = REMEDY.get(gauge.kind.name, "")
            yield f"The {gauge.kind.words} of {elements} cannot be judged: the feeder gives no rating.{remedy}"


def _at_limits(flow: Flow) -> Iterator[str]:
    """Generators that cannot hold their voltage."""
    names = [holder.name for holder in held_voltages(flow.solution) if holder.limit]
    if names:
        yield f"At a limit of their reactive power, and not at the voltage they are to hold: {', '.join(names)}."
