"""The ladder: limits watched, DERs called, all of them, an error that names limit and minute."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from minute_cases import ieee69_minute
from tieline.opf.balancing import UnmetLimitsError, Watched, clear, clear_surely

pytest.importorskip("highspy")

FEW = np.array([[1, 0, 0, 0], [0, 0, 1, 0]], dtype=bool)
"""DER 56 for A, 66 for B."""


def test_nothing_is_added_where_the_chosen_do() -> None:
    clearing = clear_surely(ieee69_minute(20, 5, None, chosen=FEW))
    assert clearing.fallbacks == ()
    assert clearing.p_kw == pytest.approx([20, 0, 5, 0])


def test_idle_ders_are_called_before_the_main_feeder() -> None:
    few = clear(ieee69_minute(50, 30, None, chosen=FEW))
    assert few.bought_kw.sum() == pytest.approx(20)
    clearing = clear_surely(few.minute)
    assert clearing.bought_kw.sum() == pytest.approx(0)
    assert clearing.fallbacks == ("called 1 DERs more",)


def test_those_next_in_line_come_first() -> None:
    asked = {"chosen": FEW, "neighbours": np.zeros((0, 2), dtype=int)}
    by_cost = clear_surely(ieee69_minute(35, 0, None, **asked))
    asked["next_ders"] = ((2, 1), (3,))
    by_policy = clear_surely(ieee69_minute(35, 0, None, **asked))
    assert by_cost.share_kw[0] == pytest.approx([30, 5, 0, 0])
    assert by_policy.share_kw[0] == pytest.approx([30, 0, 5, 0])


def test_a_broken_limit_is_watched() -> None:
    minute = ieee69_minute(45, 10, 0.2)
    all_limits = Watched.all_of(minute.limits, 2)
    blind = Watched(all_limits.points, all_limits.flows & False)
    clearing = clear_surely(dataclasses.replace(minute, watched=blind))
    assert clearing.keeps_limits
    assert clearing.fallbacks == ("watched limit of line 'branch_10' forward too",)


def test_a_limit_beyond_the_chosen_calls_more() -> None:
    clearing = clear_surely(ieee69_minute(45, 10, 0.2, chosen=FEW))
    assert clearing.keeps_limits
    assert clearing.fallbacks
    assert clearing.p_kw[2:] == pytest.approx([30, 25.78], abs=0.01)


def test_beyond_all_ders_the_error_names_limit_and_minute() -> None:
    minute = ieee69_minute(50, 12, 0.2, chosen=FEW, label="minute 07:31")
    with pytest.raises(UnmetLimitsError) as error:
        clear_surely(minute)
    assert "minute 07:31" in str(error.value)
    assert "limit of line 'branch_10' forward" in str(error.value)
    assert str(error.value).endswith("add DERs: all that may serve are called.")
    assert error.value.exit_code == 3
