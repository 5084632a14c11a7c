"""Interval power flow of a feeder: bounds by Taylor inclusion, and beside them what Monte-Carlo draws reach.

The bounds themselves, what they hold and what not, stand in `powerflow.interval`.

Source: M. Al-Saffar, PhD thesis, University of Alberta, 2.2.3.
"""

from __future__ import annotations

import numpy as np

from tieline.errors import NotConvergedError
from tieline.feeders import Feeder
from tieline.network import Network
from tieline.powerflow.interval.flow import IntervalFlow, interval_power_flow
from tieline.studies.answer import Answer, Tell
from tieline.studies.interval.config import IntervalConfig
from tieline.studies.interval.sampling import sampled_hull
from tieline.studies.interval.telling.metrics import make_metrics
from tieline.studies.interval.telling.remarks import make_remarks
from tieline.studies.interval.telling.tables import make_tables

FIXED_PU = 1e-9
"""Width up to which a voltage counts as fixed [pu]: below what a power flow is solved to."""


def answer(feeder: Feeder, config: IntervalConfig, tell: Tell) -> Answer:
    """Answer one interval question.

    Args:
        feeder: of which.
        config: the question.
        tell: is told draws done and draws in all.

    Returns:
        Metrics of `telling.metrics`, tables of `telling.tables`.

    Raises:
        InputError, FeederError: if the configuration cannot be used on the feeder.
        NotConvergedError: if the centre has no power-flow solution, or no voltage that moves has bounds.
    """
    network = Network.from_feeder(feeder)
    controls = "feeder"
    if config.controls == "off":
        controls = "off"
    flow = interval_power_flow(
        network,
        load_pct=config.spread_pct,
        der_pct=config.der_spread_pct,
        order=config.order,
        load_scale=config.load_pct / 100,
        controls=controls,
        load_model=config.load_model,
    )
    _require_bounds(flow, config)
    hull = sampled_hull(flow, config.draws, config.seed, tell)
    tables = make_tables(flow, hull, config)
    metrics = make_metrics(flow, hull, tables["voltages"], config)
    return Answer(metrics, tables, make_remarks(flow, metrics, config.load_model))


def _require_bounds(flow: IntervalFlow, config: IntervalConfig) -> None:
    """Refuse to conclude from voltages that nothing moves, such as that of the source.

    Raises:
        NotConvergedError: if no other has bounds.
    """
    voltage = flow.voltage
    moves = np.nan_to_num(voltage.width, nan=0.0) > FIXED_PU
    missing = int(np.isnan(voltage.width).sum())
    if not missing or moves.any():
        return
    most_pct = config.load_pct * (1 + config.spread_pct / 100)
    raise NotConvergedError(
        f"Nothing could be judged: none of the {missing} voltages of feeder '{flow.uncertain.network.feeder.name}' that move has "
        f"bounds. Where all powers are at their worst, loads at up to {most_pct:g} % of nominal, the power flow has no solution. "
        "Lower the spread (--spread-pct) or the load level (--load-pct)."
    )
