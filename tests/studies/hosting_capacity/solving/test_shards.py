"""A run cut into shards gives the same numbers, whatever the cut and the order of the parts."""

from __future__ import annotations

import random

import numpy as np
import pandas as pd
import pytest

from tieline.feeders import load_feeder
from tieline.studies.hosting_capacity.config import HostingCapacityConfig
from tieline.studies.hosting_capacity.solving import cases as solving
from tieline.studies.hosting_capacity.solving.shards import (
    Shard,
    cut,
    group_size,
    merge,
    solve_shard,
)
from tieline.studies.hosting_capacity.world.setting import prepare

FEEDER = load_feeder("ieee13")
CONFIG = HostingCapacityConfig(
    feeder="ieee13", limits="ansi-a", deployments=75, step_pct=50.0
)


def same(a: dict[str, pd.DataFrame], b: dict[str, pd.DataFrame]) -> bool:
    """Equal to the last bit."""
    return a.keys() == b.keys() and all(a[name].equals(b[name]) for name in a)


def test_the_cut_covers_every_deployment_once() -> None:
    assert cut(0, 60, 25) == [Shard(0, 25), Shard(25, 50), Shard(50, 60)]
    assert cut(50, 130, 5, groups=10) == [Shard(50, 100), Shard(100, 130)]


def test_groups_shrink_with_the_number_of_power_flows() -> None:
    assert [group_size(11, steps) for steps in (1, 96, 672, 35_040)] == [
        25,
        25,
        5,
        1,
    ]


def test_the_cut_changes_no_number() -> None:
    setting = prepare(FEEDER, CONFIG)
    whole = solve_shard(setting, Shard(0, 75))
    parts = [solve_shard(setting, shard) for shard in cut(0, 75, 25)]
    assert len(whole["cases"]) == 75 * 3 * len(setting.variants)
    assert same(whole, merge(parts))


def test_merging_is_associative_and_free_of_order() -> None:
    setting = prepare(FEEDER, CONFIG)
    a, b, c = (solve_shard(setting, shard) for shard in cut(0, 75, 25))
    forward = merge([a, b, c])
    assert same(forward, merge([merge([a, b]), c]))
    assert same(forward, merge([a, merge([c, b])]))
    shuffled = [a, b, c]
    random.Random(1).shuffle(shuffled)
    assert same(forward, merge(shuffled))


def test_long_series_in_pieces_give_the_same_answer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    config = HostingCapacityConfig(
        feeder="ieee13", time="profiles", step_minutes=60, step_pct=50.0, what_if="off"
    )
    setting = prepare(FEEDER, config)
    whole = solve_shard(setting, Shard(0, 2))
    # seven hours at a time
    monkeypatch.setattr(
        solving, "BLOCK_NUMBERS", 2 * 3 * 7 * len(setting.network.terminals.node)
    )
    pieces = solve_shard(setting, Shard(0, 2))
    numbers = whole["cases"].select_dtypes("number")
    # other power flows are solved side by side, so the last digits may differ
    assert np.allclose(
        numbers, pieces["cases"][numbers.columns], atol=1e-6, equal_nan=True
    )
    assert whole["cases"]["v_high_pu_when"].equals(pieces["cases"]["v_high_pu_when"])


def test_every_variant_sees_the_same_pv() -> None:
    cases = solve_shard(prepare(FEEDER, CONFIG), Shard(0, 25))["cases"]
    by_variant = cases.pivot(
        index=["level_pct", "deployment"], columns="variant", values="pv_kw"
    )
    assert by_variant.eq(by_variant["base"], axis=0).all(axis=None)


def test_locked_controls_stay_where_they_rest_without_pv() -> None:
    cases = solve_shard(prepare(FEEDER, CONFIG), Shard(0, 25))["cases"].set_index(
        ["variant", "level_pct", "deployment"]
    )["v_max_pu"]
    base, locked = cases["base"], cases["controls-locked"]
    assert np.allclose(base[0.0], locked[0.0])
    assert (
        locked[100.0] > base[100.0] + 1e-4
    ).mean() > 0.5  # regulators would lower the voltage
