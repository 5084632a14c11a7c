"""The benchmark of tree search gives the rows it promises."""

from __future__ import annotations

from pathlib import Path

import pytest

from tieline.bench.tree_search import make_case, measure
from tieline.feeders import load_feeder


def test_a_row_of_the_33_bus_feeder() -> None:
    few, many = measure([load_feeder("ieee33")], episodes=(5, 600), seeds=2)
    # 32 buses have load, one of them is the entry; from bus 18 to bus 33 it is 20 steps
    assert (few.feeder, few.ends, few.depth, few.episodes) == ("ieee33", 31, 20, 5)
    assert few.tau < many.tau == 1.0
    assert few.tried <= 5
    assert many.last_change < 600
    assert many.episodes_per_s > 0


def test_the_8500_node_feeder_is_searched(shared_dir: Path) -> None:
    pytest.importorskip("opendssdirect")
    case = make_case(load_feeder(str(shared_dir / "feeders" / "ieee8500" / "Master.dss")))
    assert (len(case.tree.ends), case.tree.depth.max()) == (1176, 278)
