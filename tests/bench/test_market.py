"""The page of the market: goals over days, regions and seeds, rules that are as good, when the reduction pays, published sets."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from made_up_market import made_up_result

from tieline.bench.kit.markdown import Page
from tieline.bench.market import day_games
from tieline.bench.market import days as days_module
from tieline.bench.market import standing as standing_module
from tieline.bench.market.ablation import Brought
from tieline.bench.market.goals import goals
from tieline.bench.market.growth import ders_text
from tieline.bench.market.held_out import judge
from tieline.bench.market.measure import MarketMeasurement, our_sum
from tieline.bench.market.options import CASE, Options
from tieline.bench.market.page import page
from tieline.bench.market.policies import PolicySet, Training, find_policies
from tieline.bench.market.published import PRICE_SUMS
from tieline.bench.market.stage import Stage, make_stage
from tieline.bench.market.standing import stand
from tieline.errors import InputError
from tieline.feeders import load_feeder
from tieline.settings.short_texts import parse_ders
from tieline.studies.market.training import held_out as unseen_games
from tieline.studies.result import Result

RowsOf = Callable[[Page, str], list[dict[str, str]]]


def verdicts(measured: MarketMeasurement) -> dict[str, bool | None]:
    return {goal.what: goal.is_met for goal in goals(measured)}


def test_goals_are_those_of_the_worst_day_and_of_all_seeds(
    market_measurement: MarketMeasurement,
) -> None:
    met = verdicts(market_measurement)
    assert met["a minute, median of the slowest day [ms]"] is False  # 55 of 50
    assert met["violations on AC, all days"] is True
    assert met["mean regret, open games [%]"] is True  # 0.5
    assert met["mean regret, open games, below the greedy's [%]"] is True
    # 0.3 of the policy, 0.2 of the constant set
    assert met["mean regret, paper games, below the constant set's [%]"] is False
    # 3000 s for 5 seeds of 6 regions of a million games
    assert met["10 000 games of one region [s]"] is True


def test_a_training_timed_here_goes_before_the_record_of_the_policies(
    market_measurement: MarketMeasurement, text_of: Callable[[Page, str], str]
) -> None:
    """20 s before the first game, then 5 ms a game: 10 000 games of six regions take 320 s, of one 70 s."""
    timed = Training(1, 6, 1000, 50.0, "a machine", start_s=20.0)
    measured = replace(market_measurement, timed=timed)
    by_what = {goal.what: goal.measured for goal in goals(measured)}
    assert by_what["10 000 games of one region [s]"] == "70"
    assert by_what["10 000 games of every region, in one run [s]"] == "320"
    assert "of one region take 70 s, of all regions in one run 320 s" in text_of(
        page(measured), "Training"
    )


def test_what_was_not_measured_is_neither_met_nor_missed() -> None:
    assert set(verdicts(MarketMeasurement()).values()) == {None}


def test_a_rule_that_is_as_good_is_named(
    market_measurement: MarketMeasurement, text_of: Callable[[Page, str], str]
) -> None:
    text = text_of(page(market_measurement), "Goals")
    assert "`paper`: best constant set is as good as the policy or better" in text
    assert "`open`" not in text


def test_policies_are_told_over_their_seeds(
    market_measurement: MarketMeasurement, rows_of: RowsOf
) -> None:
    measured = market_measurement
    alone, policy, greedy = rows_of(page(measured), "Choice of DERs on unseen games")
    assert alone["chosen by"] == "policy alone"
    assert policy["chosen by"] == "policy and estimate, best of their sets"
    assert (policy["mean regret [%]"], policy["hits [%]"]) == ("0.500", "94.000")
    assert policy["mean regret over seeds [%]"] == "0.400 to 0.600, std 0.100, 2 seeds"
    assert greedy["mean regret over seeds [%]"] == ""


def test_each_step_is_told_over_its_seeds(
    market_measurement: MarketMeasurement, rows_of: RowsOf
) -> None:
    steps = (
        Brought("no policy", "greedy", 0, "", (2.0,), (70.0,)),
        Brought("credit", "each its own part", 5000, "16", (1.0, 3.0), (80.0, 90.0)),
    )
    measured = replace(market_measurement, steps=steps)
    greedy, each = rows_of(page(measured), "What each step brought")
    assert (greedy["games"], greedy["sets judged by AC"]) == ("-", "each DER in turn")
    assert (each["mean regret [%]"], each["hits [%]"]) == ("2.000", "85.000")
    assert each["mean regret over seeds [%]"] == "1.000 to 3.000, std 1.000, 2 seeds"


def test_the_reduction_pays_when_it_has_earned_back_a_training(
    market_measurement: MarketMeasurement, rows_of: RowsOf
) -> None:
    row, large = rows_of(page(market_measurement), "Growth")
    # 600 s of one seed, 60 ms a minute
    assert row["pays after"] == "10,000"
    assert (row["times"], large["times"]) == ("3.0", "-")
    slower = replace(market_measurement.growth[0], full_lp_ms=20.0)
    changed = replace(market_measurement, growth=(slower,))
    assert rows_of(page(changed), "Growth")[0]["pays after"] == "-"


def test_ders_stand_at_places_first_and_then_at_their_phases() -> None:
    feeder = load_feeder("ieee13")
    specs = parse_ders(ders_text(feeder, 20))
    places = [spec.place for spec in specs]
    assert len(set(places)) == 20
    assert feeder.source.bus not in places
    n_whole = sum("." not in place for place in places)
    assert ["." in place for place in places] == [False] * n_whole + [True] * (
        20 - n_whole
    )
    total_kw = sum(spec.kw or 0.0 for spec in specs)
    assert total_kw == pytest.approx(2 * feeder.peak_load_kw, rel=1e-3)


@pytest.fixture(scope="module")
def stage() -> Stage:
    return make_stage(CASE)


def test_without_policies_the_rules_are_judged(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unseen_games, "OTHER_GAMES", 2)
    monkeypatch.setattr(day_games, "DAYS", 1)
    last = stage.n_regions - 1
    scores = judge(stage, [last], 3, (), lambda _: None)
    assert {(score.kind, score.who) for score in scores} == {
        (kind, who)
        for kind in ("open", "paper", "day")
        for who in ("estimate", "greedy", "cheapest", "constant", "random")
    }
    assert {score.region for score in scores} == {last + 1}
    greedy = [score.regret_pct for score in scores if score.who == "greedy"]
    assert all(-1e-3 <= regret_pct < 20.0 for regret_pct in greedy)


def test_a_folder_without_policies_is_refused(tmp_path: Path) -> None:
    """The shipped ones would be judged in its name."""
    with pytest.raises(InputError, match=r"holds no policy .*--policies"):
        find_policies(Options(policies=tmp_path), lambda _: None)


def test_policies_may_come_without_the_record_of_their_training(tmp_path: Path) -> None:
    (tmp_path / "policy-seed0.safetensors").touch()
    policies = find_policies(Options(policies=tmp_path), lambda _: None)
    assert (len(policies.files), policies.training) == (1, None)


def test_a_training_is_told_by_its_rate(tmp_path: Path) -> None:
    metrics = {"trainings": 5, "regions": 6, "train_games": 1000, "train_s": 60.0}
    content = {"metrics": metrics, "machine": "a machine"}
    (tmp_path / "result.json").write_text(json.dumps(content), encoding="utf-8")
    for seed in (1, 0):
        (tmp_path / f"policy-seed{seed}.safetensors").touch()
    policies = find_policies(Options(policies=tmp_path), lambda _: None)
    assert policies.training is not None
    # 30 000 games a minute
    assert policies.training.seconds_for(10_000) == pytest.approx(20.0)
    assert policies.training.seconds_for(10_000, regions=6) == pytest.approx(120.0)
    assert policies.values(0)["policy"].endswith("policy-seed0.safetensors")
    assert policies.values(3)["policy"].endswith("policy-seed1.safetensors")


def test_the_first_day_is_cleared_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def play(case: str, **values: Any) -> Result:
        asked.append((case, values["seed"], values["every_minutes"]))
        return made_up_result()

    monkeypatch.setattr(days_module, "play", play)
    options = Options(seeds=2, every_minutes=30)
    days, first = days_module.play_days(options, PolicySet((), None), lambda _: None)
    assert asked == [(CASE, 0, 1), (CASE, 1, 30)]
    assert first is not None
    # one of 72 minutes fell back
    assert days[0].fallback_pct == pytest.approx(100 / 72)
    assert (days[0].kept_lp_pct, days[0].kept_ac_pct) == (96.5, None)


def test_our_sums_are_those_of_the_region_that_holds_the_published_bus() -> None:
    result = made_up_result()
    published = replace(PRICE_SUMS[0], buyer="25")
    ours = our_sum(published, result)
    assert ours.congestion_cents == 494.2
    assert (ours.loss_cents, ours.loss_published_cents) == (31.4, -31.4)


def test_a_published_set_has_a_rank_among_all_sets(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(standing_module, "GAMES", 3)
    last = stage.n_regions - 1
    published = stand(stage, (last,), ("113", "114", "112"))
    assert published is not None
    assert 1 <= published.rank <= published.sets == 455
    best = stand(stage, (last,), published.best)
    assert best is not None
    assert (best.rank, best.regret_pct) == (1, 0.0)
    # places of another region
    assert stand(stage, (last,), ("1", "2", "3")) is None
