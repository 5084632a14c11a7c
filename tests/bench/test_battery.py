"""The benchmark of battery control gives the rows it promises."""

from __future__ import annotations

from pathlib import Path

import pytest

from tieline.bench.battery import measure


def test_a_row_of_the_33_bus_feeder() -> None:
    (row,) = measure(["ieee33"], step_minutes=60)
    assert (row.feeder, row.batteries, row.steps) == ("ieee33", 32, 24)
    assert 1 <= row.critical < 32  # a milli per unit below the highest voltage: the end of the feeder
    assert row.critical + row.lenders <= 32
    assert row.rounds >= 1
    assert min(row.setup_s, row.power_flow_s, row.ranking_s, row.control_s, row.replay_s) > 0
    coordinated_s = row.power_flow_s + row.ranking_s + row.control_s + row.replay_s
    assert row.decision_ms == pytest.approx(1000 * coordinated_s / 24)


def test_a_path_is_a_feeder_too(shared_dir: Path) -> None:
    (row,) = measure([str(shared_dir / "feeders" / "matpower" / "case33bw.m")], step_minutes=60)
    assert row.batteries == 32
