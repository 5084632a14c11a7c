"""Which policies a run uses: those that ship, those of a path, and what is said where none fits."""

from __future__ import annotations

from pathlib import Path

import pytest

from tieline import load_feeder
from tieline.errors import InputError
from tieline.studies.answer import Tell
from tieline.studies.market.config import MarketConfig
from tieline.studies.market.ways.choosers import greedy
from tieline.studies.market.ways.deciders import Deciders, make_deciders
from tieline.studies.market.ways.models import ChoiceModels
from tieline.studies.market.world.make import make_world

SHIPPED = Path(__file__).parents[4] / "src/tieline/studies/market/policies/ieee69"


def decide(**values: object) -> Deciders:
    config = MarketConfig.model_validate({"case": "ieee69", **values})
    feeder = load_feeder("ieee69")
    plant, day = make_world(feeder, config)
    return make_deciders(feeder, ChoiceModels(plant), day, config, Tell())


def test_shipped_policies_choose_where_they_fit() -> None:
    deciders = decide(choice="policy")
    # the region around bus 67 has two DERs for three agents: nothing is left to learn
    assert list(deciders.choosers) == [(0,)]
    assert deciders.words.startswith("shipped policies, the best on AC")
    assert deciders.train_games is not None
    assert deciders.learning is not None


def test_a_folder_and_a_file_are_taken_alike() -> None:
    folder = decide(choice="policy", policy=str(SHIPPED))
    file = decide(choice="policy", policy=str(SHIPPED / "policy-seed1.safetensors"))
    assert folder.choosers.keys() == file.choosers.keys()
    assert file.learning is None


def test_where_none_fits_the_greedy_rule_stands_in() -> None:
    deciders = decide(choice="auto", agents=2)
    assert set(deciders.choosers.values()) == {greedy}
    assert deciders.words.startswith("a greedy rule")


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"agents": 2}, "No shipped policy"),
        ({"agents": 2, "policy": str(SHIPPED)}, "trained for 3 agents"),
        ({"policy": str(SHIPPED.parent)}, "holds no policy"),
        ({"policy": str(SHIPPED / "curves.parquet")}, "curves.parquet"),
    ],
)
def test_what_was_asked_for_must_fit(values: dict, message: str) -> None:
    with pytest.raises(InputError, match=message):
        decide(choice="policy", **values)
