"""Loads at named buses beside those of the feeder: a new customer, or what departs from the schedule there.

Drawn, such a load is one customer group of the configured kind, its size given as a peak in kW (`loads`). Each bus has a stream
of chance of its own, found by its name: another bus more, or the feeder's loads, leave it as it was. Or the series is read from
a file with one column per bus, in kW. Reactive power is the reader's business: a series here is active power.
"""

from __future__ import annotations

import zlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from tieline.errors import InputError, ShapeError
from tieline.profiles.config import CustomerKind, ProfileConfig
from tieline.profiles.draw import AT_BUS
from tieline.profiles.loads import model_of_customers
from tieline.profiles.noise import child
from tieline.profiles.table import load_table
from tieline.profiles.use_table import at_times
from tieline.typing import FloatArray


@dataclass(frozen=True)
class BusSeries:
    """Active power at buses over time: `buses` by name, `p_kw` (time, bus) [kW], above 0 where it is taken.

    Raises `ShapeError` if there is not one column per bus.
    """

    buses: tuple[str, ...]
    p_kw: FloatArray

    def __post_init__(self) -> None:
        if self.p_kw.ndim != 2 or self.p_kw.shape[1] != len(self.buses):
            raise ShapeError(
                f"p_kw {self.p_kw.shape} must be (time, bus) with {len(self.buses)} buses."
            )

    @property
    def peaks_kw(self) -> dict[str, float]:
        """Highest load at each bus, never below 0 [kW]."""
        highest_kw = self.p_kw.max(axis=0, initial=0.0)
        return dict(zip(self.buses, highest_kw.tolist(), strict=True))


def draw_at_buses(
    peak_kw: Mapping[str, float],
    config: ProfileConfig,
    times: pd.DatetimeIndex,
    seed: int,
    scenario: int = 0,
    kind: CustomerKind = "residential",
) -> BusSeries:
    """Draw a load at each of some buses.

    Args:
        peak_kw: size of each by bus: what its customers are expected to take at the peak of the year [kW], above 0.
        config: place, household and weather.
        times: start of each step, at any even length.
        seed: the root of all chance.
        scenario: number of the scenario, as in `draw_scenarios`.
        kind: of customer.

    Returns:
        Means over the steps, in the order of `peak_kw`.

    Raises:
        InputError: naming every bus whose peak is not above 0.
    """
    not_above_zero = [name for name, kw in peak_kw.items() if not kw > 0]
    if not_above_zero:
        raise InputError(
            f"Loads at {', '.join(not_above_zero)} have a peak that is not above 0 kW. Give one, or leave them out."
        )
    series = np.empty((len(times), len(peak_kw)))
    for column, (bus, kw) in enumerate(peak_kw.items()):
        model = model_of_customers(np.array([kw]), [kind], config, times)
        # by name and not by place in the list, so that buses can come and go
        name_number = zlib.crc32(bus.lower().encode())
        share = model.draw(child(seed, scenario, AT_BUS, name_number))
        series[:, column] = kw * share[:, 0]
    return BusSeries(tuple(name.lower() for name in peak_kw), series)


def read_at_buses(
    path: str,
    time_zone: str,
    times: pd.DatetimeIndex,
    buses: Collection[str] | None = None,
) -> BusSeries:
    """Loads at buses from a CSV or Parquet file with a column `time` and one per bus [kW], as means over steps.

    Args:
        path: of the file.
        time_zone: of times that state none.
        times: start of each step.
        buses: names that there are; any if not given.

    Raises:
        InputError: if the file cannot be used, does not cover the steps, or names a bus that is not there.
    """
    table = load_table(path, time_zone)
    columns = [str(column) for column in table.columns]
    if buses is not None:
        known_buses = {name.lower() for name in buses}
        unknown = [name for name in columns if name not in known_buses]
        if unknown:
            raise InputError(
                f"Table '{path}' has columns that are no bus: {', '.join(unknown[:3])}. Name each column after a bus."
            )
    return BusSeries(tuple(columns), at_times(table, times))
