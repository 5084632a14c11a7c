"""Set-points as rows of shares and back."""

from __future__ import annotations

import numpy as np
import pytest
from restoration_cases import decided, small_plant

from tieline.envs.restoration.safety.layout import SetPointLayout
from tieline.feeders.islands import read_island
from tieline.opf.restoration.plant import make_island_plant


def test_there_and_back() -> None:
    plant = small_plant()
    layout = SetPointLayout(plant)
    shares = layout.shares(decided(plant, served=0.5, p_kw=150.0, battery_kw=-40.0))
    entry = dict(zip(layout.box.names, shares[0], strict=True))
    assert entry["p_share of turbine"] == 0.5
    assert entry["p_share of battery"] == -0.4
    assert entry["p_share of sun"] == 0.25
    assert "set_share of droop" not in entry
    again = layout.set_points(shares)
    assert again.battery_kw[0, 0] == pytest.approx(-40.0)
    assert again.unit_set_kw is None
    np.testing.assert_allclose(again.served, 0.5)


def test_units_that_share_have_set_points() -> None:
    plant = make_island_plant(read_island("case141"))
    layout = SetPointLayout(plant)
    shares = layout.shares(decided(plant))
    entries = layout.entries("unit_set_kw")
    # P* of the file where nobody gave another
    np.testing.assert_allclose(shares[0, entries], 972 / 1945)
    set_kw = layout.set_points(shares).unit_set_kw
    assert set_kw is not None
    np.testing.assert_allclose(set_kw, 972.0)
