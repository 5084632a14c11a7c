"""A task with fewer actions: the rest stays where it is held, and nothing else changes."""

from __future__ import annotations

import numpy as np
import pytest

from counter_task import CounterTask
from tieline.envs.fewer_actions import FewerActions
from tieline.errors import InputError

SEEDS = np.array([3, 4])


def test_what_is_not_set_is_held():
    narrow = FewerActions(CounterTask(), ("right",), np.array([0.5, 0.0]))
    assert narrow.action.names == ("right",)
    outcome = narrow.advance(narrow.start(SEEDS), np.array([[1.0], [-1.0]]))
    assert outcome.terms[:, 0].tolist() == [3.0 + 1.5, 4.0 - 0.5]


def test_it_is_another_task_to_a_policy():
    whole = CounterTask()
    narrow = FewerActions(whole, ("right",), np.zeros(2))
    assert narrow.signature != whole.signature


def test_a_group_that_is_not_there_is_refused():
    with pytest.raises(InputError, match="has no action of up"):
        FewerActions(CounterTask(), ("up",), np.zeros(2))


def test_what_cannot_be_held_is_refused():
    with pytest.raises(InputError, match="within the bounds"):
        FewerActions(CounterTask(), ("left",), np.array([0.0, 3.0]))
