"""The benchmark of tree search gives the rows it promises."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tieline.agents.tree_search import SearchConfig
from tieline.bench.kit.markdown import Page
from tieline.bench.tree_search.measure import (
    VARIATIONS,
    TreeSearches,
    complete,
    make_case,
    measure,
    measure_search,
)
from tieline.bench.tree_search.options import Options
from tieline.bench.tree_search.page import page
from tieline.feeders import load_feeder

RowsOf = Callable[[Page, str], list[dict[str, str]]]
TextOf = Callable[[Page, str], str]


def test_a_row_of_the_33_bus_feeder() -> None:
    case = make_case(load_feeder("ieee33"))
    few, many = (
        measure_search("ieee33", case, SearchConfig(episodes=episodes), seeds=2)
        for episodes in (5, 600)
    )
    # 32 buses have load, one of them is the entry; from bus 18 to bus 33 it is 20 steps
    assert (few.feeder, few.ends, few.depth, few.episodes) == ("ieee33", 31, 20, 5)
    assert few.tau < many.tau == 1.0
    assert few.tried <= 5
    assert many.last_change < 600
    assert many.episodes_per_s > 0


def test_the_8500_node_feeder_is_searched(shared_dir: Path) -> None:
    case = make_case(
        load_feeder(str(shared_dir / "feeders" / "ieee8500" / "Master.dss"))
    )
    assert (len(case.tree.ends), case.tree.depth.max()) == (1176, 278)


def test_variations_are_added_for_the_page_and_begin_with_the_defaults() -> None:
    options = Options(feeders=("ieee33", "ieee13"), episodes=200, seeds=2)
    searches = measure(options)
    assert searches.variations == {}
    complete_searches = complete(searches, options, lambda _: None)
    assert list(complete_searches.variations) == [name for name, _ in VARIATIONS]
    worst = {row.feeder: row.tau for row in searches.rows}
    assert complete_searches.variations["default"] == worst


def test_page_says_what_was_searched_how_often(
    tree_searches: TreeSearches, rows_of: RowsOf, text_of: TextOf
) -> None:
    answer = page(tree_searches)
    assert "worst of 2 seeds after 600 episodes" in text_of(answer, "")
    (row,) = rows_of(answer, "By feeder")
    assert (row["candidates"], row["depth"], row["looked at"]) == ("31", "20", "27")
    assert (row["last change in episode"], row["tau"]) == ("142", "1.000")
    assert row["episodes/s"] == "29,900"
    default, sarsa = rows_of(answer, "One thing changed at a time")
    # -0.001 is no "-0.00"
    assert (default["small"], sarsa["small"]) == (
        "1.00",
        "0.00",
    )
