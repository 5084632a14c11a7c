"""What a result must say about itself: what was left out, which limits are broken, what was approximated."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pandas as pd

from tieline.envs.microgrids.plant import Plant
from tieline.studies.microgrids.config import MicrogridsConfig
from tieline.studies.microgrids.deciders import CENTRAL, DECIDERS
from tieline.studies.microgrids.telling.metrics import deciders_of

Tables = Mapping[str, pd.DataFrame]


def make_remarks(tables: Tables, plant: Plant, config: MicrogridsConfig) -> list[str]:
    """One sentence each."""
    return [*_left_out(tables), *_of_devices(plant)]


def _left_out(tables: Tables) -> Iterator[str]:
    names = deciders_of(tables)
    absent = [name for name in DECIDERS if name not in names]
    if absent:
        yield f"Not asked: {', '.join(absent)}. Name them in --deciders to have them too."
    if CENTRAL not in names:
        yield "Without the central optimum there are no gaps to it."


def _of_devices(plant: Plant) -> Iterator[str]:
    bare = [one.name for one in plant.microgrids if not len(one.ders)]
    if bare:
        yield f"Microgrids without any device decide nothing: {', '.join(bare)}."
