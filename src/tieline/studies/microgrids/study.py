"""Networked microgrids: what each of several deciders makes of the same steps, and how far from the central optimum it is.

A microgrid is what lies behind a point of common coupling. Each has generators, PV and batteries, buys and sells at its meter at
one price, and shares voltages and transformers with the others. All deciders are judged on the AC power flow, with all limits.

Source: Q. Zhang, K. Dehghanpour, Z. Wang, F. Qiu, D. Zhao, Multi-agent safe policy learning for power management of networked
microgrids, IEEE Trans. Smart Grid 12(2), 2021. What it leaves open or misprints stands in docs/microgrids.md.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace

import pandas as pd

from tieline.envs.microgrids.day import Day
from tieline.envs.microgrids.plant import Plant, make_plant
from tieline.errors import InputError, install_command
from tieline.feeders import Feeder
from tieline.reports.remarks import approximated
from tieline.studies.answer import Answer, Tell
from tieline.studies.copies import feeder_digest
from tieline.studies.microgrids.cases import make_days
from tieline.studies.microgrids.config import MicrogridsConfig
from tieline.studies.microgrids.deciders import SAFE
from tieline.studies.microgrids.telling.metrics import (
    deciders_of,
    make_metrics,
    training_metrics,
)
from tieline.studies.microgrids.telling.remarks import idle_note, make_remarks
from tieline.studies.microgrids.telling.tables import Tables, make_tables
from tieline.studies.microgrids.ways.decide import Panel
from tieline.studies.microgrids.ways.policies import NONE_FITS
from tieline.studies.microgrids.ways.start import require_start
from tieline.studies.microgrids.ways.turns import Turn, turns_of
from tieline.studies.microgrids.ways.unanswered import UnansweredDays

NOT_AGREED = f"The consensus of the agents on an update is not measured: it needs {install_command('learn')}."


def answer(feeder: Feeder, config: MicrogridsConfig, tell: Tell) -> Answer:
    """Ask all deciders.

    Args:
        feeder: with microgrids behind points of common coupling.
        config: which steps, who decides.
        tell: is told days and deciders done, keeps what is finished, and has that of an interrupted run.

    Returns:
        Metrics of `telling.metrics`, tables of `telling.tables`.

    Raises:
        InputError: if the feeder has no microgrids, or the case cannot be asked of it.
        NoAnswerError: if no day has an answer: none can begin within its limits, or has an optimum; it names the limits of the
            first. Where some have one, the others are left out, counted and told.
    """
    tell(0, 1, "feeder and days")
    plant = make_plant(feeder, config)
    days = make_days(plant, config)
    unanswered = UnansweredDays(days, idle_note(plant))
    for day_seed, day in days.items():
        with unanswered.noting(day_seed):
            require_start(plant, day)
    panel = Panel(plant, config)
    turns = list(turns_of(panel, days))
    parts = _play_all(panel, turns, unanswered, tell)
    days_judged = unanswered.judged
    tables = _joined(
        [part for turn, part in parts.items() if turn.day_seed in days_judged]
    )
    if panel.policies is not None and len(panel.policies.curves):
        tables["learning"] = panel.policies.curves
    remarks = [*make_remarks(tables, panel), *approximated(unanswered.remarks())]
    left_out = unanswered.count_steps(turn.day_seed for turn in turns)
    metrics = make_metrics(tables, config, left_out) | training_metrics(panel.policies)
    told = Answer(metrics, tables, remarks)
    # an update belongs to the windows of a day, and drawn days are there to be counted
    if SAFE not in deciders_of(tables) or config.case == "held-out":
        return told
    tell(1, 1, "consensus of the agents on an update")
    return _with_agreement(told, panel, days_judged)


def _with_agreement(told: Answer, panel: Panel, days: dict[int, Day]) -> Answer:
    """The same with the consensus of the agents on an update, or a remark that it cannot be measured."""
    try:
        # an update needs the packages for learning, deciding does not
        from tieline.studies.microgrids.ways.agreement import agree_on_update
    except ImportError:
        return replace(told, remarks=[*told.remarks, *approximated([NOT_AGREED])])
    agreement = agree_on_update(panel, days)
    return replace(
        told,
        metrics=told.metrics | agreement.metrics,
        tables=told.tables | {"agreement": agreement.multipliers},
        remarks=[*told.remarks, *approximated(agreement.remarks)],
    )


def _play_all(
    panel: Panel, turns: list[Turn], unanswered: UnansweredDays, tell: Tell
) -> dict[Turn, Tables]:
    """Tables of every decider on every day; those that an interrupted run finished are taken as they are."""
    finished = tell.finished_parts(_question(panel.plant))
    if not turns:
        # nobody but policies was asked
        raise InputError(NONE_FITS)
    parts = {}
    for count, turn in enumerate(turns):
        if turn.day_seed in unanswered.reasons:
            continue
        tell(count, len(turns), f"day {turn.number}: {turn.decider.words}")
        if turn.name in finished:
            parts[turn] = finished[turn.name]
            continue
        day = unanswered.judged[turn.day_seed]
        with unanswered.noting(turn.day_seed):
            parts[turn] = _play(panel, day, turn)
            # at once: an interrupted run has all that was finished
            tell.keep(turn.name, parts[turn])
    return parts


def _question(plant: Plant) -> str:
    """Digest of what the answer depends on beside the configuration."""
    digest = feeder_digest(plant.network.feeder)
    return hashlib.sha256(digest.encode()).hexdigest()


def _play(panel: Panel, day: Day, turn: Turn) -> Tables:
    name = turn.decider.name
    decision = panel.decide(name, day, turn.policy_seed)
    labels: dict[str, str | int] = {
        "day": turn.day_seed,
        "decider": name,
        "policy": turn.policy_seed,
    }
    return make_tables(panel.plant, day, decision, labels, panel.config.currency)


def _joined(parts: list[Tables]) -> Tables:
    tables = {}
    # few have lessons
    names = dict.fromkeys(name for part in parts for name in part)
    for name in names:
        frames = [part[name] for part in parts if name in part]
        tables[name] = pd.concat(frames, ignore_index=True)
    return tables
