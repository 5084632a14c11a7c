"""The forward pass against an independent computation, and policies on tasks they were not made for."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from tieline.agents.policy import Policy
from tieline.envs import Task, make_task
from tieline.errors import InputError, ShapeError


@pytest.fixture(scope="module")
def task() -> Task[Any]:
    return make_task("reserve")


def random_policy(
    task: Task[Any], hidden: tuple[int, ...] = (5, 3), seed: int = 0, **changes: Any
) -> Policy:
    """A policy with random weights."""
    random = np.random.default_rng(seed)
    sizes = (task.observation.size, *hidden, task.action.size)
    layers = [
        (random.normal(size=(a, b)), random.normal(size=b)) for a, b in pairwise(sizes)
    ]
    values: dict[str, Any] = {
        "mean": random.normal(size=sizes[0]),
        "scale": random.uniform(0.5, 2.0, sizes[0]),
        **changes,
    }
    return Policy.of(task, values.pop("layers", layers), **values)


@pytest.mark.parametrize(
    ("activation", "function"), [("relu", lambda x: max(x, 0.0)), ("tanh", math.tanh)]
)
def test_forward_pass_number_by_number(
    task: Task[Any], activation: str, function: Any
) -> None:
    policy = random_policy(task, activation=activation)
    observation = np.random.default_rng(1).normal(size=(2, task.observation.size))
    for row, free in zip(observation, policy.free(observation), strict=True):
        x = [
            (value - mean) / scale
            for value, mean, scale in zip(row, policy.mean, policy.scale, strict=True)
        ]
        for k, (weight, bias) in enumerate(policy.layers):
            x = [
                sum(x[i] * weight[i, j] for i in range(len(x))) + bias[j]
                for j in range(len(bias))
            ]
            x = [function(value) for value in x] if k < len(policy.layers) - 1 else x
        assert free == pytest.approx(x, rel=1e-12)


def test_actions_can_be_carried_out(task: Task[Any]) -> None:
    state = task.start(np.arange(50))
    shares = random_policy(task).bind(task).act(task.observe(state))
    assert (shares * state.capacity_kw).sum(axis=1) == pytest.approx(
        state.request_kw, abs=1e-9
    )


def test_the_sigmoid_head_is_a_sigmoid(task: Task[Any]) -> None:
    policy = random_policy(task, head="sigmoid")
    observation = task.observe(task.start(np.arange(3)))
    assert policy.bind(task).act(observation) == pytest.approx(
        1 / (1 + np.exp(-policy.free(observation)))
    )


@pytest.mark.parametrize(
    ("other", "message"),
    [
        (
            {"feeder": "ieee13", "ders": ("671", "675", "634", "611.3")},
            r"for feeder 'ieee34' and is asked .* for 'ieee13'",
        ),
        (
            {"ders": ("844", "890")},
            r"action entries \[.*822.1\] and .* \[wanted_share at 844, wanted_share at 890\]",
        ),
        ({"loss_weight": 2.0}, r"other settings .* fingerprint"),
    ],
)
def test_another_task_is_refused_with_both_sides(
    task: Task[Any], other: dict[str, Any], message: str
) -> None:
    with pytest.raises(
        InputError, match=message + r".*train one for task 'reserve' on feeder"
    ):
        random_policy(task).bind(make_task("reserve", **other))


def test_observation_of_another_width(task: Task[Any]) -> None:
    with pytest.raises(ShapeError, match=r"\(4, 2\); expected \(episode, 9\)"):
        random_policy(task).bind(task).act(np.zeros((4, 2)))


def test_everything_that_does_not_fit_is_listed(task: Task[Any]) -> None:
    layers = [(np.zeros((9, 3)), np.zeros(3)), (np.full((3, 2), np.nan), np.zeros(2))]
    with pytest.raises(InputError) as caught:
        random_policy(
            task,
            layers=layers,
            activation="gelu",
            head="none",
            scale=-1.0,
            provenance={"seeds": [1, 2]},
        )
    for part in (
        "'gelu'",
        "'none'",
        "gives 2 numbers, the task takes 4",
        "weight of layer 1",
        "above 0",
        "'seeds' is no plain",
    ):
        assert part in str(caught.value)
    with pytest.raises(
        InputError,
        match=r"layer 1 has weight \(4, 4\) and bias \(4,\), but 3 numbers enter",
    ):
        random_policy(
            task,
            layers=[(np.zeros((9, 3)), np.zeros(3)), (np.zeros((4, 4)), np.zeros(4))],
        )
