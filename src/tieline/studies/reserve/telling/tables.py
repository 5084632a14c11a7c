"""The tables of a run: allocations, objectives and voltages of the cases."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from tieline.envs.reserve.task import ReserveTask
from tieline.studies.reserve.telling.metrics import QUANTITIES, quantity_name, values_of
from tieline.studies.reserve.ways.cases import OPTIMUM, CaseAnswer


def make_tables(
    answers: Sequence[CaseAnswer], task: ReserveTask, currency: str
) -> dict[str, pd.DataFrame]:
    """Tables `allocations`, `objectives`, and `buses`: voltages without and with the first case's reserve."""
    return {
        "allocations": _allocations(answers, task.config.ders),
        "objectives": _objectives(answers, currency),
        "buses": _buses(task, answers[0]),
    }


def _objectives(answers: Sequence[CaseAnswer], currency: str) -> pd.DataFrame:
    """A row per case and decider."""
    return pd.concat(_objective_rows(answer, currency) for answer in answers)


def _objective_rows(answer: CaseAnswer, currency: str) -> pd.DataFrame:
    quantities = {}
    for quantity in QUANTITIES:
        name = quantity_name(quantity, currency)
        quantities[name] = values_of(answer, quantity)
    optimum = answer.objective[answer.row(OPTIMUM)]
    effect = answer.effect
    columns = {
        "case": answer.case.name,
        "who": answer.who,
        **quantities,
        "gap_pct": (answer.objective / optimum - 1.0) * 100.0,
        "lowest_pu": effect.lowest_pu,
        "highest_pu": effect.highest_pu,
    }
    return pd.DataFrame(columns)


def _allocations(answers: Sequence[CaseAnswer], places: Sequence[str]) -> pd.DataFrame:
    """A row per case, decider and DER."""
    return pd.concat(_allocation_rows(answer, places) for answer in answers)


def _allocation_rows(answer: CaseAnswer, places: Sequence[str]) -> pd.DataFrame:
    n_deciders = len(answer.who)
    case = answer.case
    columns = {
        "case": case.name,
        "who": np.repeat(answer.who, len(places)),
        "der": list(places) * n_deciders,
        "capacity_kw": list(case.capacity_kw) * n_deciders,
        "bid_cents": list(case.bid_cents) * n_deciders,
        "reserve_kw": answer.allocation_kw.ravel(),
    }
    return pd.DataFrame(columns)


def _buses(task: ReserveTask, first: CaseAnswer) -> pd.DataFrame:
    """Lowest voltage of each bus without reserve, and with that of the first decider in the first case."""
    model = task.model
    no_reserve = np.zeros((1, len(task.config.ders)))
    base = model.effect(no_reserve, no_reserve)
    points = model.points
    idle = points.magnitude_pu(base.solution.v_pu)
    with_reserve = points.magnitude_pu(first.effect.solution.v_pu[:1])
    columns = {
        "bus": [model.network.feeder.buses[k].name for k in points.bus],
        "without_pu": idle[0],
        f"{first.who[0]}_pu": with_reserve[0],
    }
    grouped = pd.DataFrame(columns).groupby("bus", sort=False)
    return grouped.min().reset_index()
