"""The central optimum on the published windows."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from tieline.envs.microgrids.plant import Plant
from tieline.errors import InputError
from tieline.opf import InfeasibleError
from tieline.studies.microgrids.cases import make_day
from tieline.studies.microgrids.config import MicrogridsConfig
from tieline.studies.microgrids.ways.central import (
    central_at_once,
    central_by_windows,
    unlimited_central,
)

pytest.importorskip("casadi")

PAPER_USD = (22.123, 22.339, 20.796, 26.378, 23.061)
"""Table II of the article, central."""


def test_hour_of_the_article_costs_what_it_prints(plant: Plant):
    day = make_day(plant, MicrogridsConfig(case="paper-window"))
    dispatch = central_at_once(plant, day)
    assert dispatch.cost.sum(axis=0) == pytest.approx(PAPER_USD, rel=1e-3)
    assert dispatch.replay.vm_pu.min() == pytest.approx(0.964, abs=5e-4)
    assert not dispatch.replay.violations
    generators_kw = dispatch.der_kw[:, plant.generator_ders]
    assert (generators_kw.min(), generators_kw.max()) == pytest.approx(
        (217, 223), abs=0.5
    )
    bought_kw = dispatch.problem.meters.bought_kw(dispatch.replay.solution)[0]  # type: ignore[union-attr]
    assert bought_kw[3] == pytest.approx(17.0, abs=0.5)
    others = -np.delete(bought_kw, 3)
    assert (others.min(), others.max()) == pytest.approx((12, 33), abs=0.5)
    # stored energy is worth the price: batteries rest
    assert np.abs(dispatch.der_kw[:, plant.battery_ders]).max() < 1e-3


def test_windows_of_the_whole_hour_cost_the_same(plant: Plant):
    day = make_day(plant, MicrogridsConfig(case="paper-window"))
    dispatch = central_by_windows(plant, day, 4)
    assert dispatch.cost.sum(axis=0) == pytest.approx(PAPER_USD, rel=1e-3)


def test_reward_of_the_peak_with_limits(plant: Plant):
    day = make_day(plant, MicrogridsConfig(case="peak-window"))
    dispatch = central_at_once(plant, day)
    assert dispatch.total == pytest.approx(85.52, abs=0.01)
    assert dispatch.beyond_p_max_kw.max() < 1e-3
    assert not dispatch.replay.violations


@pytest.mark.parametrize(
    ("names", "keeps_network", "total", "highest_kw"),
    [
        (("mg1", "mg2"), True, 75.55, 549),
        (("mg1", "mg2", "mg3", "mg4", "mg5"), True, 57.90, 585),
        (("mg1", "mg2", "mg3", "mg4", "mg5"), False, 56.32, 585),
    ],
)
def test_reward_of_the_peak_without(
    plant: Plant, names: tuple[str, ...], keeps_network: bool, total: float, highest_kw
):
    day = make_day(plant, MicrogridsConfig(case="peak-window"))
    dispatch = unlimited_central(plant, day, names, keeps_network)
    # figures of another model of the same data: a quarter of a percent
    assert dispatch.total == pytest.approx(total, rel=2.5e-3)
    generators_kw = dispatch.der_kw[:, plant.generator_ders]
    assert generators_kw.max() == pytest.approx(highest_kw, abs=1.0)
    # beyond the 300 kW of the plant in every step
    assert (dispatch.beyond_p_max_kw.max(axis=1) > 100.0).all()
    replay = dispatch.replay
    if keeps_network:
        assert not replay.violations
    else:
        assert replay.vm_pu.max() == pytest.approx(1.078, abs=5e-4)
        # 442 kW, and what Q goes with them
        assert replay.flow.max() > 440.0


def test_window_beyond_the_data_is_refused(plant: Plant):
    day = make_day(plant, MicrogridsConfig(case="paper-window"))
    with pytest.raises(InputError, match="A window of 5 steps looks beyond the data"):
        central_by_windows(plant, day, 5)


def test_limit_that_cannot_be_kept_is_named(plant: Plant):
    day = make_day(plant, MicrogridsConfig(case="peak-window"))
    heavy = dataclasses.replace(
        day, load_kw=1.6 * day.load_kw, load_kvar=1.6 * day.load_kvar
    )
    with pytest.raises(InfeasibleError, match="voltage"):
        central_at_once(plant, heavy)
