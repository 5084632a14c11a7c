"""What policies were made for."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tieline.agents.window_policies.policies import WindowPolicies
from tieline.errors import InputError

Constant = Callable[[float], WindowPolicies]


def test_policies_of_something_else_are_refused_with_what_differs(
    constant: Constant,
) -> None:
    key = constant(0.0).key
    asked = key.model_copy(update={"window_steps": 8, "feeder": "ieee123"})
    with pytest.raises(InputError) as refusal:
        key.require_same(asked)
    text = str(refusal.value)
    assert "feeder ieee33-microgrids, asked ieee123" in text
    assert "window_steps 4, asked 8" in text
