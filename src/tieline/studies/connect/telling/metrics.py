"""Metrics of a connection study, by names that stay the same from version to version.

allowed                  yes or no
place, kw                of the plant
capacity_kw              largest plant that keeps every limit there
capacity_is_least        yes where nothing breaks up to it, the largest that was looked at
binding_limit            the limit that ends the capacity, `no-solution` where there is no power flow above it, `none`
binding_at, binding_situation       where and when
binding_value, binding_number       its reading there with the plant as asked, and the limit; None without one
followed_allowed, followed_capacity_kw   the answer once regulators and capacitors have followed; None where they do anyway
limits_broken            by the plant as asked; None where it has no power flow
broken_before            places that break a limit without the plant
LIMIT_kw                 largest plant that keeps this limit; None where it holds as far as was looked
cures_sufficing          of those that were tried, curtailment apart; None where none was needed
cases_unjudged, unjudged_pct        situations without a power flow
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from tieline.studies.answer import Metric
from tieline.studies.connect.ways.case import Case
from tieline.studies.connect.ways.cure import Cure
from tieline.studies.siting.capacity import kw_column
from tieline.studies.unjudged import count_unjudged, finite_or_none


def make_metrics(
    case: Case,
    capacity: pd.Series,
    followed: Case | None,
    tables: Mapping[str, pd.DataFrame],
    cures: Sequence[Cure],
) -> dict[str, Metric]:
    """All metrics by name.

    Args:
        case: the plant as it was asked for.
        capacity: what fits of it.
        followed: the plant once controls have followed, of `ways.followed`.
        tables: of `telling.tables`, and `broken_before`.
        cures: what was tried.
    """
    n_unsolved = sum(not flow.is_solved for flow in case.flows)
    limits = tables["limits"]
    broken = limits.loc[limits["breaks"], "limit"].nunique()
    return {
        "allowed": _yes_or_no(case.holds),
        "place": case.setting.places[0],
        "kw": case.kw,
        "capacity_kw": float(capacity["capacity_kw"]),
        "capacity_is_least": _yes_or_no(bool(capacity["is_least"])),
        **_binding(case, capacity),
        "limits_broken": None if n_unsolved else int(broken),
        "broken_before": len(tables["broken_before"]),
        **_followed(followed),
        **_by_limit(case, capacity),
        "cures_sufficing": _count_cures(case, cures),
        **count_unjudged(n_unsolved, len(case.flows)),
    }


def _binding(case: Case, capacity: pd.Series) -> dict[str, Metric]:
    """The limit that ends the capacity, and its reading with the plant as asked."""
    value = None
    number = None
    situation = str(capacity["situation"])
    for k, gauge in enumerate(case.setting.gauges):
        if gauge.kind.name != capacity["limit"]:
            continue
        place = gauge.names.index(str(capacity["at"]))
        for flow in case.flows:
            if flow.base.situation.name == situation:
                value = finite_or_none(float(flow.readings[k][place]))
                number = float(flow.base.limits[k][place])
    return {
        "binding_limit": str(capacity["limit"]),
        "binding_at": str(capacity["at"]),
        "binding_situation": situation,
        "binding_value": value,
        "binding_number": number,
    }


def _followed(followed: Case | None) -> dict[str, Metric]:
    if followed is None:
        return {"followed_allowed": None, "followed_capacity_kw": None}
    return {
        "followed_allowed": _yes_or_no(followed.holds),
        "followed_capacity_kw": float(followed.capacity()["capacity_kw"]),
    }


def _by_limit(case: Case, capacity: pd.Series) -> dict[str, Metric]:
    metrics: dict[str, Metric] = {}
    for gauge in case.setting.gauges:
        column = kw_column(gauge.kind.name)
        metrics[column] = finite_or_none(float(capacity[column]))
    return metrics


def _count_cures(case: Case, cures: Sequence[Cure]) -> int | None:
    if case.holds:
        return None
    return sum(cure.suffices for cure in cures if cure.name != "curtailment")


def _yes_or_no(answer: bool) -> str:
    return "yes" if answer else "no"
