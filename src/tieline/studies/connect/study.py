"""May this plant be connected? It is solved at full power in every situation; no limit may break in any.

Beside the answer stands how much would fit there, by each limit (`siting.search`), and, if the answer is no, what would cure it:
each cure is solved on the AC power flow, with the setting at which it suffices.

A limit that is broken before the plant counts where the plant makes it worse (`settings.broken_before`). Left out: short-circuit
currents and protection, harmonics, flicker, costs.
"""

from __future__ import annotations

from tieline.feeders import Feeder
from tieline.studies.answer import Answer, Tell
from tieline.studies.broken_before import require_none
from tieline.studies.connect.config import ConnectConfig
from tieline.studies.connect.place import find_place
from tieline.studies.connect.telling.metrics import make_metrics
from tieline.studies.connect.telling.remarks import make_remarks
from tieline.studies.connect.telling.tables import make_tables
from tieline.studies.connect.ways.case import make_case
from tieline.studies.connect.ways.cures import find_cures
from tieline.studies.connect.ways.followed import once_followed
from tieline.studies.siting.flows import Way
from tieline.studies.siting.remarks import broken_before
from tieline.studies.siting.setting import make_setting


def answer(feeder: Feeder, config: ConnectConfig, tell: Tell) -> Answer:
    """Answer one connection question.

    Args:
        feeder: on which.
        config: the question.
        tell: is told cures done and cures in all.

    Returns:
        Metrics of `telling.metrics`, tables of `telling.tables`.

    Raises:
        InputError, FeederError: if the configuration cannot be used on the feeder.
        NotConvergedError: if the feeder has no power flow without the plant.
        InfeasibleBaseError: if a limit is broken before and that is to stop it.
    """
    place = find_place(feeder, config)
    setting = make_setting(feeder, config, (place,))
    before = broken_before(setting)
    require_none(before, feeder, config)
    case = make_case(setting, Way.of(config), config.kw)
    capacity = case.capacity()
    cures = []
    if not case.holds:
        cures = find_cures(case, capacity, tell)
    tables = make_tables(case, capacity, cures) | {"broken_before": before}
    # "yes" while taps stand still may become "no" once they have moved, and the other way round
    followed = once_followed(case)
    metrics = make_metrics(case, capacity, followed, tables, cures)
    return Answer(metrics, tables, make_remarks(case, metrics))
