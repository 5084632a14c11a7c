"""The benchmark of tree search gives the rows it promises."""

from __future__ import annotations

from pathlib import Path

import pytest

from tieline.bench.tree_search.measure import VARIATIONS, make_case, measure, vary
from tieline.bench.tree_search.page import page
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


def test_page_has_a_row_per_feeder_and_per_variation() -> None:
    feeders = [load_feeder("ieee33"), load_feeder("ieee13")]
    rows, variations = measure(feeders, [200], seeds=2), vary(feeders, 200, seeds=2)
    assert set(variations) == {name for name, _ in VARIATIONS}
    assert variations["default"] == {row.feeder: row.tau for row in rows}
    text = page(rows, variations, 2, "tieline bench tree-search --page p.md")
    assert f"| ieee13 | 8 | 6 | 8 | {rows[1].last_change} | {rows[1].tau:.3f} |" in text
    assert f"| SARSA | {variations['SARSA']['ieee33']:.2f} |" in text
    assert "worst of 2 seeds after 200 episodes" in text
