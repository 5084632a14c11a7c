"""Ranking of assisting buses: the published table of the 33-bus feeder, two other feeders, and edges by hand."""

from __future__ import annotations

import numpy as np
import pytest

from builders import two_bus
from tieline.agents.tree_search import NAIVE, SearchConfig
from tieline.bench.tree_search.measure import battery_kw, make_case, sunny_state
from tieline.errors import InputError
from tieline.feeders import load_feeder
from tieline.network import Network
from tieline.network.topology import regions
from tieline.powerflow import solve
from tieline.studies.battery.ways.assisting import (
    AssistingConfig,
    Candidates,
    exhaustive_ranking,
    find_candidates,
    learned_ranking,
    limit_use,
    rank_correlation,
    ranking_table,
)

# M. Al-Saffar, PhD thesis, University of Alberta, table 4.2, column "MCTS"
PUBLISHED_ORDER = [
    *(
        "8",
        "24",
        "25",
        "7",
        "14",
        "32",
        "30",
        "15",
        "13",
        "12",
        "31",
        "10",
        "9",
        "11",
        "29",
    ),
    *("6", "26", "27", "28", "33", "4", "5", "3", "23", "2", "19", "20", "21", "22"),
]
SEEDS = range(20)


def published_case(kappa: float = 1.215) -> Candidates:
    feeder = load_feeder("ieee33")
    config = AssistingConfig(kappa=kappa, limit_pu=1.045)
    return find_candidates(
        sunny_state(feeder), "16", battery_kw(feeder), config, region=("16", "17", "18")
    )


def names(candidates: Candidates, ranking: np.ndarray) -> list[str]:
    return [candidates.tree.states[k] for k in ranking]


def test_the_region_of_the_published_case_is_entered_at_bus_16() -> None:
    solution = sunny_state(load_feeder("ieee33"))
    above = [
        name.split(".")[0]
        for name, v in zip(solution.network.node_names, solution.vm_pu[0], strict=True)
        if v > 1.045
    ]
    assert regions(solution.network.feeder, above) == (("16", "17", "18"),)


@pytest.mark.parametrize("kappa", [1.190, 1.215, 1.235])
def test_the_exhaustive_ranking_is_the_published_one(kappa: float) -> None:
    case = published_case(kappa)
    assert names(case, exhaustive_ranking(case)) == PUBLISHED_ORDER


@pytest.mark.parametrize("kappa", [1.188, 1.238])
def test_outside_these_kappas_it_is_not(kappa: float) -> None:
    case = published_case(kappa)
    assert names(case, exhaustive_ranking(case)) != PUBLISHED_ORDER


def test_learned_ranking_of_the_33_bus_feeder_within_600_episodes() -> None:
    case = published_case()
    exact = exhaustive_ranking(case)
    for seed in SEEDS:
        found = learned_ranking(case, SearchConfig(episodes=600), seed)
        assert rank_correlation(exact, found.ranking) == 1.0
        assert names(case, found.ranking)[:3] == ["8", "24", "25"]


@pytest.mark.parametrize(("feeder", "episodes"), [("ieee123", 400), ("case141", 100)])
def test_first_20_buses_of_other_feeders(feeder: str, episodes: int) -> None:
    case = make_case(load_feeder(feeder))
    exact = exhaustive_ranking(case)
    for seed in SEEDS:
        found = learned_ranking(case, SearchConfig(episodes=episodes), seed)
        assert rank_correlation(exact, found.ranking, first=20) >= 0.95
        assert len(found.ranking) < len(exact)  # without having looked at all


def test_textbook_settings_do_not_learn_the_ranking() -> None:
    case = published_case()
    assert (
        rank_correlation(
            exhaustive_ranking(case), learned_ranking(case, NAIVE, 0).ranking
        )
        < 0.5
    )


def test_table_of_the_published_case() -> None:
    case = published_case()
    table = ranking_table(case, exhaustive_ranking(case))
    assert table.columns.tolist() == [
        "rank",
        "bus",
        "capacity_kw",
        "path_loss_kw",
        "value_kw",
    ]
    assert table.iloc[0].tolist() == [
        1,
        "8",
        40.0,
        pytest.approx(6.12, abs=0.005),
        pytest.approx(40 - 1.215 * 6.12, abs=0.005),
    ]
    assert len(table) == 29


def test_discount_near_the_limit() -> None:
    v_pu = np.array([1.0, 1.04, 1.045, 1.05, 1.06])
    assert limit_use(v_pu, 1.05, 0.0).tolist() == [0, 0, 0, 1, 1]
    assert limit_use(v_pu, 1.05, 0.01) == pytest.approx([0, 0, 0.5, 1, 1])


def two_bus_case(**settings: float) -> Candidates:
    """Entry at the source, one candidate of 100 kW at a bus that injects 1 MW: 1.0243 pu, path loss 2.97 kW."""
    solution = solve(Network.from_feeder(two_bus(-1000.0, 0.0, 4.0, 0.0)))
    return find_candidates(solution, "a", {"B": 100.0}, AssistingConfig(**settings))


def test_value_by_hand() -> None:
    # V (V - 1) = R P / kV^2 and loss = (P / V)^2 R / kV^2
    base = 12.66**2
    v = (1 + (1 + 4 * 4.0 * 1.0 / base) ** 0.5) / 2
    loss_kw = (1.0 / v) ** 2 * 4.0 / base * 1000
    case = two_bus_case(kappa=2.0)
    assert case.value_kw[case.tree.ends] == pytest.approx([100 - 2 * loss_kw])
    half = two_bus_case(kappa=2.0, limit_pu=v + 0.01, margin_pu=0.02)
    assert half.value_kw[half.tree.ends] == pytest.approx([50 - 2 * loss_kw])


def test_a_bus_at_the_limit_is_no_candidate() -> None:
    with pytest.raises(InputError, match="none of the 2 states in reach is an end"):
        two_bus_case(limit_pu=1.02)


def test_the_region_itself_is_not_asked() -> None:
    case = published_case()
    assert not {"16", "17", "18"} & {case.tree.states[k] for k in case.tree.ends}


def test_everything_wrong_with_capacities_is_told_at_once() -> None:
    solution = sunny_state(load_feeder("ieee33"))
    with pytest.raises(InputError, match=r"(?s)Unknown bus.*'99'.*bus '5' is -1.0 kW"):
        find_candidates(solution, "16", {"99": 1.0, "5": -1.0}, AssistingConfig())
    with pytest.raises(InputError, match="Scenario 3 does not exist"):
        find_candidates(solution, "16", {"5": 1.0}, AssistingConfig(), scenario=3)


def test_rank_correlation_by_hand() -> None:
    exact = np.array([4, 2, 7, 1])
    assert rank_correlation(exact, exact) == 1.0
    assert rank_correlation(exact, exact[::-1]) == -1.0
    # one of six pairs is swapped: (5 - 1) / 6
    assert rank_correlation(exact, np.array([2, 4, 7, 1])) == pytest.approx(4 / 6)
    # 7 and 1 were never tried: a tie in one ranking, tau-b = 5 / sqrt(5 x 6)
    assert rank_correlation(exact, np.array([4, 2])) == pytest.approx(5 / 30**0.5)
    # of 4 and 7
    assert rank_correlation(exact, np.array([7, 4, 2, 1]), first=1) == -1.0
    assert rank_correlation(exact, np.array([], dtype=int)) == 0.0
    assert rank_correlation(exact[:1], exact[:1]) == 1.0
