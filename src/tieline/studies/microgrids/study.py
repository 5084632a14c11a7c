"""Networked microgrids: what each of several deciders makes of the same steps, and how far from the central optimum it is.

A microgrid is what lies behind a point of common coupling. Each has generators, PV and batteries, buys and sells at its meter at
one price, and shares voltages and transformers with the others. All deciders are judged on the AC power flow, with all limits.

Source: Q. Zhang, K. Dehghanpour, Z. Wang, F. Qiu, D. Zhao, Multi-agent safe policy learning for power management of networked
microgrids, IEEE Trans. Smart Grid 12(2), 2021. What it leaves open or misprints stands in docs/microgrids.md.
"""

from __future__ import annotations

import hashlib

import pandas as pd

from tieline.envs.microgrids.day import Day
from tieline.envs.microgrids.plant import Plant, make_plant
from tieline.errors import InputError
from tieline.feeders import Feeder
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
from tieline.studies.microgrids.telling.remarks import make_remarks
from tieline.studies.microgrids.telling.tables import Tables, make_tables
from tieline.studies.microgrids.ways.decide import Panel
from tieline.studies.microgrids.ways.policies import NONE_FITS
from tieline.studies.microgrids.ways.start import require_start
from tieline.studies.microgrids.ways.turns import Turn, turns_of

NOT_AGREED = "The consensus of the agents on an update is not measured: it needs pip install 'tieline[learn]'."


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
        NoAnswerError: if a day cannot begin within its limits, or the optimum of a single day has no answer; it names the limits.
    """
    tell(0, 1, "feeder and days")
    plant = make_plant(feeder, config)
    days = make_days(plant, config)
    for day in days.values():
        require_start(plant, day)
    panel = Panel(plant, config)
    parts = _play_all(panel, days, tell)
    tables = _joined(parts)
    if panel.policies is not None and len(panel.policies.curves):
        tables["learning"] = panel.policies.curves
    remarks = make_remarks(tables, panel)
    metrics = make_metrics(tables, config) | training_metrics(panel.policies)
    # an update belongs to the windows of a day, and drawn days are there to be counted
    if SAFE in deciders_of(tables) and config.case != "held-out":
        tell(1, 1, "consensus of the agents on an update")
        try:
            # an update needs the packages for learning, deciding does not
            from tieline.studies.microgrids.ways.agreement import agree_on_update
        except ImportError:
            remarks.append(NOT_AGREED)
            return Answer(metrics, tables, remarks)
        agreement = agree_on_update(panel, days)
        metrics |= agreement.metrics
        tables |= {"agreement": agreement.multipliers}
        remarks += agreement.remarks
    return Answer(metrics, tables, remarks)


def _play_all(panel: Panel, days: dict[int, Day], tell: Tell) -> list[Tables]:
    """Tables of every decider on every day; those that an interrupted run finished are taken as they are."""
    finished = tell.finished_parts(_question(panel.plant))
    turns = list(turns_of(panel, days))
    if not turns:
        # nobody but policies was asked
        raise InputError(NONE_FITS)
    parts = []
    for count, turn in enumerate(turns):
        tell(count, len(turns), f"day {turn.number}: {turn.decider.words}")
        part = finished.get(turn.name)
        if part is None:
            part = _play(panel, days[turn.day_seed], turn)
            # at once: an interrupted run has all that was finished
            tell.keep(turn.name, part)
        parts.append(part)
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
