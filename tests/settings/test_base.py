"""What every model of a configuration refuses."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import Field, ValidationError

from tieline.settings import Settings


class Sample(Settings):
    """A field of every kind."""

    count: int = Field(default=1, ge=1)
    share: float | None = None
    parts: tuple[float, ...] = ()
    on: bool = False


@pytest.mark.parametrize(
    "values",
    [
        {"count": True},
        {"count": 1.5},
        {"share": False},
        {"share": float("nan")},
        {"share": float("inf")},
        {"parts": [1.0, True]},
        {"unknown": 1},
    ],
)
def test_what_is_no_number_is_refused(values: dict[str, Any]):
    with pytest.raises(ValidationError):
        Sample(**values)


def test_numbers_and_truth_are_taken_as_they_are():
    sample = Sample(count=2, share=1, parts=(1, 2.5), on=True)
    assert (sample.count, sample.share, sample.parts, sample.on) == (
        2,
        1.0,
        (1.0, 2.5),
        True,
    )
