"""What a result must say about itself: who was left out, what is broken, what was approximated."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pandas as pd

from tieline.counted import counted
from tieline.studies.restoration.deciders import (
    BOUND,
    DECIDERS,
    LEARNED,
    asked_deciders,
)
from tieline.studies.restoration.telling.metrics import deciders_of
from tieline.studies.restoration.ways.panel import Panel
from tieline.studies.restoration.ways.policies import NONE_FITS

Tables = Mapping[str, pd.DataFrame]


def make_remarks(tables: Tables, panel: Panel) -> list[str]:
    """One sentence each."""
    return [*_left_out(tables, panel), *_dead(tables), *_of_bound(tables, panel)]


def _left_out(tables: Tables, panel: Panel) -> Iterator[str]:
    names = deciders_of(tables)
    absent = [name for name in DECIDERS if name not in names]
    asked_names = {decider.name for decider in asked_deciders(panel.config.deciders)}
    without_policy = [name for name in absent if name in asked_names]
    if set(without_policy) >= set(LEARNED):
        yield NONE_FITS
    elif without_policy:
        yield f"No policies of {', '.join(without_policy)} are among those of this island."
    unasked = [name for name in absent if name not in asked_names]
    if unasked:
        yield f"Not asked: {', '.join(unasked)}. Name them in --deciders to have them too."
    if BOUND not in names:
        yield "Without the bound there are no gaps to it."


def _dead(tables: Tables) -> Iterator[str]:
    outcomes = tables["outcomes"]
    dead = outcomes[outcomes["blackout_steps"] > 0]
    for (name, scenario), rows in dead.groupby(["decider", "scenario"], sort=False):
        words = DECIDERS[str(name)].words
        steps = counted(int(rows["blackout_steps"].sum()), "step")
        yield f"{words}, {scenario}: the island is dead in {steps}; nothing is served there."


def _of_bound(tables: Tables, panel: Panel) -> Iterator[str]:
    feeder = panel.world.plant.feeder
    if feeder.single_phase_equivalent or BOUND not in deciders_of(tables):
        return
    yield (
        "The island has phases: the bound and all MPCs plan on its balanced equivalent, and what they plan is carried out on the "
        "phases. The bound is no proof there, and somebody may be a little above it."
    )
