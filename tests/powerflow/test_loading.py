"""Loading by current and by power, by hand and against pandapower's default."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from builders import two_bus
from tieline.feeders import load_feeder
from tieline.feeders.feeder import Feeder
from tieline.network import Network
from tieline.powerflow import solve


def rated(feeder: Feeder, **rating: float) -> Feeder:
    return feeder.replace(lines=(replace(feeder.lines[0], **rating),))


def test_a_line_by_current_and_by_power() -> None:
    """The source stands at 1.05 pu: what carries 1 MVA at nominal voltage carries 1.05 MVA there."""
    feeder = two_bus(p_kw=1000.0, q_kvar=0.0)
    solution = solve(
        Network.from_feeder(rated(feeder, rating_kva=1000.0)), source_pu=1.05
    )
    current_a = abs(solution.source_kva[0]) / (math.sqrt(3) * 12.66 * 1.05)
    assert solution.loading_pct[0, 0] == pytest.approx(
        100 * current_a / (1000.0 / math.sqrt(3) / 12.66)
    )
    assert solution.loading_kva_pct[0, 0] == pytest.approx(
        abs(solution.source_kva[0]) / 1000.0 * 100
    )
    assert solution.loading_kva_pct[0, 0] == pytest.approx(
        1.05 * solution.loading_pct[0, 0]
    )


def test_ratings_in_amperes_and_in_kva_are_the_same_at_nominal_voltage() -> None:
    feeder = two_bus()
    by_current = solve(
        Network.from_feeder(rated(feeder, rating_a=1000.0 / math.sqrt(3) / 12.66))
    )
    by_power = solve(Network.from_feeder(rated(feeder, rating_kva=1000.0)))
    assert by_current.loading_pct[0, 0] == pytest.approx(by_power.loading_pct[0, 0])
    assert by_current.loading_kva_pct[0, 0] == pytest.approx(
        by_power.loading_kva_pct[0, 0]
    )


def test_without_rating_there_is_no_loading() -> None:
    solution = solve(Network.from_feeder(two_bus()), load_scale=np.ones((3, 1)))
    assert np.isnan(solution.loading_pct).all()
    assert np.isnan(solution.loading_kva_pct).all()


def test_tables_hold_both() -> None:
    solution = solve(
        Network.from_feeder(rated(two_bus(), rating_kva=1000.0)), source_pu=1.02
    )
    row = solution.branch_table().iloc[0]
    assert row["loading_kva_pct"] == pytest.approx(1.02 * row["loading_pct"])


def test_some_elements_are_the_columns_of_all() -> None:
    feeder = load_feeder("ieee123")
    for controls in ("off", "feeder"):  # with one state for both scenarios, and two
        solution = solve(feeder, load_scale=[[0.3], [1.0]], controls=controls)
        kinds = [kind for kind, _ in solution.network.elements]
        columns = np.flatnonzero([kind == "transformer" for kind in kinds])[::-1]
        expected = solution.loading_pct[:, columns]
        assert solution.loading_of(columns) == pytest.approx(expected, rel=1e-8)
    assert solution.loading_of(columns[:0]).shape == (2, 0)
