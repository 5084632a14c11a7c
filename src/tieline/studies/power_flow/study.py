"""A power flow as an answer: solve it, hold it against the limits, tell it in full."""

from __future__ import annotations

from tieline.feeders import Feeder
from tieline.studies.answer import Answer, Tell
from tieline.studies.power_flow.config import PowerFlowConfig
from tieline.studies.power_flow.flow import Flow, solve_asked
from tieline.studies.power_flow.telling.metrics import make_metrics
from tieline.studies.power_flow.telling.remarks import make_remarks
from tieline.studies.power_flow.telling.tables import make_tables

IN_CSV = ("nodes", "branches", "taps")
"""Tables that are written as CSV too: what a spreadsheet is asked for most."""


def answer(feeder: Feeder, config: PowerFlowConfig, tell: Tell) -> Answer:
    """Answer one question.

    Args:
        feeder: of which; its generators may hold voltages, and it may have several sources.
        config: the question.
        tell: is told that the power flow is solved.

    Returns:
        Metrics of `telling.metrics`, tables of `telling.tables`.

    Raises:
        NotConvergedError: without a solution; it says why and what to do.
    """
    tell(0, 1, "power flow")
    flow = solve_asked(feeder, config)
    tell(1, 1, "done")
    return tell_in_full(flow, config)


def tell_in_full(flow: Flow, config: PowerFlowConfig) -> Answer:
    """What there is to say of a power flow that is solved."""
    tables = make_tables(flow)
    files = {
        f"{name}.csv": tables[name].to_csv(index=False).encode()
        for name in IN_CSV
        if name in tables
    }
    return Answer(make_metrics(flow), tables, make_remarks(flow, config), files)
