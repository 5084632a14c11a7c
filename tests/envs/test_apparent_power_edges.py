"""Lines around circles: which circles matter, and how tight the lines are."""

from __future__ import annotations

import numpy as np
import pytest

from tieline.envs.apparent_power_edges import N_EDGES, circled_ders, edges
from tieline.envs.box import Box
from tieline.envs.set_point_entries import Entries

# P and Q of DER 0 in 60 kVA; of DER 1, whose box lies inside its circle; Q of DER 2 alone
ENTRIES = Entries(
    np.array([0, 0, 1, 1, 2]),
    np.array([False, True, False, True, True]),
    np.array([60.0, 60.0, 30.0, 40.0, 20.0]),
)
KVA = np.array([60.0, 50.0, 20.0])
ACTION = Box.of(tuple("abcde"), -1.0, 1.0)


def test_only_a_corner_outside_needs_lines() -> None:
    assert circled_ders(ENTRIES, ACTION, KVA).tolist() == [0]
    lines = edges(ENTRIES, ACTION, KVA)
    assert lines.shape == (N_EDGES, 5)
    assert (lines[:, 2:] == 0).all()


def test_the_circle_is_inside_and_its_neighbourhood_outside() -> None:
    lines = edges(ENTRIES, ACTION, KVA)
    angle = np.linspace(0, 2 * np.pi, 1000)
    circle = np.zeros((1000, 5))
    circle[:, 0] = np.cos(angle)
    circle[:, 1] = np.sin(angle)
    reached = (circle @ lines.T).max(axis=1)
    assert reached.max() <= 1 + 1e-12
    assert reached.min() == pytest.approx(np.cos(np.pi / N_EDGES), abs=1e-5)
