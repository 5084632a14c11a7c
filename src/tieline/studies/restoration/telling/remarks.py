"""What a result must say about itself: who was left out, what is broken, what was approximated."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pandas as pd

from tieline.counted import counted
from tieline.reports.remarks import Remark, approximated, broken
from tieline.studies.restoration.deciders import (
    BOUND,
    DECIDERS,
    LEARNED,
    asked_deciders,
)
from tieline.studies.restoration.telling.metrics import deciders_of
from tieline.studies.restoration.ways.panel import MPCS, Panel

Tables = Mapping[str, pd.DataFrame]


def make_remarks(tables: Tables, panel: Panel) -> list[Remark]:
    """One sentence each."""
    caveats = [
        *_without_policy(panel),
        *_unasked(tables, panel),
        *_without_plan(tables),
        *_of_bound(tables, panel),
    ]
    return [*broken(_dead(tables)), *approximated(caveats)]


def _without_policy(panel: Panel) -> Iterator[str]:
    policies = panel.policies
    if policies.why_none:
        yield policies.why_none
        return
    missing = [
        decider.name
        for decider in asked_deciders(panel.config.deciders)
        if decider.name in LEARNED and decider.name not in policies.by_name
    ]
    if missing:
        yield f"No policies of {', '.join(missing)} are among those of this island."


def _unasked(tables: Tables, panel: Panel) -> Iterator[str]:
    asked_names = {decider.name for decider in asked_deciders(panel.config.deciders)}
    unasked = [name for name in DECIDERS if name not in asked_names]
    if unasked:
        yield f"Not asked: {', '.join(unasked)}. Name them in --deciders to have them too."
    if BOUND not in deciders_of(tables):
        yield "Without the bound there are no gaps to it."


def _without_plan(tables: Tables) -> Iterator[str]:
    """Bounds that could not be had, and controllers with a model that had to do without its plan."""
    if "unanswered" in tables:
        groups = tables["unanswered"].groupby(["decider", "scenario"], sort=False)
        for (name, scenario), rows in groups:
            words = DECIDERS[str(name)].words
            draws = counted(len(rows), "draw")
            reason = rows["reason"].iloc[0]
            yield f"{words}, {scenario}: none in {draws}, which all means of it leave out. {reason}"
    steps = tables["steps"]
    if "distflow_gap" not in steps:
        return
    # a model without a gap in its step had no plan there; a dead island asks for none
    is_alive = ~steps["is_dead"].astype(bool)
    has_no_plan = steps["distflow_gap"].isna()
    is_mpc = steps["decider"].isin(MPCS)
    blind = steps[has_no_plan & is_alive & is_mpc]
    for (name, scenario), rows in blind.groupby(["decider", "scenario"], sort=False):
        words = DECIDERS[str(name)].words
        count = counted(len(rows), "step")
        yield (
            f"{words}, {scenario}: no plan keeps all limits in {count}, all draws together; load and turbines were left as they "
            "were, and the safety step did the rest."
        )


def _dead(tables: Tables) -> Iterator[str]:
    outcomes = tables["outcomes"]
    dead = outcomes[outcomes["blackout_steps"] > 0]
    for (name, scenario), rows in dead.groupby(["decider", "scenario"], sort=False):
        words = DECIDERS[str(name)].words
        n_steps = int(rows["blackout_steps"].sum())
        steps = counted(n_steps, "step")
        yield f"{words}, {scenario}: the island is dead in {steps}; nothing is served there."


def _of_bound(tables: Tables, panel: Panel) -> Iterator[str]:
    feeder = panel.world.plant.feeder
    if feeder.single_phase_equivalent or BOUND not in deciders_of(tables):
        return
    yield (
        "The island has phases: the bound and all MPCs plan on its balanced equivalent, and what they plan is carried out on the "
        "phases. The bound is no proof there, and somebody may be a little above it."
    )
