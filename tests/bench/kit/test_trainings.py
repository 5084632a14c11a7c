"""Learners: what they are asked for by."""

from __future__ import annotations

import shlex

import pytest

from tieline.bench.kit.trainings import Learner


@pytest.mark.parametrize(
    ("name", "option"),
    [
        ("PPO", "ppo"),
        ("IPPO, limits priced", "ippo-limits-priced"),
        ("PPO, tieline's", "ppo-tielines"),
    ],
)
def test_an_option_needs_no_quotes(name: str, option: str) -> None:
    learner = Learner(name, "", "jax", "learn", 1, lambda *_: [])
    assert learner.option == option
    assert shlex.quote(option) == option
