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
from tieline.feeders import Feeder
from tieline.studies.answer import Answer, Tell
from tieline.studies.copies import feeder_digest
from tieline.studies.microgrids.cases import make_days
from tieline.studies.microgrids.config import MicrogridsConfig
from tieline.studies.microgrids.deciders import Decider, asked_deciders
from tieline.studies.microgrids.telling.metrics import make_metrics
from tieline.studies.microgrids.telling.remarks import make_remarks
from tieline.studies.microgrids.telling.tables import Tables, make_tables
from tieline.studies.microgrids.ways.decide import decide


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
        NoAnswerError: if the optimum of a single day has no answer; it names the limits.
    """
    tell(0, 1, "feeder and days")
    plant = make_plant(feeder, config)
    days = make_days(plant, config)
    deciders = asked_deciders(config.case, config.deciders)
    parts = _play_all(plant, days, deciders, config, tell)
    tables = _joined(parts)
    remarks = make_remarks(tables, plant, config)
    return Answer(make_metrics(tables, config), tables, remarks)


def _play_all(
    plant: Plant,
    days: dict[int, Day],
    deciders: list[Decider],
    config: MicrogridsConfig,
    tell: Tell,
) -> list[Tables]:
    """Tables of every decider on every day; those that an interrupted run finished are taken as they are."""
    kept = tell.finished_parts(_question(plant))
    parts = []
    n_parts = len(days) * len(deciders)
    for count, seed in enumerate(days):
        for place, decider in enumerate(deciders):
            number = count * len(deciders) + place
            tell(number, n_parts, f"day {count + 1}: {decider.words}")
            name = f"day{count + 1}-{decider.name}"
            if name not in kept:
                kept[name] = _play(plant, days[seed], decider, config, seed)
                tell.keep(name, kept[name])
            parts.append(kept[name])
    return parts


def _question(plant: Plant) -> str:
    """Digest of what the answer depends on beside the configuration."""
    digest = feeder_digest(plant.network.feeder)
    return hashlib.sha256(digest.encode()).hexdigest()


def _play(
    plant: Plant, day: Day, decider: Decider, config: MicrogridsConfig, seed: int
) -> Tables:
    labels = {"day": seed, "decider": decider.name}
    decision = decide(decider.name, plant, day, config)
    return make_tables(plant, day, decision, labels, config.currency)


def _joined(parts: list[Tables]) -> Tables:
    names = parts[0]
    return {
        name: pd.concat([part[name] for part in parts], ignore_index=True)
        for name in names
    }
