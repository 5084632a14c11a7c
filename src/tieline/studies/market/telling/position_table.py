"""Where regulators and capacitors stand in every minute: without it nobody could solve a published minute again.

Controls have a deadband, so a minute's positions follow from those of the minutes before and not from its loads alone.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from tieline.feeders import Feeder
from tieline.studies.market.telling.times import minute_column
from tieline.studies.market.ways.record import MinuteRecord


def positions_table(feeder: Feeder, records: Sequence[MinuteRecord]) -> pd.DataFrame:
    """A row per minute and regulator or capacitor: its tap, or the steps of it that are closed."""
    regulators = [regulator.name for regulator in feeder.regulators]
    capacitors = [capacitor.name for capacitor in feeder.capacitors]
    kinds = ["regulator"] * len(regulators) + ["capacitor"] * len(capacitors)
    names = [*regulators, *capacitors]
    n_minutes = len(records)
    positions = [(record.taps, record.capacitor_steps) for record in records]
    columns = {
        "minute": minute_column(records, len(names)),
        "kind": kinds * n_minutes,
        "name": names * n_minutes,
        "position": np.ravel([np.concatenate(pair) for pair in positions]),
    }
    return pd.DataFrame(columns)
