"""Which cases have no power-flow solution, and why: what is said where some or all of them could not be judged."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from tieline.errors import NotConvergedError
from tieline.powerflow.outcome import Outcome
from tieline.studies.answer import Metric
from tieline.studies.hosting_capacity.config import HostingCapacityConfig
from tieline.studies.hosting_capacity.world.setting import Setting
from tieline.studies.unjudged import why_unsolved

RESTLESS = (
    "does not come to rest: inverters on their volt-var curve, and the controls if they act, keep moving. Take --inverter "
    "power-factor, or --controls off"
)


def require_one_judged(setting: Setting, cases: pd.DataFrame) -> None:
    """Refuse to conclude from nothing; `cases` of the configured variant.

    Raises:
        NotConvergedError: if no case with PV has a solution at every step, with and without its PV; says which fails first, why,
            and under which load.
    """
    with_pv = cases[cases["level_pct"] > 0]
    if with_pv["converged"].any():
        return
    draws = with_pv["deployment"].nunique()
    levels = with_pv["level_pct"].nunique()
    raise NotConvergedError(
        f"No case could be judged: none of {len(with_pv)} ({draws} deployments at {levels} levels of PV) has a power-flow "
        f"solution at every step, with its PV and without. {describe_first(cases, setting.config)}. {_load_then(setting, cases)}"
    )


def tell_unsolved(
    tables: dict[str, pd.DataFrame],
    metrics: dict[str, Metric],
    config: HostingCapacityConfig,
) -> list[str]:
    """What was not judged as configured and in the what-ifs, and what follows for the answer."""
    sentences = []
    if metrics["cases_unjudged"]:
        cases = tables["deployments"]
        sentences.append(
            f"{metrics['cases_unjudged']} of {len(cases)} cases have no power-flow solution and were not judged: they count "
            f"neither as safe nor as violating. {describe_first(cases, config)}."
        )
        sentences.append(_what_follows(tables["levels"], metrics))
    if "what_if" in tables:
        rows = tables["what_if"].iloc[1:]
        sentences += [
            _of_variant(row) for row in rows[rows["not_converged"] > 0].itertuples()
        ]
    return sentences


def _what_follows(levels: pd.DataFrame, metrics: dict[str, Metric]) -> str:
    """How far the hosting capacity is known."""
    judged_pct = metrics["judged_up_to_pct"]
    if judged_pct is None:
        return "No hosting capacity can be stated: the feeder was not solved in every case even before PV is added."
    missing = levels[levels["not_converged"] > 0].iloc[0]
    return (
        f"Judged in full up to {judged_pct:g} % PV; at {missing['level_pct']:g} % {missing['not_converged']} of "
        f"{missing['not_converged'] + missing['draws']} deployments were not. The hosting capacity is stated for what was judged "
        "in full only."
    )


def _of_variant(row: Any) -> str:
    reach = f"in full up to {row.judged_up_to_pct:g} % PV"
    if np.isnan(row.judged_up_to_pct):
        reach = "not even before PV is added"
    return f"What if ({row.text}): {row.not_converged} cases have no power-flow solution; judged {reach}."


def describe_first(cases: pd.DataFrame, config: HostingCapacityConfig) -> str:
    """The first case without a solution: which, when and why; without full stop."""
    first = _first_unsolved(cases)
    when = ""
    if first["unsolved_when"]:
        when = f", {first['unsolved_when']}"
    where = f"deployment {first['deployment']} at {first['level_pct']:g} % PV{when}"
    why = _why(int(first["unsolved_why"]), config)
    return f"The first one, {where}, {why}"


def _why(outcome: int, config: HostingCapacityConfig) -> str:
    """How a case ended; inverters that follow a curve may be what does not come to rest."""
    follows_curve = config.inverter == "volt-var"
    if outcome == Outcome.CONTROL_LIMIT and follows_curve:
        return RESTLESS
    return why_unsolved(outcome)


def _load_then(setting: Setting, cases: pd.DataFrame) -> str:
    """Load and sun of the step that fails first: a table in other units shows here."""
    first = _first_unsolved(cases)
    timeline = setting.timeline
    number = int(first["deployment"])
    step = timeline.find(str(first["unsolved_when"]))
    loads_kw, _, sun_pu = timeline.draw(range(number, number + 1))
    load_kw = float(loads_kw[0, step].sum())
    nominal_kw = float(timeline.nominal_kw.sum())
    sun = float(sun_pu[0, step])
    pv = ""
    if sun > 0:
        pv = f", PV at {sun:.3g} times its rating"
    return f"The load there is {load_kw:,.4g} kW ({nominal_kw:,.4g} kW nominal){pv}."


def _first_unsolved(cases: pd.DataFrame) -> pd.Series:
    """The unsolved case of the lowest level, of these the one of the first deployment."""
    unsolved = cases[~cases["converged"]]
    return unsolved.sort_values(["level_pct", "deployment"]).iloc[0]
