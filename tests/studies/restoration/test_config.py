"""What cannot be asked is refused by name, all findings together."""

from __future__ import annotations

import pytest

from tieline.errors import InputError
from tieline.studies.config import make_config
from tieline.studies.restoration.config import RestorationConfig


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"scenarios": "perfekt,late"}, "Unknown scenario 'perfekt'"),
        ({"scenarios": ""}, "name one scenario at least"),
        ({"deciders": ""}, "name one decider at least"),
        ({"deciders": "mpc8,foo"}, "Did you mean 'mpc-8'.*Unknown decider 'foo'"),
        ({"scenarios": "own"}, "scenario own needs a table"),
        ({"available_table": "sun.csv"}, "only scenario own reads it"),
        ({"policy": "here", "deciders": "hold"}, "only imitation.* ask policies"),
        ({"step_minutes": 7}, "does not divide an hour"),
        ({"highest_pu": "off"}, "highest_pu cannot be off"),
        ({"limits": "anis-a"}, "limits must be 'standard'"),
        ({"limits": "high-voltage-only"}, "says nothing of lowest_pu.*Give lowest_pu"),
    ],
)
def test_what_cannot_be_asked(values: dict, message: str) -> None:
    with pytest.raises(InputError, match=message):
        make_config(RestorationConfig, values)


def test_a_profile_without_a_limit_does_with_a_number_for_it() -> None:
    values = {"limits": "high-voltage-only", "lowest_pu": 0.9}
    config = make_config(RestorationConfig, values)
    assert config.limit_numbers.band_pu == (0.9, 1.05)


def test_a_scenario_that_is_named_twice_is_asked_once() -> None:
    config = make_config(RestorationConfig, {"scenarios": "late, perfect, late"})
    assert config.scenarios == ("late", "perfect")
