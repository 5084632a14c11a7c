"""Each series follows the branches of the feeder from the source, in the order of the tree."""

from __future__ import annotations

from typing import Any, cast

import numpy as np
import pandas as pd
import pytest

from builders import cut_off
from tieline.feeders import Feeder, load_feeder
from tieline.reports.voltage_profile import voltage_profile


def flat(feeder: Feeder) -> pd.DataFrame:
    names = [bus.name for bus in feeder.buses]
    return pd.DataFrame({"highest": np.linspace(1.0, 0.9, len(names))}, index=names)


def test_one_point_a_bus_at_its_distance_and_one_segment_a_branch() -> None:
    feeder = load_feeder("ieee33")
    figure = voltage_profile(feeder, flat(feeder), {"low": 0.95})
    segments, points = cast(Any, figure.data)
    assert (points.name, len(points.x)) == ("highest", 33)
    # bus 18 ends the main line: 17 branches from the source
    assert dict(zip(points.text, points.x, strict=True))["18"] == pytest.approx(17.0)
    assert np.isnan(np.array(segments.y, dtype=float)).sum() == 32


def test_a_bus_without_a_path_is_left_out() -> None:
    feeder = cut_off(load_feeder("ieee33"), "18")
    points = cast(Any, voltage_profile(feeder, flat(feeder), {}).data)[1]
    assert "18" not in points.text
    assert len(points.x) == 32
