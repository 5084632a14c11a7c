"""What a result must say about itself: what was left out, which limits are broken, what was approximated."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import pandas as pd

from tieline.counted import counted
from tieline.envs.microgrids.plant import Plant
from tieline.reports.remarks import Remark, approximated
from tieline.studies.microgrids.deciders import (
    CENTRAL,
    DECIDERS,
    SAFE,
    asked_deciders,
)
from tieline.studies.microgrids.telling.metrics import deciders_of
from tieline.studies.microgrids.ways.decide import Panel
from tieline.studies.microgrids.ways.policies import NONE_FITS

SHOWN_NAMES = 5
"""Names of devices that a sentence holds."""

Tables = Mapping[str, pd.DataFrame]


def make_remarks(tables: Tables, panel: Panel) -> list[Remark]:
    """One sentence each."""
    return approximated(
        [
            *_left_out(tables, panel),
            *_unjudged(tables),
            *_of_devices(panel.plant),
            *_of_start(panel),
        ]
    )


def idle_note(plant: Plant) -> str:
    """That devices outside of microgrids are nobody's; nothing if there are none."""
    names = plant.idle_names
    if not names:
        return ""
    return (
        f"Outside of the microgrids nobody decides: {_listing(names)} stand idle. Name the points that lead to them (pccs) to "
        "have them decided."
    )


def _listing(names: Sequence[str]) -> str:
    listing = ", ".join(names[:SHOWN_NAMES])
    beyond = len(names) - SHOWN_NAMES
    if beyond > 0:
        listing += f" and {beyond} more"
    return listing


def _unjudged(tables: Tables) -> Iterator[str]:
    steps = tables["steps"]
    unsolved = steps[steps["voltage_miss_pu"].isna()]
    for name, rows in unsolved.groupby("decider", sort=False):
        words = DECIDERS[str(name)].words.capitalize()
        count = counted(len(rows), "step")
        yield f"{words}: {count} without a power flow, neither kept nor broken; its cost is unknown."


def _left_out(tables: Tables, panel: Panel) -> Iterator[str]:
    names = deciders_of(tables)
    absent = [name for name in DECIDERS if name not in names]
    deciders = asked_deciders(panel.config.case, panel.config.deciders)
    asked_names = [decider.name for decider in deciders]
    # it was asked for, and none of the policies that there are fits
    if SAFE in absent and SAFE in asked_names:
        absent.remove(SAFE)
        yield NONE_FITS
    if absent:
        yield f"Not asked: {', '.join(absent)}. Name them in --deciders to have them too."
    if CENTRAL not in names:
        yield "Without the central optimum there are no gaps to it."


def _of_devices(plant: Plant) -> Iterator[str]:
    bare = [one.name for one in plant.microgrids if not len(one.ders)]
    if bare:
        yield f"Microgrids without any device decide nothing: {', '.join(bare)}."
    ders = plant.network.feeder.ders
    held_names = [ders[k].name for k in np.flatnonzero(plant.is_held)]
    if held_names:
        yield f"Not controllable, and held as the feeder states them: {_listing(held_names)}."
    if plant.idle_names:
        yield idle_note(plant)


def _of_start(panel: Panel) -> Iterator[str]:
    """What was asked of the time before the first step and no device can have."""
    config = panel.config
    plant = panel.plant
    units = plant.batteries
    storages = plant.network.feeder.storages
    energy_kwh = np.array([storage.energy_kwh for storage in storages])
    asked_kwh = config.stored_start_share * energy_kwh
    is_inside = (asked_kwh >= units.stored_min_kwh) & (
        asked_kwh <= units.stored_max_kwh
    )
    if not is_inside.all():
        yield (
            f"--stored-start-share {config.stored_start_share:g} is outside what batteries may hold: they begin at the nearest "
            "energy that they may."
        )
    most_kw = plant.generators.p_max_kw
    # those outside of microgrids have no power at all
    if (config.last_kw > most_kw[most_kw > 0]).any():
        yield f"--last-kw {config.last_kw:g} is more than generators can give: they begin at their highest power."
