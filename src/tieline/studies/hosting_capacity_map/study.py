"""Hosting-capacity map: how large a plant each bus can take by itself, by each limit.

Every bus is asked the question of the study `connect`, all of them side by side: a power flow is one bus, one size and one
situation, and each round of the search (`siting.search`) is one batch. Plants at several buses at once are not what is asked:
they share what the feeder can take, so the numbers of two buses do not add up.
"""

from __future__ import annotations

import time

from tieline.feeders import Feeder
from tieline.studies.answer import Answer, Tell
from tieline.studies.broken_before import require_none
from tieline.studies.hosting_capacity_map.config import HostingCapacityMapConfig
from tieline.studies.hosting_capacity_map.places import find_places
from tieline.studies.hosting_capacity_map.telling.metrics import make_metrics
from tieline.studies.hosting_capacity_map.telling.remarks import make_remarks
from tieline.studies.hosting_capacity_map.telling.tables import bus_table, csv_of
from tieline.studies.siting.capacity import find_capacity
from tieline.studies.siting.flows import Way
from tieline.studies.siting.remarks import broken_before
from tieline.studies.siting.setting import make_setting


def answer(feeder: Feeder, config: HostingCapacityMapConfig, tell: Tell) -> Answer:
    """Answer one question for a map.

    Args:
        feeder: of which.
        config: the question.
        tell: is told rounds of the search.

    Returns:
        Metrics of `telling.metrics`, the tables `buses` of `telling.tables` and `broken_before`, and the former as `buses.csv`.

    Raises:
        InputError, FeederError: if the configuration cannot be used on the feeder.
        NotConvergedError: if the feeder has no power flow without a plant.
        InfeasibleBaseError: if a limit is broken before and that is to stop it.
    """
    setting = make_setting(feeder, config, find_places(feeder, config))
    before = broken_before(setting)
    require_none(before, feeder, config)
    began_s = time.perf_counter()
    flows = 0

    def count(rounds: int, total: int, n_flows: int) -> None:
        nonlocal flows
        flows = n_flows
        tell(rounds, total, f"{n_flows} power flows")

    capacity = find_capacity(setting, Way.of(config), progress=count)
    flows_per_s = flows / (time.perf_counter() - began_s)
    buses = bus_table(setting, capacity)
    metrics = make_metrics(setting, buses, flows, flows_per_s)
    metrics["broken_before"] = len(before)
    remarks = make_remarks(setting, buses)
    tables = {"buses": buses, "broken_before": before}
    return Answer(metrics, tables, remarks, {"buses.csv": csv_of(buses)})
