"""The published cases: which steps, and what stands before them.

paper-window     an hour at the flat price of 0.10, without sun: the central costs of the article's Table II. Feeder loads of
                 80 %, microgrid loads such that each costs what is printed there
peak-window      from 19 h on, generators at their highest before: its Fig. 6 and 7
day              24 hours
held-out         days drawn around it, from seeds that no training draws
own              days of one's own tables (`own_days`)
"""

from __future__ import annotations

import dataclasses

import numpy as np

from tieline.envs.microgrids.day import Day, require_steps
from tieline.envs.microgrids.days import day_of_shapes, drawn_day, loads_at
from tieline.envs.microgrids.plant import Plant
from tieline.errors import InputError
from tieline.studies.microgrids.config import MicrogridsConfig
from tieline.studies.microgrids.own_days import own_days

PAPER_LOADS_KW = (197.52, 199.68, 184.21, 240.14, 206.93)
PAPER_PRICE = 0.10
PAPER_FEEDER_SHARE = 0.8
"""Chosen for the costs that the article prints, as it has no data that would give them. Calibrated anew if a datum changes."""

PAPER_HOURS = 1.0
PAPER_HOUR = 22.0
"""An hour, the same in all its steps; after dark, and at the price that the case has."""

PEAK_HOUR = 19.0


FIRST_HELD_OUT = 2**32
"""Days of case `held-out` have seeds from this plus the seed of the run; trainings use smaller ones."""

SHAPE = -1
"""In place of a seed: the steps of the shapes, nothing drawn."""


def make_days(plant: Plant, config: MicrogridsConfig) -> dict[int, Day]:
    """The days of the configured case by their seed; raises `InputError` as `make_day`, or if a window is longer than a day."""
    if config.case == "own":
        return own_days(plant, config)
    if config.case != "held-out":
        day = make_day(plant, config)
        require_steps(day, config.window_steps)
        return {SHAPE: day}
    first = FIRST_HELD_OUT + config.seed
    seeds = range(first, first + config.days)
    return {seed: drawn_day(plant, config, seed) for seed in seeds}


def make_day(plant: Plant, config: MicrogridsConfig) -> Day:
    """The steps of the configured case; raises `InputError` if the plant is not one that the case can be asked of."""
    if config.case == "paper-window":
        return _paper_window(plant, config)
    if config.case == "peak-window":
        return _peak_window(plant, config)
    return day_of_shapes(plant, config)


def _paper_window(plant: Plant, config: MicrogridsConfig) -> Day:
    if len(plant.microgrids) != len(PAPER_LOADS_KW):
        raise InputError(
            f"Case 'paper-window' states the loads of {len(PAPER_LOADS_KW)} microgrids, and feeder "
            f"'{plant.network.feeder.name}' has {len(plant.microgrids)}. Take case 'day' or 'peak-window'."
        )
    feeder = plant.network.feeder
    # the article tells costs and no loads: these give the costs
    shares = [PAPER_FEEDER_SHARE]
    for microgrid, load_kw in zip(plant.microgrids, PAPER_LOADS_KW, strict=True):
        nominal_kw = sum(feeder.loads[k].p_kw for k in microgrid.loads)
        shares.append(load_kw / nominal_kw)
    n_steps = round(PAPER_HOURS / config.step_h)
    load_kw, load_kvar = loads_at(plant, np.tile(shares, (n_steps, 1)))
    day = day_of_shapes(plant, config, np.full(n_steps, PAPER_HOUR))
    return dataclasses.replace(
        day,
        price=np.full(n_steps, PAPER_PRICE),
        load_kw=load_kw,
        load_kvar=load_kvar,
        sun=np.zeros(day.sun.shape),
    )


def _peak_window(plant: Plant, config: MicrogridsConfig) -> Day:
    past_h = np.arange(config.window_steps) * config.step_h
    hour = np.asarray(PEAK_HOUR + past_h, dtype=np.float64)
    day = day_of_shapes(plant, config, hour)
    # from lower powers the ramp, and not the limit of power, would be what holds generators back
    return dataclasses.replace(day, last_kw=plant.generators.p_max_kw)
