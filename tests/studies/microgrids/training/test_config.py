"""Settings that follow from others."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from tieline.studies.microgrids.training.config import (
    LearnerConfig,
    MicrogridsTrainingConfig,
)


def test_a_trust_region_is_as_large_as_its_stride() -> None:
    # KL of a mean that moves by s at a spread sigma: (s / sigma)^2 / 2
    config = LearnerConfig(stride=0.07, spread=0.005)
    assert config.delta == pytest.approx(98.0)
    assert config.update_config(0, 4.0).delta == pytest.approx(98.0)


def test_strides_become_shorter() -> None:
    config = LearnerConfig(updates=100)
    half = config.update_config(50, 4.0).delta
    assert half == pytest.approx(config.delta / 4)
    assert config.update_config(99, 4.0).delta == pytest.approx(config.delta / 400)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"graph": "star"}, "graph .star. has no meaning for steps_by central"),
        ({"engine": "ray", "steps_by": "barrier"}, "engine .ray. has no meaning"),
        ({"window_steps": 25, "step_minutes": 60}, "beyond a day.*at most 24"),
    ],
)
def test_what_would_be_passed_over_is_refused(
    values: dict[str, object], words: str
) -> None:
    with pytest.raises(ValidationError, match=words):
        MicrogridsTrainingConfig.model_validate(values)
    MicrogridsTrainingConfig.model_validate({"graph": "star", "steps_by": "consensus"})


def test_seeds_of_trainings() -> None:
    assert MicrogridsTrainingConfig(seed=7, trainings=3).seeds == [7, 8, 9]
