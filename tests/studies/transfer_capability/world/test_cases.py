"""Power flows of a transfer: what is added, what is drawn, what counts as broken."""

from __future__ import annotations

import numpy as np
import pytest

from tieline.feeders import load_feeder
from tieline.studies.transfer_capability.config import TransferCapabilityConfig
from tieline.studies.transfer_capability.world.cases import make_cases
from tieline.studies.transfer_capability.world.transfer import make_transfer

CONFIG = TransferCapabilityConfig(
    limits="en50160",
    from_buses="22",
    to_buses="18,33",
    power_factor=0.8,
    draws=500,
    spread_pct=20.0,
    seed=3,
)
CASES = make_cases(make_transfer(load_feeder("ieee33"), CONFIG), CONFIG)
ONE = np.zeros(1, dtype=np.int64)


def test_a_transfer_is_taken_and_generated() -> None:
    before, after = (CASES.solve(ONE, np.array([kw])) for kw in (0.0, 100.0))
    taken = (after.load_kva - before.load_kva).sum()
    assert taken == pytest.approx(100 + 75j, abs=1e-6)
    assert (after.der_kva - before.der_kva).sum() == pytest.approx(100, abs=1e-6)
    assert before.v_pu == pytest.approx(CASES.base.v_pu, abs=1e-7)


def test_what_is_broken_agrees_with_the_readings() -> None:
    """The lowest voltage of 0.913 pu falls below 0.9 within 2000 kW; beyond any load there is no solution."""
    broken = CASES.broken(np.zeros(3, dtype=np.int64), np.array([0.0, 2000.0, 1e6]))
    names = [gauge.kind.name for gauge in CASES.gauges]
    assert names == ["voltage-high", "voltage-low"]
    assert broken.tolist() == [
        [False, False, False],
        [False, True, False],
        [True, True, True],
    ]


def test_draws_stay_within_their_spread_and_follow_the_seed() -> None:
    drawn = CASES.with_draws(CONFIG)
    assert drawn.load_scale.shape == (500, CASES.load_scale.shape[1])
    assert 0.8 <= drawn.load_scale.min() < 0.801
    assert 1.199 < drawn.load_scale.max() <= 1.2
    assert (CASES.with_draws(CONFIG).load_scale == drawn.load_scale).all()
