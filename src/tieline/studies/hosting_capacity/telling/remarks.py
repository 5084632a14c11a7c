"""What a reader must know beside the number, one sentence each."""

from __future__ import annotations

import numpy as np
import pandas as pd

from tieline.profiles.told import tell_unasked_place
from tieline.reports.remarks import Remark, approximated
from tieline.studies.answer import Metric
from tieline.studies.broken_before import tell_broken_before
from tieline.studies.feeder_ders import tell_bright_sun
from tieline.studies.gauges import tell_unrated
from tieline.studies.hosting_capacity.solving.cases import solve_case
from tieline.studies.hosting_capacity.telling.capacity import (
    tell_few_draws,
    tell_minimum,
)
from tieline.studies.hosting_capacity.telling.unsolved import tell_unsolved
from tieline.studies.hosting_capacity.world.setting import Setting
from tieline.studies.load_model import tell_load_model

WITHOUT_PLACE = {
    "unbalance": "no bus has three phases",
    "neutral-voltage": "no bus has a neutral conductor (a node from 4 on)",
}
"""Why a limit has no place, where ratings are not the reason."""

HARDLY_ANY_ROOM = 0.1
"""Share of the rise above nominal that the limit allows: below it the base case decides as much as PV does."""


def make_remarks(
    setting: Setting,
    tables: dict[str, pd.DataFrame],
    metrics: dict[str, Metric],
) -> list[Remark]:
    """All remarks of a run, one sentence each."""
    before = tables["broken_before"]
    breaches = tell_broken_before(before, setting.network.feeder, setting.config)
    caveats = [
        *tell_unsolved(tables, metrics, setting.config),
        *_high_before(setting),
        *_no_violation(setting, metrics),
        *tell_few_draws(setting.config, int(metrics["deployments"] or 0)),
        *tell_minimum(setting.config),
        *_blind_limits(setting),
        *_drawn(setting, metrics),
        *_sun(setting),
        *_load_model(setting, tables["deployments"]),
    ]
    return [*breaches, *approximated(caveats)]


def _no_violation(setting: Setting, metrics: dict[str, Metric]) -> list[str]:
    if (
        metrics["first_violation_pct"] is not None
        or metrics["hosting_capacity_pct"] is None
    ):
        return []
    judged_pct = metrics["judged_up_to_pct"]
    highest = setting.levels_pct[-1]
    if judged_pct != highest:
        return [
            f"No level up to {judged_pct:g} % makes a judged point break a limit; what happens above was not judged in full."
        ]
    return [
        f"No level up to {highest:g} % makes a judged point break a limit: the hosting capacity is at least that. Levels grow no "
        "further than cap_pct, and than bus_cap_kw leaves room for."
    ]


def _high_before(setting: Setting) -> list[str]:
    """That PV finds hardly any room below the highest voltage; points that break it without PV are told of elsewhere."""
    limit = setting.config.limit_numbers.highest_pu
    if limit is None:
        return []
    v_pu = setting.points.magnitude_pu(setting.base.v_pu)[0]
    holding_pu = np.where(v_pu <= limit, v_pu, -np.inf)
    point = int(np.nanargmax(holding_pu))
    room = limit - holding_pu[point]
    if room >= HARDLY_ANY_ROOM * (limit - 1) or np.isinf(room):
        return []
    return [
        f"Without PV the voltage at {setting.points.names[point]} is already {holding_pu[point]:.4f} of {limit:g} pu allowed "
        "(snapshot before PV is added): the base case leaves PV hardly any room."
    ]


def _blind_limits(setting: Setting) -> list[str]:
    sentences = []
    for gauge in setting.gauges:
        missing = tell_unrated(setting.network, gauge)
        if not gauge.names:
            why = WITHOUT_PLACE.get(gauge.kind.name, "no such element has a rating")
            sentences.append(f"The {gauge.kind.words} limit cannot be judged: {why}.")
        elif missing:
            sentences.append(
                f"{gauge.kind.words.capitalize()}: {missing} have no rating and are not judged."
            )
    return sentences


def _drawn(setting: Setting, metrics: dict[str, Metric]) -> list[str]:
    config = setting.config
    if config.stop_width is None or config.is_certain:
        return []
    n_deployments = metrics["deployments"]
    if n_deployments == config.n_deployments:
        return [
            f"All {n_deployments} deployments were drawn and the interval may still be wider than {config.stop_width:g}: raise "
            "deployments."
        ]
    return [
        f"Drawing stopped at {n_deployments} deployments: the interval at the deciding levels is narrower than "
        f"{config.stop_width:g}."
    ]


def _sun(setting: Setting) -> list[str]:
    sun_pu = setting.timeline.sun_pu
    if sun_pu is not None:
        return tell_bright_sun(sun_pu)
    config = setting.config
    if config.time == "snapshot":
        return []
    return tell_unasked_place(
        setting.network.feeder, config.drawn_profiles, config.sun_table
    )


def _load_model(setting: Setting, cases: pd.DataFrame) -> list[str]:
    """What the load model changes before PV is added, and in the judged case with the highest voltage."""
    config = setting.config
    before_pv = tell_load_model(
        setting.base, config.load_model, "Snapshot before PV is added"
    )
    is_solved_with_pv = cases["converged"] & (cases["level_pct"] > 0)
    with_pv = cases[is_solved_with_pv]
    # PV raises voltages: of all cases this one is the likeliest to leave the band of the loads upwards
    highest = int(with_pv["v_max_pu"].to_numpy().argmax())
    worst = with_pv.iloc[highest]
    when = worst[f"{config.limit_numbers.kinds[0].column}_when"]
    step = setting.timeline.find(str(when))
    solution = solve_case(
        setting, int(worst["deployment"]), float(worst["level_pct"]), step
    )
    what = f"Deployment {worst['deployment']} at {worst['level_pct']:g} % PV, the one with the highest voltage"
    return [*before_pv, *tell_load_model(solution, config.load_model, what)]
