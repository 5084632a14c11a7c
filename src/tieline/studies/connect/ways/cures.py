"""Every cure of a plant that may not be connected, cheapest first."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd

from tieline.studies.answer import Tell
from tieline.studies.connect.ways.case import Case
from tieline.studies.connect.ways.cure import Cure
from tieline.studies.connect.ways.curtailment import by_curtailment
from tieline.studies.connect.ways.reactive_power import by_power_factor, by_volt_var
from tieline.studies.connect.ways.reinforcement import by_conductor, by_transformer


def find_cures(case: Case, capacity: pd.Series, tell: Tell) -> list[Cure]:
    """Solve each cure; those that do not apply to the plant are left out.

    Args:
        case: the plant as it was asked for.
        capacity: what fits of it.
        tell: is told cures done and cures in all.
    """
    searches: dict[str, Callable[[], Cure | None]] = {
        "power factor": lambda: by_power_factor(case),
        "volt-var": lambda: by_volt_var(case),
        "curtailment": lambda: by_curtailment(case, capacity),
        "larger transformer": lambda: by_transformer(case),
        "stronger conductor": lambda: by_conductor(case),
    }
    if case.way.volt_var:
        # the plant has the curve already
        del searches["volt-var"]
    cures = []
    for k, (name, search) in enumerate(searches.items()):
        tell(k, len(searches), f"cure: {name}")
        cure = search()
        if cure is not None:
            cures.append(cure)
    return cures
