"""A feeder over time (quasi-static time series, QSTS).

Every step is an AC power flow with the loads and DERs of its time (`world.powers`); regulators and capacitors begin it where they
stood at the end of the step before (`powerflow.in_sequence`). What is kept of the steps stands in `records`.

Left out: what happens within a step, so delays of controls only give their order, and a tap that moves twice within a step and
back is not seen.
"""

from __future__ import annotations

from tieline.effort import BYTES, require_memory, require_power_flows
from tieline.errors import NotConvergedError
from tieline.feeders import Feeder
from tieline.studies.answer import Answer, Tell
from tieline.studies.time_series.config import TimeSeriesConfig
from tieline.studies.time_series.telling.metrics import make_metrics
from tieline.studies.time_series.telling.remarks import make_remarks
from tieline.studies.time_series.telling.tables import make_tables
from tieline.studies.time_series.walk import walk

REMEDY = "Ask for fewer days (--days) or longer steps (--step-minutes)."


def answer(feeder: Feeder, config: TimeSeriesConfig, tell: Tell) -> Answer:
    """Answer one question over time.

    Args:
        feeder: of which.
        config: the question.
        tell: is told steps done and steps in all.

    Returns:
        Metrics of `telling.metrics`, tables of `telling.tables`.

    Raises:
        InputError, FeederError: if a table cannot be used, or the run is too large for this machine.
        NotConvergedError: if no step has a power-flow solution.
    """
    require_size(feeder, config)
    walked = walk(feeder, config, tell)
    if not walked.records.is_solved.any():
        raise NotConvergedError(
            f"None of the {config.n_steps:,} steps has a power-flow solution. Lower the load (--load-pct), or solve one of them "
            "with tieline solve to see why."
        )
    tables = make_tables(walked)
    metrics = make_metrics(walked, tables)
    return Answer(metrics, tables, make_remarks(walked))


def require_size(feeder: Feeder, config: TimeSeriesConfig) -> None:
    """Refuse a run that would not end or fit into memory; raises `InputError` saying how much it is and what the limit is."""
    size = f"{config.n_steps:,} time steps"
    require_power_flows(size, config.n_steps, REMEDY)
    # P and Q of each, once drawn and once asked
    n_numbers = 4 * config.n_steps * (len(feeder.loads) + len(feeder.ders))
    require_memory(size, n_numbers * BYTES, REMEDY)
