"""Which regions of a market learn, and what is said of the others."""

from __future__ import annotations

import pytest

from tieline.errors import InputError
from tieline.feeders import load_feeder
from tieline.studies.market.training.config import MarketTrainingConfig
from tieline.studies.market.training.pupils import find_pupils
from tieline.studies.market.world.make import make_stage


def test_a_feeder_with_nothing_to_choose_is_refused() -> None:
    config = MarketTrainingConfig(case="ieee33")
    stage = make_stage(load_feeder("ieee33"), config)
    with pytest.raises(InputError, match="Region 1 has 3 DERs for 3 agents"):
        find_pupils(stage, config)


def test_a_region_without_ders_is_told_and_the_others_learn() -> None:
    config = MarketTrainingConfig(case="ieee33", microgrids=2, agents=2)
    stage = make_stage(load_feeder("ieee33"), config)
    pupils = find_pupils(stage, config)
    assert [region.model.n_ders for region in pupils.regions] == [3]
    (remark,) = pupils.remarks
    assert "has no DER" in remark
