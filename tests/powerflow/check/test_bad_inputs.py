"""A power that is no number is named with its device, whichever way it came in."""

from __future__ import annotations

import numpy as np
import pytest

from tieline import load_feeder
from tieline.errors import NotConvergedError


def test_the_load_without_a_number_is_named() -> None:
    feeder = load_feeder("ieee13")
    with pytest.raises(NotConvergedError, match="infinite: kW of load '646'"):
        feeder.solve(load_kw={"646": np.nan})


def test_of_a_batch_each_scenario_names_its_own() -> None:
    feeder = load_feeder("ieee13").with_pv("671", kw=100, name="roof")
    der_kvar = [[0.0], [np.inf]]
    solution = feeder.solve(der_kw=[[100.0], [np.nan]], der_kvar=der_kvar)
    assert list(solution.reasons) == [1]
    assert "kW of pv 'roof'" in solution.reason(1)


def test_another_input_has_the_general_reason() -> None:
    feeder = load_feeder("ieee13")
    with pytest.raises(NotConvergedError, match="power, tap, switch or source"):
        feeder.solve(source_pu=np.nan)
