"""The balancing market of a feeder, minute by minute: who supplies what departs from the schedule, and at which price.

Each cleared minute is a reduced linear program over the DERs that were chosen, replayed on AC with controls; beside it stand the
program over all DERs and the AC optimum. What is measured stands in `telling.metrics`, the order of a minute in `ways.minutes`.
"""

from __future__ import annotations

from tieline.effort import BYTES, require_memory
from tieline.feeders import Feeder
from tieline.studies.answer import Answer, Tell, notes_beyond
from tieline.studies.market.config import MINUTES_A_DAY, MarketConfig
from tieline.studies.market.telling.metrics import make_metrics
from tieline.studies.market.telling.remarks import make_remarks
from tieline.studies.market.telling.tables import make_tables
from tieline.studies.market.ways.borders import watched_buses
from tieline.studies.market.ways.deciders import make_deciders
from tieline.studies.market.ways.models import ChoiceModels
from tieline.studies.market.ways.run import Run, play
from tieline.studies.market.world.make import make_world

PRICES_OF_A_NODE = 9
"""Numbers that are kept of every node and cleared minute: six parts of two prices, minute, bus and phase."""


def answer(feeder: Feeder, config: MarketConfig, tell: Tell) -> Answer:
    """Clear the minutes of a configuration on a feeder.

    Returns:
        Metrics of `telling.metrics`, tables of `telling.tables`.

    Raises:
        InputError, FeederError: if places, lines, tables or numbers cannot be used on the feeder, or it is meshed.
        NoAnswerError: if DERs cannot give the load, or all of them cannot keep a limit; names the limit and the minute.
    """
    require_size(feeder, config)
    run = _play(feeder, config, tell)
    tables = make_tables(run)
    remarks = [
        *make_remarks(run, tables["broken_before"]),
        *notes_beyond(feeder, run.plant.feeder),
    ]
    metrics = make_metrics(run) | {"broken_before": len(tables["broken_before"])}
    return Answer(metrics, tables, remarks)


def require_size(feeder: Feeder, config: MarketConfig) -> None:
    """Refuse a run whose prices do not fit into memory; raises `InputError` saying how much it is."""
    days = config.drawn_profiles.days
    window = (config.to_hour - config.from_hour) / 24
    n_minutes = int(days * window * MINUTES_A_DAY / config.every_minutes)
    n_nodes = sum(len(bus.phases) for bus in feeder.buses)
    what = f"Prices of {n_minutes:,} minutes at {n_nodes:,} nodes"
    require_memory(
        what,
        n_minutes * n_nodes * PRICES_OF_A_NODE * BYTES,
        "Raise --every-minutes, or clear fewer hours.",
    )


def _play(feeder: Feeder, config: MarketConfig, tell: Tell) -> Run:
    tell(0, 1, "series and microgrids")
    plant, day = make_world(feeder, config)
    watched = watched_buses(plant, day, config)
    models = ChoiceModels(plant)
    deciders = make_deciders(feeder, models, day, config, tell)
    n_minutes = len(day.cleared)

    def tell_minute(count: int, when: str) -> None:
        tell(count, n_minutes, when)

    return play(models, day, config, watched, deciders, tell_minute)
