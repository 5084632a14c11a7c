"""Ranges of voltages over distance: one bar for each bus and range, the narrower one darker and in front."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from tieline.feeders import load_feeder
from tieline.reports.band_profile import band_profile


def test_every_bus_has_its_bars_and_its_middle() -> None:
    feeder = load_feeder("ieee33")
    names = [bus.name for bus in feeder.buses]
    middle = pd.Series(1.0, index=names)
    ranges = {
        "bounds": (middle - 0.02, middle + 0.02),
        "draws": (middle - 0.01, middle + 0.01),
    }
    figure = band_profile(feeder, middle, ranges, {"lowest": 0.95})
    # its stubs know no traces
    traces: Any = figure.data
    bounds, draws, centre = traces
    assert [trace.name for trace in traces] == ["bounds", "draws", "centre"]
    # two ends and a gap for each bus
    assert len(bounds.x) == 3 * len(names)
    assert np.nanmin(bounds.y) == 0.98
    assert np.nanmax(draws.y) == 1.01
    assert bounds.opacity < draws.opacity
    assert bounds.line.width > draws.line.width
    assert list(centre.text) == names
    # no lengths are known here: nothing is said in kilometres
    assert figure.layout.xaxis.title.text == "branches from the source"


def test_a_bus_without_bounds_has_no_bar() -> None:
    feeder = load_feeder("ieee33")
    names = [bus.name for bus in feeder.buses]
    middle = pd.Series(1.0, index=names)
    low = middle - 0.02
    low["18"] = np.nan
    figure = band_profile(feeder, middle, {"bounds": (low, middle + 0.02)}, {})
    at = names.index("18")
    traces: Any = figure.data
    assert np.isnan(traces[0].y[3 * at])
