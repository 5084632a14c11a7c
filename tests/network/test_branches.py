"""Branches by hand: what counts as one, of which kind, with which impedance."""

from __future__ import annotations

import math

import pytest
from stepdown import stepdown, unit

from tieline.feeders.elements import Regulator, Transformer, Winding
from tieline.network.branches import branches


def test_centre_tapped_unit_is_one_branch():
    windings = (
        Winding("s", (1, 0), "wye", 7.2, 25.0, 0.6),
        Winding("t", (1, 0), "wye", 0.12, 25.0, 1.2),
        Winding("t", (0, 2), "wye", 0.12, 25.0, 1.2),
    )
    feeder = stepdown(Transformer("service", 1, windings, (2.0, 2.0, 1.4)))
    (branch,) = (branch for branch in branches(feeder) if branch.kind == "transformer")
    assert branch.z_pu == pytest.approx(math.hypot(1.8, 2.0) / 100 * 1000 / 75)


def test_regulated_transformer_is_a_regulator():
    feeder = stepdown(unit("body", 3, 500.0)).replace(
        regulators=(Regulator("r", "body", 2, 122.0, 2.0, 20.0),)
    )
    assert [branch.kind for branch in branches(feeder)] == ["line", "regulator"]
