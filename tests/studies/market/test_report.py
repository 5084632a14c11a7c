"""The page of a market run: what it says of a made-up day, in numbers a reader can work out."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from made_up_market import EVERY_MINUTES, made_up_result

from tieline.reports.html import Figure, Report, Section, Table, Text
from tieline.reports.slider import Slider
from tieline.studies.market.config import MarketConfig
from tieline.studies.market.report import report
from tieline.studies.market.telling.merged_regions import merged_text, microgrids
from tieline.studies.result import Result


@pytest.fixture(scope="module")
def result() -> Result:
    return made_up_result()


@pytest.fixture(scope="module")
def page(result: Result) -> Report:
    return report(result)


def section(page: Report, title: str) -> Section:
    return next(part for part in page.sections if part.title == title)


def blocks(page: Report, title: str, kind: type) -> list[Any]:
    return [block for block in section(page, title).blocks if isinstance(block, kind)]


def with_table(name: str, frame: pd.DataFrame) -> Result:
    result = made_up_result()
    return made_up_result(tables={**result.tables, name: frame})


def test_the_head_is_the_answer(page: Report) -> None:
    assert page.headline.title == (
        "Market of ieee33 in 3 regions: no limit broken, 96.5 % of the possible saving kept"
    )
    assert "up to 300 kW. Which of the DERs at 33 buses" in page.headline.question
    assert dict(page.headline.summary)["Merged"] == "500 min, 1 change"
    assert page.headline.violations == []


def test_the_slider_shows_the_first_merge_and_stops_at_the_split(page: Report) -> None:
    (slider,) = blocks(page, "Microgrids through the day", Slider)
    merge, split = (5 * 60 // EVERY_MINUTES, 800 // EVERY_MINUTES)
    assert list(slider.stops) == [merge, split]
    assert slider.steps.first == merge
    assert slider.steps.names[merge] == "05:00"
    note = slider.steps.notes[merge]
    assert note.startswith("Merged: regions 2 and 3. DERs give ")
    assert slider.steps.notes[0] == "3 microgrids. DERs give 60 of 60 kW."


def test_merged_buses_share_the_fill_and_keep_their_own_ring(page: Report) -> None:
    (slider,) = blocks(page, "Microgrids through the day", Slider)
    look = {}
    for step in (0, slider.steps.first):
        numbers = slider.course.at(step)
        look[step] = {bus: slider.looks[numbers[bus]] for bus in ("24", "30")}
    apart, merged = look.values()
    assert apart["24"]["fill"] != apart["30"]["fill"]
    assert merged["30"]["fill"] == merged["24"]["fill"] == apart["24"]["fill"]
    assert merged["30"]["stroke"] == apart["30"]["fill"]
    # bus 24 gives nothing before 06:00, and is larger when it does
    sizes = [float(slider.looks[slider.course.at(k)["24"]]["r"]) for k in (0, 18)]
    assert sizes[1] > sizes[0]


def test_bars_stand_where_regions_are_one(page: Report) -> None:
    bars = blocks(page, "Microgrids through the day", Figure)[0].figure
    (row,) = bars.data
    assert row.y[0] == "regions 2 + 3"
    assert (row.base[0], row.x[0]) == pytest.approx((5.0, 800 / 60 - 5.0))


def test_energy_of_each_region(page: Report) -> None:
    energies = blocks(page, "Who supplies", Table)[0].frame
    # a mean of 60 kW over 24 h, of which 10/3 kW of one step of 20 min are bought
    assert energies["demand_kwh"].tolist() == pytest.approx([1440.0] * 3)
    assert energies["bought_kwh"].tolist() == pytest.approx([10 / 9] * 3)


def test_a_limited_line_says_how_long_it_is_at_its_limit(page: Report) -> None:
    lines = blocks(page, "Who supplies", Table)[1].frame
    demand = 60 - 40 * np.cos(2 * np.pi * np.arange(72) / 72)
    steps = int((880 + 1.5 * demand >= 1000).sum())
    assert lines["at_limit_h"].tolist() == pytest.approx([steps * EVERY_MINUTES / 60])


def test_energy_and_time_count_what_each_minute_stands_for() -> None:
    """The last minute of a window stands for the rest of it, a single one for all."""
    minutes = made_up_result().tables["minutes"]
    stands_for_h = np.full(len(minutes), EVERY_MINUTES / 60)
    stands_for_h[-1] = 0.05
    page = report(
        with_table("minutes", minutes.assign(stands_for_h=stands_for_h)),
    )
    energies, lines = (table.frame for table in blocks(page, "Who supplies", Table)[:2])
    # the last step asks for 60 - 40 cos(2 pi 71 / 72) kW
    last_kw = 60 - 40 * np.cos(2 * np.pi * 71 / 72)
    shorter_h = EVERY_MINUTES / 60 - 0.05
    lost_kwh = last_kw * shorter_h
    assert energies["demand_kwh"].tolist() == pytest.approx([1440.0 - lost_kwh] * 3)
    assert lines["at_limit_h"].iloc[0] < 24


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ({}, "DERs inject active power only."),
        ({"reactive_power": True}, "reactive power too, unpaid"),
        ({"choice": "margin-search"}, "tree search walks from its buyer's bus"),
        ({"choice": "all"}, "Nobody chooses: all DERs are called."),
        ({"watch": "24:90"}, "DERs in turn. Merged regions choose together"),
    ],
)
def test_what_is_assumed_is_what_was_asked(values: dict[str, Any], text: str) -> None:
    config = MarketConfig(feeder="ieee33", microgrids=3, **values)
    page = report(made_up_result(config=config))
    sentences = [block.text for block in blocks(page, "What was assumed", Text)]
    assert sum(text in sentence for sentence in sentences) == 1


@pytest.mark.parametrize(
    ("metrics", "watch", "text"),
    [
        ({"microgrids": 1}, None, "There is one region, and nothing to merge."),
        ({}, None, "No border bus is watched, so regions stay apart (--watch)."),
        ({"merge_events": 0}, "24:90", "No regions merged in this run."),
        ({"merge_events": 2}, "24:90", "between them there were 2 changes"),
    ],
)
def test_why_no_regions_merged(
    metrics: dict[str, Any], watch: str | None, text: str
) -> None:
    result = made_up_result()
    outputs = result.tables["outputs"]
    apart = outputs.assign(group=outputs["region"])
    page = report(
        made_up_result(
            config=MarketConfig(feeder="ieee33", microgrids=3, watch=watch),
            metrics={**result.metrics, **metrics},
            tables={**result.tables, "outputs": apart},
        )
    )
    sentences = blocks(page, "Microgrids through the day", Text)
    assert text in sentences[0].text


def test_where_every_choice_is_the_best_no_table_says_so() -> None:
    games = made_up_result().tables["games"].assign(regret_pct=0.0)
    page = report(with_table("games", games))
    assert blocks(page, "How good the choice is", Table) == []
    (text,) = blocks(page, "How good the choice is", Text)
    assert text.text.startswith("Every decider, random choice included, found")


def test_a_part_that_is_zero_has_no_map_but_a_sentence(page: Report) -> None:
    title = "What energy is worth"
    assert len(blocks(page, title, Figure)) == 3
    texts = [text.text for text in blocks(page, title, Text)]
    assert "In this run the voltage part is zero everywhere." in texts


def test_ways_are_held_against_the_money_that_can_be_saved(page: Report) -> None:
    sums = blocks(page, "What it costs", Table)[0].frame.set_index("way")
    none = sums.loc["main feeder alone", "cost"]
    chosen = sums.loc["chosen DERs (DRL-LP)", "cost"]
    kept = 100 * (none - chosen) / (none - 0.99 * chosen)
    share = sums.loc["chosen DERs (DRL-LP)", "cost_full_lp_pct"]
    assert share == pytest.approx(kept)
    assert sums.loc["linear program over all DERs", "cost_full_lp_pct"] == 100


def test_without_optima_there_is_no_comparison() -> None:
    minutes = made_up_result().tables["minutes"]
    none = minutes.assign(cost_full_lp_usd=np.nan, cost_ac_opf_usd=np.nan)
    page = report(with_table("minutes", none))
    assert blocks(page, "What it costs", Text)[0].text == (
        "No minute has an optimum beside it."
    )
    # one of them alone is compared
    alone = minutes.assign(cost_ac_opf_usd=np.nan)
    page = report(with_table("minutes", alone))
    table = blocks(page, "What it costs", Table)[0].frame
    assert "cost_ac_opf_pct" not in table


def test_broken_limits_stand_above_all_else() -> None:
    minutes = made_up_result().tables["minutes"].copy()
    minutes.loc[3:4, "violations"] = 2
    page = report(with_table("minutes", minutes))
    assert page.headline.violations == [
        "4 limits are broken on AC in 2 minutes, the first on 1 June, 01:00: these "
        "minutes are no answer."
    ]


def test_a_training_shows_its_regions_and_its_agents() -> None:
    curves = pd.DataFrame(
        {
            "region": [1, 1, 2, 2],
            "seed": 0,
            "games": [1000, 2000, 1000, 2000],
            "return_mean": [0.3, 0.5, 0.5, 0.7],
            "reward_agent_1": [0.2, 0.3, 0.4, 0.5],
            "reward_agent_2": [0.1, 0.2, 0.1, 0.2],
        }
    )
    page = report(with_table("learning", curves))
    _, by_region, by_agent = blocks(page, "How good the choice is", Figure)
    assert [trace.name for trace in by_region.figure.data] == ["region 1", "region 2"]
    lead, follow = by_agent.figure.data
    assert list(lead.y) == pytest.approx([0.3, 0.4])
    assert list(follow.y) == pytest.approx([0.1, 0.2])


def test_a_search_says_what_its_margin_costs_and_saves() -> None:
    minutes = made_up_result().tables["minutes"]["minute"].head(2)
    searches = pd.DataFrame(
        {
            "minute": [*minutes, *minutes],
            "region": 1,
            "margin": [True, True, False, False],
            "ders": [2, 2, 1, 1],
            "sold_kw": 100.0,
            "left_kw": [0.0, 3.0, 0.0, 0.0],
            "overloaded": [0, 0, 1, 0],
            "cost_usd": [10.0, 12.0, 9.0, 11.0],
        }
    )
    page = report(with_table("searches", searches))
    (table,) = blocks(page, "With and without a stability margin", Table)
    assert table.frame["cost"].tolist() == [11.0, 10.0]
    assert table.frame["overloaded"].tolist() == [0, 1]
    assert table.frame["left_kwh"].tolist() == [EVERY_MINUTES / 60 * 3.0, 0.0]


def test_words_of_merged_regions() -> None:
    groups = {1: 1, 2: 2, 3: 2, 4: 4, 5: 4, 6: 4}
    assert microgrids(groups) == [(2, 3), (4, 5, 6)]
    assert merged_text(groups) == "Merged: regions 2 and 3; 4, 5 and 6."
    assert merged_text({1: 1}) == "One microgrid."
