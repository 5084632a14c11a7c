"""A short training on the 69-bus case: who learns, what the folder holds, and where it can be used."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

pytest.importorskip("jax", reason="learning needs the extra 'learn'")

from tieline.agents.leader_follower.policy_file import load_choice_policies
from tieline.errors import InputError
from tieline.feeders import load_feeder
from tieline.reports.html import Figure
from tieline.studies.market.training.config import MarketTrainingConfig
from tieline.studies.market.training.report import report
from tieline.studies.market.training.study import standing
from tieline.studies.market.ways.models import ChoiceModels
from tieline.studies.market.world.make import make_stage
from tieline.studies.saved_run import load_run
from tieline.studies.shell import run_study


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a training of some dozens of games."""
    place = tmp_path_factory.mktemp("training") / "run"
    config = MarketTrainingConfig(case="ieee69", games=64, held_out=20, trainings=2)
    run_study("market-training", config=config).save(place)
    return place


def test_the_folder_holds_policies_that_fit_the_case(folder: Path) -> None:
    """Region 2 has two DERs and nothing to choose: only region 1 learns."""
    files = sorted(file.name for file in folder.glob("*.safetensors"))
    assert files == ["policy-seed0.safetensors", "policy-seed1.safetensors"]
    policies = load_choice_policies(folder / files[1])
    config = MarketTrainingConfig(case="ieee69")
    models = ChoiceModels(make_stage(load_feeder("ieee69"), config))
    chooser = policies.for_region(models.of((0,)), 3)
    assert chooser.policy.provenance["seed"] == 1
    with pytest.raises(InputError, match="buses"):
        policies.for_region(models.of((1,)), 3)
    with pytest.raises(InputError, match="3 agents and is asked to choose for 2"):
        policies.for_region(models.of((0,)), 2)


def test_more_candidates_are_never_worse_and_chance_is(folder: Path) -> None:
    """The first of more candidates are those of fewer; the mean of all sets has a regret of 100 %."""
    held_out = pd.read_parquet(folder / "held_out.parquet")
    policies = held_out[held_out["who"] == "policy"]
    by_search = policies.groupby("candidates")["regret_pct"].mean()
    assert by_search.index.tolist() == [1, 4, 8, 16]
    assert by_search[16] <= by_search[8] <= by_search[4]
    chance = held_out[held_out["who"] == "random"]["regret_pct"].item()
    assert 30 < chance < 300


def test_headline_numbers_are_means_over_regions_and_seeds() -> None:
    rows = [
        ("policy", 1, 4.0, 0.5, 0.1),
        ("both", 32, 1.0, 0.9, 0.1),
        ("both", 32, 3.0, 0.7, 0.3),
        ("greedy", -1, 5.0, 0.6, None),
        ("constant", -1, 50.0, 0.1, None),
    ]
    columns = ["who", "candidates", "regret_pct", "hit_rate", "overlap_share"]
    metrics = standing(pd.DataFrame(rows, columns=columns))
    assert metrics["regret_pct"] == 2.0
    assert metrics["der_hit_rate"] == pytest.approx(0.8)
    assert metrics["regret_alone_pct"] == 4.0
    assert metrics["overlap_share"] == pytest.approx(0.1)
    assert metrics["regret_greedy_pct"] == 5.0
    assert metrics["regret_constant_pct"] == 50.0


def test_the_report_counts_games(folder: Path) -> None:
    """A page that opens, with hits as a share of games in percent."""
    page = report(load_run(folder))
    summary = dict(page.headline.summary)
    hits_pct = float(str(summary["Hits"]).removesuffix(" %"))
    assert hits_pct == pytest.approx(
        100 * load_run(folder).number("der_hit_rate"), abs=0.1
    )
    first = next(block for block in page.sections[0].blocks)
    assert isinstance(first, Figure)
    assert first.figure.layout.xaxis.title.text == "games of each region and seed"
