"""`ReserveModel`: who asks of a feeder without the buses of the published case is told whose they are."""

from __future__ import annotations

import pytest

from tieline.envs.reserve.config import ReserveEnvConfig
from tieline.envs.reserve.model import ReserveModel
from tieline.errors import InputError


def test_places_that_nobody_typed_are_explained() -> None:
    with pytest.raises(InputError, match=r"published case, on ieee34.*--ders"):
        ReserveModel.of(ReserveEnvConfig(feeder="ieee33"))


def test_a_place_that_was_typed_is_not() -> None:
    config = ReserveEnvConfig(feeder="ieee33", ders=("18", "99"))
    with pytest.raises(InputError) as error:
        ReserveModel.of(config)
    assert "published" not in str(error.value)
