"""What a reader of any study of a plant at a bus must know beside its numbers."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from tieline.reports.remarks import Remark, approximated
from tieline.studies.broken_before import (
    broken_before_table,
    rows_before,
    tell_broken_before,
)
from tieline.studies.gauges import tell_unrated
from tieline.studies.siting.readings import VOLTAGE_STEP
from tieline.studies.siting.setting import Setting
from tieline.studies.siting.words import step_words


def tell_setting(setting: Setting) -> list[Remark]:
    """One sentence each on what is broken before, the voltage step, what is not rated, and what regulators do."""
    return [
        *tell_broken_before(broken_before(setting), setting.feeder, setting.config),
        *approximated(_voltage_step(setting)),
        *approximated(_unrated(setting)),
        *approximated(_controls(setting)),
    ]


def broken_before(setting: Setting) -> pd.DataFrame:
    """Places that break a limit without the plant, the table of `studies.broken_before`."""
    parts = []
    for k, gauge in enumerate(setting.gauges):
        # a voltage step is what the plant makes: without it there is none to be broken
        if gauge.kind is not VOLTAGE_STEP:
            reading = np.stack([base.readings[k] for base in setting.bases])
            parts.append(rows_before(gauge, reading))
    return broken_before_table(parts)


def _voltage_step(setting: Setting) -> Iterator[str]:
    """The limit that no profile has a number for, beside those that are told for every study."""
    yield f"Voltage step when the plant trips: {step_words(setting.config)}."


def _unrated(setting: Setting) -> Iterator[str]:
    for gauge in setting.gauges:
        elements = tell_unrated(setting.network, gauge)
        if elements:
            yield f"{elements} have no rating: their loading is not judged. Give --line-rating-a, or ratings in the feeder."


def _controls(setting: Setting) -> Iterator[str]:
    if setting.config.controls == "hold" and setting.feeder.has_controls:
        yield (
            "Regulators and capacitors stay where they rest without the plant, which comes and goes faster than they "
            "follow (--controls hold; feeder lets them follow)."
        )
