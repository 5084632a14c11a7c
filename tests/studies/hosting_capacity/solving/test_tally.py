"""What a tally keeps of blocks made by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from builders import two_bus
from tieline.powerflow.outcome import Outcome
from tieline.studies.hosting_capacity.config import HostingCapacityConfig
from tieline.studies.hosting_capacity.solving.tally import Block, Tally
from tieline.studies.hosting_capacity.world.setting import prepare

# voltages of (deployment, level, step, bus): one deployment, 0 / 50 / 100 %, two steps, buses a and b; the limit is 1.05
V_PU = np.array(
    [
        [
            [[1.0, 1.0], [1.0, 1.06]],
            [[1.0, 1.04], [1.0, 1.07]],
            [[1.0, 1.08], [1.0, 1.09]],
        ]
    ]
)
LEVELS_PCT = np.array([[0.0, 50.0, 100.0]])
ONE = np.array([0])
CONFIG = HostingCapacityConfig(limits="high-voltage-only", step_pct=50.0, what_if="off")


def tables(steps: list[slice]) -> dict:
    snapshot = prepare(two_bus(), CONFIG)
    setting = replace(snapshot, timeline=replace(snapshot.timeline, times=_hours()))
    tally = Tally(setting, (1, 3), keep_buses=True)
    for part in steps:
        v = V_PU[:, :, part]
        whole = np.full(v.shape[:3], Outcome.CONVERGED)
        tally.add(Block(part.start, v, (v,), np.full(v.shape[:3], 2.0), whole))
    return tally.tables("base", ONE, LEVELS_PCT, np.array([[0.0, 500.0, 1000.0]]))


def _hours() -> pd.DatetimeIndex:
    return pd.date_range("2025-06-21", periods=2, freq="h", tz="UTC")


@pytest.mark.parametrize(
    "steps", [[slice(0, 2)], [slice(0, 1), slice(1, 2)], [slice(1, 2), slice(0, 1)]]
)
def test_points_that_break_without_pv_must_not_get_worse(steps: list[slice]) -> None:
    found = tables(steps)
    cases = found["cases"]
    # bus b has 1.06 pu at the second step without PV: there it must keep that, and a thousandth of 1.05 pu more
    assert cases["v_high_pu_points"].tolist() == [0, 1, 2]
    told_pu = [1.05 - 0.00105, 1.05 + 0.01 - 0.00105, 1.08]
    assert cases["v_high_pu"].tolist() == pytest.approx(told_pu)
    assert cases["v_high_pu_at"].iloc[2] == "b.1"
    assert cases["v_high_pu_when"].iloc[2] == "2025-06-21T00:00+00:00"
    assert cases["violating_steps"].tolist() == [0, 1, 2]
    # what was there, judged or not
    assert cases["v_max_pu"].tolist() == pytest.approx([1.06, 1.07, 1.09])
    assert cases["loss_kw"].tolist() == [2.0, 2.0, 2.0]
    base = found["base"].set_index("place")
    assert base.loc["b.1", ["points", "worst"]].tolist() == pytest.approx([1, 1.06])
    assert len(base) == 1
    is_critical = found["buses"]["critical"].tolist()
    assert is_critical == [False, False, False, True, False, True]


def test_a_step_without_answer_makes_the_case_unanswered() -> None:
    setting = prepare(two_bus(), CONFIG)
    tally = Tally(setting, (1, 3), keep_buses=True)
    v = V_PU[:, :, :1].copy()
    v[0, 2] = np.nan
    outcome = np.array([[[Outcome.CONVERGED], [Outcome.CONVERGED], [Outcome.DIVERGED]]])
    tally.add(Block(0, v, (v,), v[..., 0], outcome))
    found = tally.tables("base", ONE, LEVELS_PCT, np.zeros((1, 3)))
    assert found["cases"]["converged"].tolist() == [True, True, False]
    assert found["cases"]["unsolved_why"].tolist() == [0, 0, Outcome.DIVERGED]
    assert np.isnan(found["cases"]["v_max_pu"].iloc[2])
    assert len(found["buses"]) == 4


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_the_first_step_without_answer_is_kept_in_any_order_of_blocks(
    order: tuple[int, int],
) -> None:
    snapshot = prepare(two_bus(), CONFIG)
    setting = replace(snapshot, timeline=replace(snapshot.timeline, times=_hours()))
    tally = Tally(setting, (1, 3), keep_buses=True)
    why = (Outcome.CONTROL_LIMIT, Outcome.DIVERGED)
    v = np.full((1, 3, 1, 2), np.nan)
    for step in order:
        tally.add(Block(step, v, (v,), v[..., 0], np.full((1, 3, 1), why[step])))
    cases = tally.tables("base", ONE, LEVELS_PCT, np.zeros((1, 3)))["cases"]
    assert set(cases["unsolved_when"]) == {"2025-06-21T00:00+00:00"}
    assert set(cases["unsolved_why"]) == {int(Outcome.CONTROL_LIMIT)}


def test_where_nothing_was_solved_before_pv_nobody_is_blamed() -> None:
    setting = prepare(two_bus(), CONFIG)
    tally = Tally(setting, (1, 3), keep_buses=True)
    v = V_PU[:, :, 1:].copy()  # 1.06, 1.07, 1.09 pu at bus b
    v[0, 0] = np.nan
    outcome = np.array([[[Outcome.DIVERGED], [Outcome.CONVERGED], [Outcome.CONVERGED]]])
    tally.add(Block(0, v, (v,), v[..., 0], outcome))
    found = tally.tables("base", ONE, LEVELS_PCT, np.zeros((1, 3)))
    assert found["cases"]["v_high_pu_points"].tolist() == [0, 0, 0]
    assert found["base"].empty


def test_a_reading_at_its_limit_does_not_break_it_by_rounding() -> None:
    setting = prepare(two_bus(), CONFIG)
    tally = Tally(setting, (1, 3), keep_buses=True)
    v = np.ones((1, 3, 1, 2))
    v[0, 1:, 0, 1] = 1.05 + 1e-8, 1.05 + 1e-5
    tally.add(Block(0, v, (v,), v[..., 0], np.full(v.shape[:3], Outcome.CONVERGED)))
    assert tally.tables("base", ONE, LEVELS_PCT, np.zeros((1, 3)))["cases"][
        "v_high_pu_points"
    ].tolist() == [0, 0, 1]
