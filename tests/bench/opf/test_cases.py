"""The questions follow their rule, the same for the same seed."""

from __future__ import annotations

import numpy as np
import pytest

from builders import random_feeder, two_bus
from tieline.bench.opf.cases import DER_SHARE, ask, with_generators
from tieline.errors import InputError
from tieline.feeders import load_feeder


def test_generators_by_the_rule() -> None:
    feeder = with_generators(load_feeder("ieee123"), 30, np.random.default_rng(0))
    assert len({generator.bus for generator in feeder.generators}) == 30
    assert all(generator.nodes == (1, 2, 3, 0) for generator in feeder.generators)
    assert 0.8 * sum(
        generator.rated_kva for generator in feeder.generators
    ) == pytest.approx(DER_SHARE * feeder.peak_load_kw)
    again, other = (
        with_generators(load_feeder("ieee123"), 30, np.random.default_rng(seed))
        for seed in (0, 1)
    )
    assert again == feeder
    assert other != feeder


def test_boxes_lie_inside_circles() -> None:
    problem = ask(load_feeder("ieee33"), 4, seed=3, n_later=2).problem
    corner = np.hypot(
        problem.ders.p_max_kw,
        np.maximum(problem.ders.q_max_kvar, -problem.ders.q_min_kvar),
    )
    assert corner[0] == pytest.approx(problem.ders.kva)


def test_limits_are_widened_where_they_cannot_be_kept() -> None:
    question = ask(
        two_bus(p_kw=40_000.0, q_kvar=20_000.0, r_ohm=0.8), 1, seed=0, n_later=1
    )
    assert question.v_range_pu[0] < 0.95
    assert question.v_range_pu[1] == 1.05
    assert ask(two_bus(), 1, seed=0, n_later=1).v_range_pu == (0.95, 1.05)


def test_later_loads_are_a_little_less() -> None:
    question = ask(random_feeder(0, 8), 2, seed=0, n_later=3)
    ratio = np.array(
        [
            later.steps.load_kw / question.problem.steps.load_kw
            for later in question.next_problems
        ]
    )
    assert ((ratio >= 0.95) & (ratio <= 1.0)).all()
    assert np.ptp(ratio) > 0.01


def test_too_many_generators_are_refused() -> None:
    with pytest.raises(InputError, match="has 1 buses for generators; asked for 2"):
        ask(two_bus(), 2, seed=0, n_later=1)
