"""Load restoration in an island: what each of several deciders makes of the same draws of sun and wind, and how far from a proven
bound it is.

After islanding no load is on. Microturbines, batteries, renewables and grid-forming droop units serve what they can, step by
step, with the fuel and the energy there is. All deciders are judged on the exact island, after the same safety step.

Source: S. Bose, Y. Zhang, Load restoration in islanded microgrids, arXiv 2111.02054. What it leaves open stands in
docs/restoration.md.
"""

from __future__ import annotations

import hashlib

import pandas as pd

from tieline.envs.restoration.world import make_world
from tieline.errors import InputError, NoAnswerError
from tieline.feeders import Feeder
from tieline.feeders.islands import island_text, read_island
from tieline.studies.answer import Answer, Tell
from tieline.studies.copies import feeder_digest
from tieline.studies.restoration.config import RestorationConfig
from tieline.studies.restoration.deciders import BOUNDS
from tieline.studies.restoration.telling.bounds import standings
from tieline.studies.restoration.telling.metrics import make_metrics
from tieline.studies.restoration.telling.remarks import make_remarks
from tieline.studies.restoration.telling.tables.make import (
    Tables,
    planned_tables,
    played_tables,
)
from tieline.studies.restoration.telling.tables.units import island_table
from tieline.studies.restoration.ways.draws import make_draws
from tieline.studies.restoration.ways.panel import Panel
from tieline.studies.restoration.ways.turns import Turn, turns_of
from tieline.typing import FloatArray


def answer(feeder: Feeder, config: RestorationConfig, tell: Tell) -> Answer:
    """Ask all deciders.

    Args:
        feeder: the island, cut out of its feeder.
        config: which island, what sun and wind do, who decides.
        tell: is told scenarios and deciders done, keeps what is finished, and has that of an interrupted run.

    Returns:
        Metrics of `telling.metrics`, tables of `telling.tables`.

    Raises:
        InputError, FeederError: if the island, a table or a policy cannot be used, or a program is asked of a loop.
        NoAnswerError: if only bounds are asked, and no draw has a plan; it names limits that stand against each other.
    """
    tell(0, 1, "the island")
    island = read_island(config.feeder)
    world = make_world(config, island, feeder)
    draws = make_draws(world, island, config)
    panel = Panel(world, config)
    # what an interrupted run finished holds for the same feeder and island only
    digest = feeder_digest(feeder) + island_text(island)
    question = hashlib.sha256(digest.encode()).hexdigest()
    tables = _joined(_ask_all(panel, draws, question, tell))
    if "outcomes" not in tables:
        reasons = tables["unanswered"]["reason"]
        raise NoAnswerError(reasons.iloc[0])
    tables |= standings(tables["outcomes"])
    tables["island"] = island_table(world.plant)
    policies = panel.policies
    if len(policies.curves):
        tables["learning"] = policies.curves
    metrics = make_metrics(tables, policies.metrics)
    remarks = make_remarks(tables, panel)
    return Answer(metrics, tables, remarks)


def _ask_all(
    panel: Panel, draws: dict[str, FloatArray], question: str, tell: Tell
) -> list[Tables]:
    """Tables of every decider on every scenario; those that an interrupted run finished are taken as they are."""
    finished = tell.finished_parts(question)
    turns = list(turns_of(panel, draws))
    if not turns:
        # nobody but policies was asked
        raise InputError(panel.policies.why_none)
    parts = []
    for count, turn in enumerate(turns):
        tell(count, len(turns), f"{turn.scenario}: {turn.decider.words}")
        part = finished.get(turn.name)
        if part is None:
            part = _ask(panel, draws[turn.scenario], turn)
            # at once: an interrupted run has all that was finished
            tell.keep(turn.name, part)
        parts.append(part)
    return parts


def _ask(panel: Panel, actual_kw: FloatArray, turn: Turn) -> Tables:
    name = turn.decider.name
    if name in BOUNDS:
        planned = panel.bound(name, actual_kw)
        return planned_tables(panel.world, planned, actual_kw, turn.labels)
    course = panel.play(name, actual_kw, turn.policy_seed)
    return played_tables(panel.world, course, turn.labels)


def _joined(parts: list[Tables]) -> Tables:
    tables = {}
    # only those with a model have gaps, and who has no answer has no outcome
    names = dict.fromkeys(name for part in parts for name in part)
    for name in names:
        frames = [part[name] for part in parts if name in part]
        tables[name] = pd.concat(frames, ignore_index=True)
    return tables
